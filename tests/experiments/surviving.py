"""Says what is untrue about runs after a power cut: what a file promises and another one does not hold."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sacred.dependencies import get_digest

from core.training.model_files import find_checkpoint_damage, find_model_damage
from core.training.state import find_state
from experiments.recording.layout import EXPORT, MODEL
from observers.stored_runs.stored_run import read_run

_JSON = ("run.json", "config.json", "info.json", "metrics.json")


def untruths(runs: Path) -> list[str]:
    """Return a line for everything that is untrue about the runs in a directory."""
    return [
        f"{directory.name}: {line}"
        for directory in sorted(runs.glob("[0-9]*"))
        if (directory / "run.json").exists()
        for line in (*_of_record(runs, directory), *_of_model(directory))
    ]


def _of_record(runs: Path, directory: Path) -> Iterator[str]:
    for name in _JSON:
        try:
            json.loads((directory / name).read_bytes())
        except FileNotFoundError:
            continue  # the start of the run was cut off
        except ValueError:
            yield f"{name} is not whole"
            return
    entry: dict[str, Any] = json.loads((directory / "run.json").read_bytes())
    for name, stored in entry["experiment"]["sources"]:
        source = runs / stored
        if not source.is_file() or get_digest(str(source)) not in source.name:
            yield f"the source {name} is not whole"
    for name in entry["artifacts"]:
        if not (directory / name).is_file() or (directory / name).stat().st_size == 0:
            yield f"the artifact {name} is not whole"
    if entry["status"] == "COMPLETED":
        yield from _of_completed(directory)


def _of_completed(directory: Path) -> Iterator[str]:
    damage = find_model_damage(directory / MODEL)
    if damage is not None:
        yield damage
    if not (directory / MODEL / EXPORT / "saved_model.pb").is_file():
        yield "the export is missing"
    yield from read_run(directory).damage


def _of_model(directory: Path) -> Iterator[str]:
    model_dir = directory / MODEL
    for path in (model_dir / EXPORT).rglob("*"):
        if path.is_file() and path.stat().st_size == 0:
            yield f"{path.name} of the export is empty"
    yield from find_state(model_dir).damage
    if (model_dir / "checkpoint").exists():
        damage = find_checkpoint_damage(model_dir)
        if damage is not None:
            yield damage
        elif (model_dir / "alphabet.txt").stat().st_size == 0:
            yield "the alphabet is empty"
