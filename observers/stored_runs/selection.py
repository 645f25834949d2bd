"""Selects recorded runs by their ids, ranges of ids, and conditions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from observers.directory.lookup.journal_lookup import last_values
from observers.stored_runs.conditions import Condition, read_conditions
from observers.stored_runs.liveness import status_now
from observers.stored_runs.runs_directory import find_run, id_order, read_runs, run_directories
from observers.stored_runs.stored_run import StoredRun
from observers.system.json_values import parse_float_name
from observers.system.stderr import Warn
from observers.system.untrusted.json_files import garbage_collection_paused
from observers.system.untrusted.opening import is_file_inside

_RANGE = re.compile(r"(\d+)\.\.(\d+)")
_SIMILAR = 0.6  # at least, to be suggested
_MOST_IDS = 100_000  # of a range
_MOST_NAMES = 30  # in an error message


def select_runs(runs: Path, ids: Sequence[str], conditions: str | None, warn: Warn) -> list[Path]:
    """Find the directories of the runs that have one of the ids, and for which all conditions hold.

    Args:
        runs: the directory of the runs.
        ids: ids, and ranges of ids such as 3..9, of which some may be missing; without any, all runs.
        conditions: see observers.stored_runs.conditions; None for no condition.
        warn: called with the runs that cannot be read, for which no condition holds.

    Raises:
        ValueError: neither ids nor conditions are given, or no run is selected.
    """
    if not ids and conditions is None:
        raise ValueError("no run is named: give ids, ranges such as 3..9, or --where CONDITIONS")
    named = {path for item in ids for path in _find(runs, item)}
    if conditions is None:
        return sorted(named, key=lambda path: id_order(path.name))
    with garbage_collection_paused():
        found = [run for run in read_runs(runs, warn) if not ids or run.directory in named]
    return [run.directory for run in fulfilling(found, conditions, runs, are_all=not ids)]


def fulfilling(found: Sequence[StoredRun], conditions: str, runs: Path, *, are_all: bool = True) -> list[StoredRun]:
    """Return the runs for which all conditions hold, at least one.

    None holds for a run with a damaged config, or for one whose metrics are asked for and cannot be read.

    Args:
        found: runs that were read.
        conditions: see observers.stored_runs.conditions.
        runs: their directory.
        are_all: whether these are all runs of the directory.

    Raises:
        ValueError: the conditions cannot be read, name what no run has, or hold for no run.
    """
    read = [run for run in found if not any(damage.startswith("config.json") for damage in run.damage)]
    selected = list(_matching(read, read_conditions(conditions), runs))
    if not selected:
        raise ValueError(f"no run {f'in {runs}' if are_all else 'of these'} has {conditions}")
    return selected


def read_ids(items: Sequence[str]) -> list[int]:
    """Read numbers, and ranges of them such as 3..9.

    Raises:
        ValueError: one of them is neither.
    """
    numbers: list[int] = []
    for item in items:
        span = _RANGE.fullmatch(item) or (_RANGE.fullmatch(f"{item}..{item}") if item.isascii() else None)
        if span is None or not int(span[1]) <= int(span[2]) < int(span[1]) + _MOST_IDS:
            raise ValueError(f"{item} is no id and no range of ids such as 3..9")
        numbers += range(int(span[1]), int(span[2]) + 1)
    return numbers


def values_of(run: StoredRun) -> dict[str, Any]:
    """Return the values that conditions can name: the entries of the config, and what is known of the run.

    An entry within another has the names of both, with a dot between them.
    """
    name = run.directory.name
    meta, experiment = run.entry.get("meta"), run.entry.get("experiment")
    run_id = int(name) if name.isdecimal() else name
    return {
        **dict(_flatten(run.config)),
        "id": run_id,
        "run": run_id,
        "status": status_now(run.entry, directory=run.directory),
        "result": parse_float_name(run.entry.get("result")),
        "experiment": experiment.get("name") if isinstance(experiment, dict) else None,
        "name": experiment.get("name") if isinstance(experiment, dict) else None,
        "comment": meta.get("comment") if isinstance(meta, dict) else None,
        "tag": list(run.notes.tags),
        "note": run.notes.text,
    }


def is_named(item: str, run_id: str) -> bool:
    """Tell whether an id, or a range of ids, names a run."""
    span = _RANGE.fullmatch(item)
    return run_id == item if span is None else run_id.isdecimal() and int(span[1]) <= int(run_id) <= int(span[2])


def _find(runs: Path, item: str) -> list[Path]:
    span = _RANGE.fullmatch(item)
    if span is None:
        return [find_run(runs, item)]
    if int(span[1]) > int(span[2]):
        raise ValueError(f"{item} is not a range of runs: write the smaller id first")
    found = [
        path
        for path in (run_directories(runs) if runs.is_dir() else [])
        if is_named(item, path.name) and is_file_inside(path, "run.json")
    ]
    return found or [find_run(runs, item)]  # which says what there is


def _matching(read: Sequence[StoredRun], conditions: Sequence[Condition], runs: Path) -> Iterator[StoredRun]:
    found = [(run, values_of(run)) for run in read]
    known = {name for _, of_run in found for name in of_run}
    if any(condition.name not in known for condition in conditions):  # metrics take longer to read
        points = [_last_points(run) for run in read]
        found = [(run, last | of_run) for (run, of_run), last in zip(found, points) if last is not None]
        known = {name for _, of_run in found for name in of_run}
    for condition in conditions:
        if condition.name not in known:
            raise ValueError(f"no run in {runs} has {condition.name}{_suggestion(condition.name, known)}")
    for run, of_run in found:
        if all(condition.holds(of_run.get(condition.name)) for condition in conditions):
            yield run


def _last_points(run: StoredRun) -> dict[str, Any] | None:
    """Return the last value of each metric; None if they cannot be read, which read_run has told as damage."""
    try:
        return last_values(run.journal)
    except FileNotFoundError:
        return {}
    except OSError:
        return None


def _flatten(config: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in config.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", parse_float_name(value)


def _suggestion(name: str, known: set[str]) -> str:
    similar = difflib.get_close_matches(name, known, n=1, cutoff=_SIMILAR)
    if similar:
        return f": did you mean {similar[0]}?"
    listed = sorted(known)
    return f"; there are {', '.join(listed[:_MOST_NAMES])}{', ...' * (len(listed) > _MOST_NAMES)}"
