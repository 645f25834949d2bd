"""Reads runs from disk, whatever has happened to them."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from observers.files import read_json
from observers.journal import JOURNAL
from observers.process import is_alive

_SHOWN = 20  # runs, of those that there are
_SILENCE = timedelta(minutes=5)  # without a heartbeat, after which a run of another machine is taken for dead


@dataclass(frozen=True)
class StoredRun:
    """What a directory says of a run.

    Attributes:
        directory: of the run.
        entry: run.json.
        config: config.json.
        info: info.json, with the uuid at least.
        damaged: what could not be read, each in a line.
    """

    directory: Path
    entry: dict[str, Any]
    config: dict[str, Any]
    info: dict[str, Any]
    damaged: tuple[str, ...]

    @property
    def uuid(self) -> str:
        """The name of the run, wherever it is recorded."""
        return str(self.entry["uuid"])

    @property
    def status(self) -> str:
        """RUNNING, or how it ended."""
        return str(self.entry["status"])

    @property
    def journal(self) -> Path:
        """The file of its points."""
        return self.directory / JOURNAL


def read_run(directory: Path) -> StoredRun:
    """Read a run.

    Raises:
        ValueError: when it is none, is damaged beyond use, or was recorded without a journal.
    """
    try:
        entry = read_json(directory / "run.json")
    except OSError as error:
        raise ValueError(f"run.json: {error.strerror}") from None
    if not isinstance(entry, dict) or not isinstance(entry.get("status"), str):
        raise ValueError("run.json has no status")
    if not isinstance(entry.get("uuid"), str):
        raise ValueError("run.json has no uuid: another observer has recorded this run")
    damaged: list[str] = []
    config = _read_mapping(directory / "config.json", damaged)
    info = _read_mapping(directory / "info.json", damaged)
    if not (directory / JOURNAL).is_file():
        damaged.append(f"{JOURNAL} is missing")
    return StoredRun(directory, entry, config, {**info, "uuid": entry["uuid"]}, tuple(damaged))


def read_runs(runs: Path, say: Callable[[str], None]) -> Iterator[StoredRun]:
    """Read all runs of a directory, by id, and say what is skipped.

    Raises:
        ValueError: when there is no such directory.
    """
    if not runs.is_dir():
        raise ValueError(f"{runs} is no directory of runs")
    for directory in sorted((path for path in runs.iterdir() if _may_be_run(path)), key=by_id):
        try:
            run = read_run(directory)
        except (ValueError, OSError) as error:
            say(f"skipped {directory}: {error}")
            continue
        for damage in run.damaged:
            say(f"{directory}: {damage}")
        yield run


def check_place(runs: Path, run_id: str | None = None) -> None:
    """Raise a ValueError unless runs can be recorded there, without writing anything.

    Args:
        runs: the directory, which need not exist yet.
        run_id: the id that the run shall have; None leaves it to the observer.
    """
    existing = next(path for path in (runs.absolute(), *runs.absolute().parents) if path.exists())
    if not existing.is_dir():
        raise ValueError(f"{runs} cannot hold runs: {existing} is no directory")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ValueError(f"{runs} cannot hold runs: nothing can be written to {existing}")
    if run_id is not None and not (run_id.isascii() and run_id.isdigit()):
        raise ValueError(f"id={run_id!r} is no id of a run: it is a whole number")
    if run_id is not None and (runs / run_id).exists():
        raise ValueError(f"{runs / run_id} exists already, and no run is ever overwritten")


def find_run(runs: Path, run_id: object) -> Path:
    """Find a run by its id.

    Raises:
        ValueError: when there is no such run; the message lists those that there are.
    """
    directory = runs / str(run_id or "").removeprefix(f"{runs}/")
    if run_id and directory.parent == runs and (directory / "run.json").is_file():
        return directory
    ids = [path.name for path in sorted((path.parent for path in runs.glob("*/run.json")), key=by_id)]
    shown = ["..."] * (len(ids) > _SHOWN) + ids[-_SHOWN:]
    known = f"recorded there: {', '.join(shown)}" if ids else "nothing is recorded there"
    asked = f"there is no run={run_id} in {runs}" if run_id else f"run=<id> names a run in {runs}"
    raise ValueError(f"{asked} ({known})")


def lives(entry: dict[str, Any], now: datetime | None = None) -> bool:
    """Tell whether a run that says RUNNING may be believed.

    Its process has to live; where that cannot be seen, the last heartbeat is at most five minutes ago.

    Args:
        entry: run.json, or the document of MongoDB.
        now: UTC; None is now.
    """
    process = entry.get("process")
    alive = is_alive(process) if isinstance(process, dict) else None
    if alive is not None:
        return alive
    heartbeat = moment(entry.get("heartbeat")) or moment(entry.get("start_time"))
    now = now or datetime.now(UTC).replace(tzinfo=None)
    return heartbeat is not None and now - heartbeat < _SILENCE


def moment(value: Any) -> datetime | None:
    """Read a time, in UTC; None is one that is missing or cannot be read."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def by_id(directory: Path) -> tuple[int, str]:
    """The order of runs: by the number of their id."""
    return len(directory.name), directory.name


def _may_be_run(path: Path) -> bool:
    return path.name.isdecimal() or (not path.name.startswith((".", "_")) and (path / "run.json").exists())


def _read_mapping(path: Path, damaged: list[str]) -> dict[str, Any]:
    try:
        content = read_json(path)
        if isinstance(content, dict):
            return content
        damaged.append(f"{path.name} holds no names and values")
    except FileNotFoundError:
        damaged.append(f"{path.name} is missing")
    except (OSError, ValueError) as error:
        damaged.append(str(error))
    return {}
