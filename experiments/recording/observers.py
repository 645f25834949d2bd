"""Attaches the observers that record a run, as the command line and the environment ask for them; says where it is.

They are those of `observers.record`, which gives them to any run of an experiment. Here the options are checked
before, and the command line reports the end of a run, also when a signal comes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.run import Run

from experiments.pipeline.errors import UserError
from experiments.recording.layout import RUNS
from observers.directory.observer import directory_of, unrecorded_of
from observers.mongodb.address import find_address
from observers.mongodb.live import LiveDeliveryObserver
from observers.recorder import make_observers, redact_options
from observers.stored_runs.runs_directory import check_place


def attach_observers(experiment: Experiment, options: dict[str, Any]) -> None:
    """Attach an observer that records in a directory, and one for MongoDB if -m or MONGO_URL names a database.

    Both options are removed, so that Sacred attaches no observers of its own and stores no password. Unless --capture
    asks for a capture of Sacred's, the directory gets a copy of what is printed, and Sacred captures nothing.

    Args:
        experiment: gets the observers.
        options: of the command line; changed in place.

    Raises:
        UserError: a run cannot be recorded in that directory, or the address of MongoDB cannot be read.
    """
    check_storage(options)
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


def check_storage(options: Mapping[str, Any]) -> None:
    """Check that a run can be recorded where the options say.

    Raises:
        UserError: says why it cannot.
    """
    try:
        check_place(Path(options["--file_storage"] or RUNS), options["--id"])
    except ValueError as error:
        raise UserError(error) from error


def describe_record(run: Run) -> str | None:
    """Say in a line how a run has ended and where it is recorded; None if it is not recorded."""
    directory = directory_of(run.observers)
    if directory is None:
        return None
    deliveries = [observer for observer in run.observers if isinstance(observer, LiveDeliveryObserver)]
    delivered = "".join(f", in MongoDB as {each.run_id}" for each in deliveries if each.run_id is not None)
    if not directory.is_dir():
        rest = f"only what had been delivered is recorded{delivered}" if delivered else "nothing is recorded"
        return f"{directory} was removed while the run went on; {rest}"
    unrecorded = unrecorded_of(run.observers)
    without = f", except {', '.join(unrecorded)}" if unrecorded else ""
    return f"{run.status.lower()}; recorded in {directory}{without}{delivered}"
