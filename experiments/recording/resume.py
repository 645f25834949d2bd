"""Finds the interrupted run that a new run resumes, with the same config."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.training.state import FoundState, find_state
from experiments.pipeline.config import ENTRIES, complete
from experiments.pipeline.errors import UserError
from experiments.recording.layout import MODEL, ROOT
from observers.stored_runs.liveness import is_running
from observers.stored_runs.runs_directory import find_run
from observers.stored_runs.stored_run import read_run
from observers.system.shell import typed_path, typed_script, typed_storage
from observers.system.stderr import warn


def find_saved_state(directory: Path) -> FoundState:
    """Find the state that a run has left to resume from, and what is damaged about later ones."""
    return find_state(directory / MODEL)


def can_be_resumed(directory: Path) -> bool:
    """Tell whether a run has left a whole state to resume from."""
    return find_saved_state(directory).state is not None


def command_of_training(directory: Path, script: str | Path) -> str:
    """Return the command that trains a recorded run again, as the user types it.

    Args:
        directory: of the run.
        script: that trains it, by its path below the root of the project.
    """
    return (
        f"{typed_script(ROOT / script)} with {typed_path(directory / 'config.json')}{typed_storage(directory.parent)}"
    )


def with_parent(
    updates: Mapping[str, Any], named_configs: Sequence[str], runs: Path, script: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a training that resumes a run the config of that run, and say in its info which one it is.

    Warns if the last state of that run is damaged and an older one takes its place.

    Args:
        updates: config entries by name; `resume` is the id of an interrupted run.
        named_configs: named configs and config files.
        runs: the directory of runs.
        script: that shall resume the run, by its recorded name.

    Returns:
        The config entries, without `resume`, and what the info of the new run begins with.

    Raises:
        UserError: if there is no such run, it is completed or still running, or it has left no whole state; or if
            anything else is set.
    """
    if "resume" not in updates:
        return dict(updates), {}
    further = [*named_configs, *(name for name in updates if name != "resume")]
    if further:
        raise UserError(f"resume= takes the config of the run: remove {further[0]}")
    try:
        run = read_run(find_run(runs, updates["resume"]))
    except ValueError as error:
        raise UserError(f"resume={updates['resume']}: {error}") from error
    made_by = run.entry.get("experiment", {}).get("mainfile", script)
    if made_by != script:
        raise UserError(f"{run.directory} is a run of {made_by}: resume it with that script")
    if run.status in ("COMPLETED", "DIVERGED"):
        raise UserError(f"{run.directory} is {run.status}: there is nothing to resume")
    if run.status == "RUNNING" and is_running(run.entry, directory=run.directory):
        raise UserError(f"{run.directory} is still running")
    _check_state(run.directory, script)
    config = complete({name: value for name, value in run.config.items() if name in ENTRIES})
    return config, {"parent": {"directory": str(run.directory), "uuid": run.uuid}}


def _check_state(directory: Path, script: str) -> None:
    """Refuse a run without a whole state, and warn of damage to its last one."""
    found = find_saved_state(directory)
    if found.state is not None:
        for damage in found.damage:
            warn(f"{damage}; resumes from the state of step {found.state.step}, which is whole")
        return
    anew = f"start it anew: {command_of_training(directory, script)}"
    if found.damage:
        raise UserError(f"{directory} cannot be resumed: {'; '.join(found.damage)}; {anew}")
    raise UserError(f"{directory} has no saved state; {anew}")
