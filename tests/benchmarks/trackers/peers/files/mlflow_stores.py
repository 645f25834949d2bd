"""MLflow with either of its stores on this machine."""

import time
from collections.abc import Mapping

from tests.benchmarks.trackers.inside.work import Work

READER = ("mlflow", "pandas")
_MOST_IN_A_BATCH = 1000


def record(uri: str, work: Work) -> None:
    """Write a run into a store."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    with mlflow.start_run():
        mlflow.log_params({"seed": 1, "hidden": 64})

        def log(step: int, values: Mapping[str, float]) -> None:
            mlflow.log_metrics(dict(values), step=step)

        work(log)


def make_runs(uri: str, runs: int, work: Work) -> None:
    """Write runs in large batches, which log_metrics does not."""
    import mlflow
    from mlflow.entities import Metric, Param

    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    for _ in range(runs):
        points: list[Metric] = []

        def log(step: int, values: Mapping[str, float], points: list[Metric] = points) -> None:
            now = round(1000 * time.time())
            points += [Metric(name, value, now, step) for name, value in values.items()]

        work(log)
        run_id = client.create_run("0").info.run_id
        client.log_batch(run_id, params=[Param("seed", "1"), Param("hidden", "64")])
        for place in range(0, len(points), _MOST_IN_A_BATCH):
            client.log_batch(run_id, metrics=points[place : place + _MOST_IN_A_BATCH])
        client.set_terminated(run_id)


def count(uri: str) -> int:
    """Count the points of all runs."""
    return sum(_histories(uri, name) for name in ("train/loss", "train/accuracy"))


def table(uri: str) -> int:
    """Read the last values of all metrics."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    rows = mlflow.search_runs()
    return len(rows) * sum(column.startswith("metrics.") for column in rows.columns)


def curve(uri: str, name: str) -> int:
    """Read one metric of all runs."""
    return _histories(uri, name)


def _histories(uri: str, name: str) -> int:
    import mlflow

    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient()
    runs = mlflow.search_runs(output_format="list")
    return sum(len(client.get_metric_history(run.info.run_id, name)) for run in runs)
