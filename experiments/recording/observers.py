"""Attaches the observers that record a run, as the command line and the environment ask for them.

They are those of `observers.record`, which gives them to any run of an experiment. Here the command line checks a run
before, and reports its end, also when a signal comes.
"""

from typing import Any

from sacred import Experiment

from experiments.pipeline.errors import UserError
from experiments.recording.layout import RUNS
from observers.mongodb.address import find_address
from observers.recorder import make_observers, redact_options


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
    try:
        address = find_address(options["--mongo_db"])
    except ValueError as error:
        raise UserError(error) from error
    copy_output = options["--capture"] is None
    if copy_output:
        options["--capture"] = "no"
    experiment.observers += make_observers(options["--file_storage"] or RUNS, address, copy_output=copy_output)
    options["--file_storage"] = options["--mongo_db"] = None
    redact_options(options)
