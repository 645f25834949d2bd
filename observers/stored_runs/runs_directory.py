"""Lists, reads and finds the runs in a directory of runs, in the order of their ids."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from observers.directory.start.ids import MOST_DIGITS
from observers.errors import not_writable
from observers.stored_runs.copies import find_copies_among
from observers.stored_runs.stored_run import StoredRun, read_entry, read_rest
from observers.stored_runs.unfinished import delete_command, may_be_starting, unfinished_deletions, was_never_recorded
from observers.system.shell import typed_path
from observers.system.stderr import Warn
from observers.system.untrusted.equal_parts import EqualParts
from observers.system.untrusted.opening import is_file_inside, open_inside

COMMON = ("experiment", "host")
"""The entries of run.json that many runs have in common: packages, sources, and the machine."""

_MOST_LISTED = 20  # runs, in an error message
_ID = re.compile(rf"0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}}")


def id_order(run_id: object) -> tuple[int, str]:
    """Return the sort key of a run id: numbers in ascending order."""
    return len(str(run_id)), str(run_id)


def run_directories(runs: Path) -> list[Path]:
    """List what may be a run: each entry with a number for its name, and each directory with a run.json; no link.

    Raises:
        OSError: the directory cannot be read.
    """
    return [runs / name for name in _candidates(runs, links=False)]


def read_runs(runs: Path, warn: Warn, remark: Warn | None = None) -> Iterator[StoredRun]:
    """Read all runs, each once, and report those that are skipped or damaged.

    Args:
        runs: the directory of the runs.
        warn: called with a line for each run that is skipped or damaged.
        remark: called with a line for all else that is left out and is no damage: links, copies, starts that were
            killed, and deletions that are not finished. None is `warn`.

    Yields:
        Each run. Runs share what run.json says of their experiment and host if it is the same: do not change it.

    Raises:
        ValueError: there is no such directory.
        OSError: the directory cannot be read.
    """
    if not runs.is_dir():
        raise ValueError(f"{runs} is not a directory of runs")
    remark = remark or warn
    _remark_on_links_and_deletions(runs, remark)
    entries = read_entries(runs)
    copies = find_copies_among(entries.items())
    for directory in list(entries):
        if directory in copies:
            remark(f"{directory} is a copy of {copies[directory]} (the same uuid): left out")
            continue
        try:
            run = read_rest(directory, entries.pop(directory))
        except (ValueError, OSError) as error:
            _report_skipped(directory, error, warn, remark)
            continue
        if run.damage and not is_file_inside(directory, "run.json"):  # deleted since its entry was read
            continue
        for damage in run.damage:
            warn(f"{directory}: {damage}")
        yield run


def read_entries(runs: Path) -> dict[Path, Any]:
    """Read run.json of each run, in the order of their ids; see read_entry.

    What it says of experiment and host is one object where it is equal: do not change it.

    Raises:
        OSError: the directory cannot be read.
    """
    common, entries = EqualParts(*COMMON), {}
    for directory in run_directories(runs):
        entries[directory] = read_entry(directory)
        common.share(entries[directory])
    return entries


def link_lines(runs: Path) -> list[str]:
    """Say of each link in a directory of runs that looks like a run where it leads.

    Raises:
        OSError: the directory cannot be read.
    """
    return [_link_line(runs / name) for name in _candidates(runs, links=True)]


def find_run(runs: Path, run_id: object) -> Path:
    """Find the directory of a run by its id.

    Args:
        runs: the directory of the runs.
        run_id: may also be the path of the run directory.

    Raises:
        ValueError: there is no such run, and the message lists the last ones; or there is no right to read it.
    """
    directory = _named(runs, run_id)
    if directory is not None and directory.is_symlink():
        raise ValueError(f"{_link_line(directory)}: name that run itself")
    if directory is not None and _is_recorded(directory):
        return directory
    ids = [path.name for path in run_directories(runs) if is_file_inside(path, "run.json")] if runs.is_dir() else []
    listed = ["..."] * (len(ids) > _MOST_LISTED) + ids[-_MOST_LISTED:]
    known = f"recorded there: {', '.join(listed)}" if ids else "nothing is recorded there"
    problem = f"there is no run={run_id} in {runs}" if run_id else f"missing run=<id> of a run in {runs}"
    if Path(str(run_id)).is_dir():
        problem += f"; to name the directory of the runs, write -F {typed_path(str(run_id))}"
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
        raise ValueError(f"cannot record runs in {runs}: {not_writable(existing)}")
    if run_id is not None and not _ID.fullmatch(run_id):
        allowed = f"it must be a whole number of at most {MOST_DIGITS} digits without leading zeros"
        raise ValueError(f"id={run_id!r} is not a run id: {allowed}")
    if run_id is not None and (runs / run_id).exists():
        raise ValueError(f"{runs / run_id} exists already, and runs are never overwritten")


def _is_recorded(directory: Path) -> bool:
    try:
        with open_inside(directory, "run.json"):
            return True
    except PermissionError as error:
        raise ValueError(f"{directory}: {error}") from None
    except OSError:
        return False


def _named(runs: Path, run_id: object) -> Path | None:
    """Return the directory that an id names, whether it is there or not; None if it can be no id."""
    name = str(run_id or "").removeprefix(f"{runs}/").rstrip("/")
    if not name or name.startswith((".", "_")) or "/" in name or "\0" in name:
        return None
    return runs / name


def _link_line(link: Path) -> str:
    return f"{link} is a link to {os.path.normpath(link.parent / link.readlink())}"


def _candidates(runs: Path, *, links: bool) -> list[str]:
    """Return the names of what may be runs, in the order of their ids: the links among them, or the others."""
    with os.scandir(runs) as entries:
        found = [entry.name for entry in entries if entry.is_symlink() == links and _may_be_run(entry)]
    return sorted(found, key=id_order)


def _may_be_run(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith((".", "_")):
        return False
    return entry.name.isdecimal() or os.access(f"{entry.path}/run.json", os.F_OK)


def _remark_on_links_and_deletions(runs: Path, remark: Warn) -> None:
    for line in link_lines(runs):
        remark(f"{line}: left out")
    for directory in unfinished_deletions(runs):
        remark(f"{directory}: its deletion is not finished; to finish it: {delete_command(directory)}")


def _report_skipped(directory: Path, error: Exception, warn: Warn, remark: Warn) -> None:
    with suppress(OSError):
        if not os.path.lexists(directory / "run.json") and was_never_recorded(directory):
            if not may_be_starting(directory):
                killed = f"{directory} is a run that was killed before it was recorded"
                remark(f"{killed}; to delete it: {delete_command(directory)}")
            return
    warn(f"skipped {directory}: {error}")
