"""Runs on disk: RUNS/<id>/, as Sacred's FileStorageObserver writes them."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sacred.observers import FileStorageObserver, RunObserver


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


def directory_of(observers: Iterable[RunObserver]) -> Path | None:
    """Find the directory of the run that these observers record, None when none of them records it on disk."""
    for observer in observers:
        if isinstance(observer, FileStorageObserver):
            return Path(observer.dir)
    return None


def find_run(runs: Path, run_id: object) -> Path:
    """Find a run by its id.

    Raises:
        ValueError: when there is no such run; the message lists those that there are.
    """
    directory = runs / str(run_id or "").removeprefix(f"{runs}/")
    if run_id and directory.parent == runs and (directory / "run.json").is_file():
        return directory
    ids = sorted((path.parent.name for path in runs.glob("*/run.json")), key=lambda name: (len(name), name))
    known = f"recorded there: {', '.join(ids[-20:])}" if ids else "nothing is recorded there"
    asked = f"there is no run={run_id} in {runs}" if run_id else f"run=<id> names a run in {runs}"
    raise ValueError(f"{asked} ({known})")


def read_json(run: Path, name: str) -> Any:
    """Read one of a run's JSON files, such as `config.json`."""
    return json.loads((run / name).read_text(encoding="utf-8"))
