"""The trackers that are compared, ours first."""

from dataclasses import dataclass

PROJECT = "project"
"""The environment that runs the benchmark."""


@dataclass(frozen=True)
class Tracker:
    """One way to record runs.

    Attributes:
        title: in the table.
        peer: its module in `peers`.
        environment: in which it records, see environments.toml.
        reader: the environment in which its runs are read, empty if only its service can.
        server: whether it needs MongoDB.
    """

    title: str
    peer: str
    environment: str
    reader: str = ""
    server: bool = False

    @property
    def name(self) -> str:
        """Its name on the command line."""
        return self.peer.rpartition(".")[2]


TRACKERS = {
    tracker.name: tracker
    for tracker in (
        Tracker("here, directory", "sacred.ours", "observers", PROJECT),
        Tracker("here, with MongoDB", "sacred.ours_mongodb", "observers", PROJECT, server=True),
        Tracker("Sacred, FileStorageObserver", "sacred.file_observer", "sacred", "incense"),
        Tracker("Sacred, MongoObserver", "sacred.mongo_observer", "sacred", "incense", server=True),
        Tracker("Trackio", "offline.trackio", "trackio", "trackio"),
        Tracker("PyTorch, SummaryWriter", "files.pytorch", "pytorch", "pytorch"),
        Tracker("TensorBoardX", "files.tensorboardx", "tensorboardx", "tensorboardx"),
        Tracker("Neptune, offline", "offline.neptune", "neptune"),
        Tracker("W&B, offline", "offline.wandb", "wandb"),
        Tracker("Aim", "offline.aim", "aim", "aim"),
        Tracker("ClearML, offline", "offline.clearml", "clearml"),
        Tracker("MLflow, files", "files.mlflow_files", "mlflow", "mlflow"),
        Tracker("MLflow, SQLite", "files.mlflow_sqlite", "mlflow", "mlflow"),
        Tracker("DVCLive", "files.dvclive", "dvclive", "dvclive"),
    )
}
