"""Finds the recorded run that a command works on."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacred.run import Run

from core.network.tasks import TASKS, Task
from core.training.model_files import find_checkpoint_damage, find_model_damage
from experiments.commands.arguments import refuse_config_entries
from experiments.pipeline.errors import UserError
from experiments.recording.layout import EXPORT, MODEL, RUNS
from experiments.recording.outcome import result_of, validation_of
from experiments.recording.resume import command_of_training
from observers.errors import line_of_error
from observers.stored_runs.runs_directory import find_run, read_runs
from observers.stored_runs.stored_run import StoredRun, read_run
from observers.system.stderr import warn
from observers.system.untrusted.opening import is_file_inside

BEST = "best"
"""The id that stands for the completed run with the best validation."""

LATEST = "latest"
"""The id that stands for the last run with a checkpoint, completed or not."""

_EQUALS = 5  # runs that are named beside the best one


@dataclass(frozen=True)
class TrainedRun:
    """A recorded run with a trained network.

    Attributes:
        directory: the directory of the run.
        config: the config of the run.
        uuid: the id of the run on every machine and in MongoDB.
        outcome: how the run ended, with its result.
        result: on the test words; None if there is none.
    """

    directory: Path
    config: Mapping[str, Any]
    uuid: str
    outcome: str
    result: float | None = None

    @property
    def id(self) -> str:
        """The id on the command line."""
        return self.directory.name

    @property
    def task(self) -> Task:
        """The task that the network was trained for."""
        return TASKS[self.config["task"]]

    @property
    def model_dir(self) -> Path:
        """The directory of the checkpoint and the alphabet."""
        return self.directory / MODEL

    @property
    def export_dir(self) -> Path:
        """The directory of the SavedModel."""
        return self.model_dir / EXPORT

    @property
    def summary(self) -> str:
        """One line that identifies the run."""
        config = self.config
        numbers = f"{config.get('min_number')}..{config.get('max_number')}"
        return (
            f"run {self.id}: {config['task']} of {numbers}, head {config.get('head')},"
            f" {config.get('hidden')} units; {self.outcome}"
        )


def find_trained_run(run: Run, run_id: object, task: str) -> TrainedRun:
    """Find the run that a command names.

    Args:
        run: the run of the command itself.
        run_id: an id; BEST, the completed run of the task with the best validation; or LATEST, its last run with a
            checkpoint.
        task: the task of the script.

    Raises:
        UserError: if the command has arguments that it does not take, if there is no such run, or if the run has no
            network.
    """
    refuse_config_entries(run)
    runs = Path(run.meta_info["options"]["--file_storage"] or RUNS)
    try:
        stored, choice = _find(runs, run_id, task)
    except ValueError as error:
        raise UserError(error) from error
    except OSError as error:  # no right to read
        raise UserError(line_of_error(error)) from error
    _check_config(stored, run_id)
    if not _has_checkpoint(stored):
        raise UserError(f"run={run_id} has no checkpoint in {stored.directory / MODEL}; {_repair(stored)}")
    damage = find_checkpoint_damage(stored.directory / MODEL)
    if damage is not None:
        raise UserError(f"run={run_id} has a damaged checkpoint: {damage}")
    trained_run = TrainedRun(stored.directory, stored.config, stored.uuid, _outcome(stored), result_of(stored))
    if run_id in (BEST, LATEST) or trained_run.config["task"] != task:  # the user may think of another run
        print(f"run={run_id} is {trained_run.summary}{choice}", file=sys.stderr)
    return trained_run


def _check_config(stored: StoredRun, run_id: object) -> None:
    """Refuse a run whose config is damaged, or is not one of this project."""
    damage = [line for line in stored.damage if line.startswith("config.json")]
    if damage:
        raise UserError(f"run={run_id} has a damaged config in {stored.directory}: {damage[0]}")
    if "task" not in stored.config:
        raise UserError(f"run={run_id} has a damaged config: {stored.directory / 'config.json'} names no task")
    if stored.config["task"] not in tuple(TASKS):
        raise UserError(f"run={run_id} has task={stored.config['task']!s:.80}, which is not one of {', '.join(TASKS)}")


def _repair(stored: StoredRun) -> str:
    """Say what makes the checkpoint of a run again: the run is trained with the same result."""
    script = f"experiments/{stored.config['task']}.py"
    return f"to train it again: {command_of_training(stored.directory, script)}"


def _find(runs: Path, run_id: object, task: str) -> tuple[StoredRun, str]:
    """Find a run, and describe how it was chosen, if it was."""
    if run_id not in (BEST, LATEST):
        return read_run(find_run(runs, run_id)), ""
    skipped: list[str] = []
    recorded = [run for run in read_runs(runs, skipped.append) if run.config.get("task") == task]
    of_task = [run for run in recorded if _has_checkpoint(run)]
    if run_id == LATEST:
        if not of_task:
            raise ValueError(f"run={LATEST} finds no run of task={task} with a checkpoint in {runs}{_first(skipped)}")
        return of_task[-1], ""
    validations = [(run, validation_of(run)) for run in of_task if run.status == "COMPLETED"]
    candidates = [(run, validation) for run, validation in validations if validation is not None]
    while candidates:
        best, validation = TASKS[task].best(candidates, lambda candidate: candidate[1])
        damage = find_model_damage(best.directory / MODEL)
        if damage is None:
            break
        warn(f"run={BEST} passes over {best.directory}: {damage}")
        candidates = [candidate for candidate in candidates if candidate[0] is not best]
    else:
        without = [run for run in recorded if run.status == "COMPLETED" and not _has_checkpoint(run)]
        lack = f" with a checkpoint: {without[-1].directory} has none; {_repair(without[-1])}" if without else ""
        raise ValueError(f"run={BEST} finds no completed run of task={task} in {runs}{lack}{_first(skipped)}")
    equals = [run.directory.name for run, other in candidates if other == validation and run is not best]
    others = "" if not equals else f", as of run {', '.join(equals[:_EQUALS])}{', ...' if equals[_EQUALS:] else ''}"
    return best, f"; chosen by validation, {TASKS[task].result.replace('_', ' ')} {validation:.4g}{others}"


def _first(skipped: Sequence[str]) -> str:
    """Name the first run that cannot be read, and count the others."""
    further = f", and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f" ({skipped[0]}{further})" if skipped else ""


def _has_checkpoint(run: StoredRun) -> bool:
    return is_file_inside(run.directory, f"{MODEL}/checkpoint")


def _outcome(run: StoredRun) -> str:
    result = result_of(run)
    if result is None:
        return run.status
    return f"{run.status}, {TASKS[run.config['task']].result.replace('_', ' ')} {result:.4g}"
