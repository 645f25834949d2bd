"""How good a recorded run is: by its validation, which may choose it, and by its result, which only reports it."""

import math

from core.network.tasks import TASKS
from observers.directory.journal_reader import read_points
from observers.stored_runs.stored_run import StoredRun
from observers.system.untrusted.opening import is_file_inside


def result_of(run: StoredRun) -> float | None:
    """Return the result on the test words; None if there is none, or another tool recorded something else."""
    return _number(run.entry.get("result"))


def validation_of(run: StoredRun) -> float | None:
    """Return the result measure of the kept checkpoint on the validation words; None if it is not recorded.

    Runs of earlier versions have it in their metrics only.
    """
    recorded = _number(run.info.get("best_validation"))
    task = TASKS.get(str(run.config.get("task")))
    if recorded is not None or task is None or not is_file_inside(run.directory, run.journal.name):
        return recorded
    name, step = f"validation/{task.result}", run.info.get("best_step")
    return next(
        (_number(point.value) for point in read_points(run.journal) if (point.name, point.step) == (name, step)), None
    )


def _number(value: object) -> float | None:
    """Return a finite number, None in place of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
