"""How good a recorded run is: by its validation, which may choose it, and by its result, which only reports it."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

from core.network.tasks import TASKS
from observers.directory.journal import JOURNAL
from observers.stored_runs.stored_run import StoredRun
from observers.system.untrusted.opening import read_inside


def result_of(run: StoredRun) -> float | None:
    """Return the result on the test words; None if there is none, or another tool recorded something else."""
    return _number(run.entry.get("result"))


def validation_of(run: StoredRun) -> float | None:
    """Return the result measure of the kept checkpoint on the validation words; None if it is not recorded.

    Runs of earlier versions have it in their metrics only.
    """
    recorded = _number(run.info.get("best_validation"))
    task = TASKS.get(str(run.config.get("task")))
    step = run.info.get("best_step")
    if recorded is not None or task is None or not isinstance(step, int):
        return recorded
    try:
        return _logged_value(run.directory, f"validation/{task.result}", step)
    except OSError:  # there is none, or no right to read it
        return None


def _logged_value(directory: Path, name: str, step: int) -> float | None:
    """Return the value of a metric at a step, None if it is not logged.

    Only the lines that may hold it are parsed: `run=best` asks the journals of thousands of runs.
    """
    for line in _lines_with(json.dumps(name).encode(), read_inside(directory, JOURNAL)):
        try:
            point = json.loads(line)
            if (point["name"], point["step"]) == (name, step):
                return _number(point["value"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # a damaged line
    return None


def _lines_with(part: bytes, content: bytes) -> Iterator[bytes]:
    found = content.find(part)
    while found >= 0:
        end = content.find(b"\n", found)
        if end < 0:  # the last line is not whole
            return
        yield content[content.rfind(b"\n", 0, found) + 1 : end]
        found = content.find(part, end)


def _number(value: object) -> float | None:
    """Return a finite number, None in place of anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
