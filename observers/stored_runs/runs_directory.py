"""Lists, reads and finds the runs in a directory of runs, in the order of their ids."""

import os
from collections.abc import Iterator
from pathlib import Path

from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.stderr import Warn

_MOST_LISTED = 20  # runs, in an error message


def id_order(run_id: object) -> tuple[int, str]:
    """Return the sort key of a run id: numbers in ascending order."""
    return len(str(run_id)), str(run_id)


def run_directories(runs: Path) -> list[Path]:
    """List what may be a run: each entry with a number for its name, and each directory with a run.json."""
    return sorted((path for path in runs.iterdir() if _may_be_run(path)), key=lambda path: id_order(path.name))


def read_runs(runs: Path, warn: Warn) -> Iterator[StoredRun]:
    """Read all runs, and report those that are skipped or damaged.

    Raises:
        ValueError: there is no such directory.
    """
    if not runs.is_dir():
        raise ValueError(f"{runs} is not a directory of runs")
    for directory in run_directories(runs):
        try:
            run = read_run(directory)
        except (ValueError, OSError) as error:
            warn(f"skipped {directory}: {error}")
            continue
        for damage in run.damage:
            warn(f"{directory}: {damage}")
        yield run


def find_run(runs: Path, run_id: object) -> Path:
    """Find the directory of a run by its id.

    Args:
        runs: the directory of the runs.
        run_id: may also be the path of the run directory.

    Raises:
        ValueError: there is no such run; the message lists the last ones.
    """
    directory = runs / str(run_id or "").removeprefix(f"{runs}/")
    if run_id and directory.parent == runs and directory.name != ".." and (directory / "run.json").is_file():
        return directory
    found = run_directories(runs) if runs.is_dir() else []
    ids = [path.name for path in found if (path / "run.json").is_file()]
    listed = ["..."] * (len(ids) > _MOST_LISTED) + ids[-_MOST_LISTED:]
    known = f"recorded there: {', '.join(listed)}" if ids else "nothing is recorded there"
    problem = f"there is no run={run_id} in {runs}" if run_id else f"missing run=<id> of a run in {runs}"
    if Path(str(run_id)).is_dir():
        problem += f"; to name the directory of the runs, write -F {run_id}"
    raise ValueError(f"{problem} ({known})")


def check_place(runs: Path, run_id: str | None = None) -> None:
    """Check that a run can be recorded, without writing anything.

    Args:
        runs: the directory of the runs, which need not exist yet.
        run_id: of the run; None if the observer chooses it.

    Raises:
        ValueError: the run cannot be recorded there.
    """
    existing = next(path for path in (runs.absolute(), *runs.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise ValueError(f"cannot record runs in {runs}: {existing} is not a directory")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ValueError(f"cannot record runs in {runs}: {existing} is not writable")
    if run_id is not None and not (run_id.isascii() and run_id.isdigit()):
        raise ValueError(f"id={run_id!r} is not a run id: it must be a whole number")
    if run_id is not None and (runs / run_id).exists():
        raise ValueError(f"{runs / run_id} exists already, and runs are never overwritten")


def _may_be_run(path: Path) -> bool:
    return path.name.isdecimal() or (not path.name.startswith((".", "_")) and (path / "run.json").exists())
