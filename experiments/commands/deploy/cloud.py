"""What the commands deploy and undeploy need from a cloud.

Each cloud has a folder here, with a class that has the methods of Cloud; deploy.command creates it from the arguments
of the command line. vertex/ is Google's Vertex AI.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from experiments.commands.trained_run import TrainedRun


class Steps:
    """Announces each step of a deployment and takes it, or only announces it in a dry run.

    Attributes:
        dry_run: whether no step is taken.
    """

    def __init__(self, *, dry_run: bool) -> None:
        self.dry_run = dry_run

    def take(self, description: str, action: Callable[[], Any]) -> Any:
        """Print what the step does, and do it.

        Args:
            description: completes the sentence "would ...".
            action: is not called in a dry run.

        Returns:
            What the action returns; None in a dry run.
        """
        print(f"would {description}" if self.dry_run else description, flush=True)
        return None if self.dry_run else action()


class Cloud(Protocol):
    """A cloud that serves the network of one run at a time.

    A dry run does not call connect, so that it needs neither an account nor the libraries of the cloud. The methods
    raise UserError if the cloud refuses or cannot be reached.
    """

    def connect(self) -> None:
        """Import the libraries of the cloud and find the credentials."""

    def deploy(self, trained_run: TrainedRun, steps: Steps) -> None:
        """Serve the export of a run in place of the run that was served before."""

    def undeploy(self, steps: Steps) -> None:
        """Stop serving."""

    def location(self) -> str:
        """Return the name of what serves, for people and for the console of the cloud."""

    def request_command(self, words: Sequence[str]) -> str:
        """Return the shell command that asks for the answers to words."""

    def undeploy_arguments(self) -> str:
        """Return the arguments of the command undeploy that stop this."""
