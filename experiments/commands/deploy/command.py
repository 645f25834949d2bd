"""The commands deploy and undeploy: serve the network of a run on Google's Vertex AI, and stop serving it."""

from sacred import Experiment
from sacred.run import Run

from core.data.numerals import number_word
from experiments.commands.arguments import refuse_config_entries
from experiments.commands.deploy.cloud import Cloud, Steps
from experiments.commands.deploy.vertex.arguments import MACHINE, read_bucket, read_machine, read_service
from experiments.commands.deploy.vertex.deployment import VertexAI
from experiments.commands.trained_run import TrainedRun, find_trained_run
from experiments.pipeline.errors import UserError
from observers.system.shell import typed_script

_SAMPLE = (44, 11)  # the numbers in the request that deploy prints


def add_deploy(experiment: Experiment) -> None:
    """Give an experiment the command deploy."""

    @experiment.command(unobserved=True)
    def deploy(  # noqa: PLR0913 - Sacred fills in the arguments
        _run: Run,
        task: str,
        run: str | int | None = None,
        project: object = None,
        bucket: object = None,
        region: object = None,
        name: object = None,
        machine: object = MACHINE,
        dry_run: object = False,
    ) -> None:
        """Serve a run on Google's Vertex AI: deploy with run=<id> project=P bucket=gs://B region=R.

        It costs money until undeploy stops it. run is best or an id. project, bucket=gs://name[/prefix] and region are
        those of Google Cloud; name is that of the model and the endpoint (zahlwort-<task>); machine is the type of
        machine that serves (n1-standard-2); dry_run=True only prints the steps.
        """
        trained_run = find_trained_run(_run, run, task)
        service = read_service(trained_run.task.name, project, region, name)
        vertex = VertexAI(service, bucket=read_bucket(bucket), machine=read_machine(machine))
        steps = Steps(dry_run=read_flag("dry_run", dry_run))
        _deploy(vertex, trained_run, steps, script=typed_script(experiment.mainfile.filename))


def add_undeploy(experiment: Experiment) -> None:
    """Give an experiment the command undeploy."""

    @experiment.command(unobserved=True)
    def undeploy(
        _run: Run,
        task: str,
        project: object = None,
        region: object = None,
        name: object = None,
        dry_run: object = False,
    ) -> None:
        """Stop what deploy has started on Vertex AI: undeploy with project=P region=R."""
        refuse_config_entries(_run)
        vertex = VertexAI(read_service(task, project, region, name))
        _undeploy(vertex, Steps(dry_run=read_flag("dry_run", dry_run)))


def read_flag(name: str, value: object) -> bool:
    """Read True or False.

    Raises:
        UserError: if the value is anything else.
    """
    if not isinstance(value, bool):
        raise UserError(f"{name}={value} is not True or False")
    return value


def _deploy(cloud: Cloud, trained_run: TrainedRun, steps: Steps, *, script: str) -> None:
    """Serve a run, and print a request to it, and the command that stops it."""
    if not (trained_run.export_dir / "saved_model.pb").is_file():
        raise UserError(f"{trained_run.directory} has no export: export with run={trained_run.id} writes it")
    if not steps.dry_run:
        cloud.connect()
    print(trained_run.summary)
    cloud.deploy(trained_run, steps)
    words = [number_word(number, trained_run.config["language"]) for number in _SAMPLE]
    print(f"""
endpoint  {cloud.location()}, which costs money until undeploy stops it
request   {cloud.request_command(words)}
undeploy  {script} undeploy with {cloud.undeploy_arguments()}""")


def _undeploy(cloud: Cloud, steps: Steps) -> None:
    if not steps.dry_run:
        cloud.connect()
    cloud.undeploy(steps)
