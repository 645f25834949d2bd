"""Attaches the observers that record a run, as the command line and the environment ask for them."""

from typing import Any

from sacred import Experiment

from experiments.pipeline.errors import UserError
from experiments.recording.layout import RUNS
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import find_address
from observers.mongodb.live import LiveDeliveryObserver
from observers.redaction import redact


def attach_observers(experiment: Experiment, options: dict[str, Any]) -> None:
    """Attach an observer that records in a directory, and one for MongoDB if -m or MONGO_URL names a database.

    Both options are removed, so that Sacred attaches no observers of its own and stores no password. Unless --capture
    asks for a capture of Sacred's, the directory gets a copy of what is printed, and Sacred captures nothing.

    Args:
        experiment: gets the observers.
        options: of the command line; changed in place.

    Raises:
        UserError: if the address of MongoDB cannot be read.
    """
    copy_output = options["--capture"] is None
    if copy_output:
        options["--capture"] = "no"
    directory = RunDirectoryObserver(options["--file_storage"] or RUNS, copy_output=copy_output)
    experiment.observers.append(directory)
    try:
        address = find_address(options["--mongo_db"])
    except ValueError as error:
        raise UserError(error) from error
    options["--file_storage"] = options["--mongo_db"] = None
    options.update({flag: _redact_option(value) for flag, value in options.items()})
    if address is not None:
        experiment.observers.append(LiveDeliveryObserver(directory, address))


def _redact_option(value: Any) -> Any:
    if isinstance(value, list):
        return [redact(text) for text in value]
    return redact(value) if isinstance(value, str) else value
