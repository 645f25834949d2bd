"""Goes on with a run that was interrupted, as a new run with its config."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.settings import ENTRIES, RefusedError
from observers.stored_runs import find_run, lives, read_run

MODEL = "model"
"""In a run's directory: checkpoints, alphabet, TensorBoard's events."""


@dataclass(frozen=True)
class Parent:
    """The run to go on with.

    Attributes:
        config: of the run, which the new one has as well.
        info: what the new one says of it: its directory and its uuid.
    """

    config: Mapping[str, Any]
    info: Mapping[str, str]


def can_be_resumed(directory: Path) -> bool:
    """Tell whether a run has left a state to go on with."""
    return (directory / MODEL / "last" / "state.json").is_file()


def forget_state(directory: Path) -> None:
    """Remove the state of a run that is recorded as completed."""
    shutil.rmtree(directory / MODEL / "last", ignore_errors=True)


def find_parent(updates: Mapping[str, Any], named_configs: Sequence[str], runs: Path, script: str) -> Parent:
    """Find the run that `resume=<id>` names.

    Args:
        updates: what is to be changed, `resume` among it.
        named_configs: that are asked for.
        runs: the directory of the run.
        script: that is to go on with it, as recorded.

    Raises:
        RefusedError: when there is none, it has ended well or not at all, or has left no state; or when anything
            else is to be changed.
    """
    further = [*named_configs, *(name for name in updates if name != "resume")]
    if further:
        raise RefusedError(f"resume takes the config of the run, and {further[0]} with it would be another run")
    try:
        run = read_run(find_run(runs, updates["resume"]))
    except ValueError as error:
        raise RefusedError(f"resume={updates['resume']}: {error}") from error
    made_by = run.entry.get("experiment", {}).get("mainfile", script)
    if made_by != script:
        raise RefusedError(f"{run.directory} is a run of {made_by}, which can go on with it")
    if run.status in ("COMPLETED", "DIVERGED"):
        raise RefusedError(f"{run.directory} is {run.status}: there is nothing to go on with")
    if run.status == "RUNNING" and lives(run.entry):
        raise RefusedError(f"{run.directory} still runs")
    if not can_be_resumed(run.directory):
        raise RefusedError(f"{run.directory} was ended before it kept a state: begin it again with its config.json")
    config = {name: value for name, value in run.config.items() if name in ENTRIES}
    return Parent(config, {"directory": str(run.directory), "uuid": run.uuid})
