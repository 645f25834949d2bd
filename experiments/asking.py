"""Finds the run that is asked, and the words that it is asked."""

import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sacred.run import Run

from core.tasks import TASKS
from experiments.recording import RUNS
from experiments.resuming import MODEL
from experiments.settings import RefusedError
from observers.stored_runs import StoredRun, find_run, read_run, read_runs

BEST = "best"

EXPORT = Path("export") / "1"
"""In the directory of the model: the SavedModel, in a version as TensorFlow Serving wants it."""


@dataclass(frozen=True)
class Asked:
    """A run with a network.

    Attributes:
        directory: of the run.
        model_dir: of its checkpoint and alphabet.
        config: of the run.
        uuid: the name of the run everywhere.
        outcome: how the run ended, and its result.
    """

    directory: Path
    model_dir: Path
    config: dict[str, Any]
    uuid: str
    outcome: str

    def described(self) -> str:
        """Say in a line what run it is."""
        config = self.config
        numbers = f"{config.get('min_number')}..{config.get('max_number')}"
        return (
            f"run {self.directory.name}: {config['task']} of {numbers}, head {config.get('head')},"
            f" {config.get('hidden')} units; {self.outcome}"
        )


def find_asked(run: Run, asked: object, task: str, arguments: tuple[str, ...]) -> Asked:
    """Find the run that a command asks.

    Args:
        run: of the command.
        asked: an id, or `best`: the best completed run of the task.
        task: of the script.
        arguments: that the command has; everything else is as it was in the run.

    Raises:
        RefusedError: when there is none, or it has no network that can be asked.
    """
    refuse_others(run, arguments)
    runs = Path(run.meta_info["options"]["--file_storage"] or RUNS)
    try:
        stored = _best(runs, task) if asked == BEST else read_run(find_run(runs, asked))
    except ValueError as error:
        raise RefusedError(error) from error
    if not (stored.directory / MODEL / "checkpoint").is_file():
        raise RefusedError(f"run={asked} has no checkpoint in {stored.directory / MODEL}")
    if stored.config.get("task") not in TASKS:
        known = ", ".join(TASKS)
        raise RefusedError(f"run={asked} is of task={stored.config.get('task')}, which is not known here: {known}")
    found = Asked(stored.directory, stored.directory / MODEL, stored.config, stored.uuid, _outcome(stored))
    if asked == BEST:
        print(f"run={BEST} is {found.described()}", file=sys.stderr)
    return found


def _outcome(stored: StoredRun) -> str:
    result = stored.entry.get("result")
    if not isinstance(result, int | float):
        return stored.status
    return f"{stored.status}, {TASKS[stored.config['task']].result.replace('_', ' ')} {result:.4g}"


def refuse_others(run: Run, arguments: tuple[str, ...]) -> None:
    """Refuse config entries for a command that takes its config from a run.

    Raises:
        RefusedError: says what the command takes.
    """
    further = set(run.meta_info.get("config_updates", ())) - set(arguments)
    if further or run.meta_info["named_configs"]:
        raise RefusedError(f"{run.meta_info['command']} takes {' and '.join(arguments)}; the rest is as in the run")


def asked_words(words: object) -> Iterable[str]:
    """Take words apart at the commas, or take the lines of standard input, as they come.

    Raises:
        RefusedError: when there is no word; standard input that is a terminal is not waited for.
    """
    if words is None:
        lines = _lines() if sys.stdin is not None and not sys.stdin.isatty() else iter(())
        first = next(lines, None)
        if first is None:
            raise RefusedError('which words? words="elf,zwanzig" says, or standard input, one a line')
        return itertools.chain([first], lines)
    parts = words if isinstance(words, list | tuple) else str(words).split(",")  # Sacred makes a tuple of a,b
    asked = [str(part).strip() for part in parts if str(part).strip()]
    if not asked:
        raise RefusedError(f'words={words} names no word: try words="elf,zwanzig"')
    return asked


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _best(runs: Path, task: str) -> StoredRun:
    """Find the completed run with the best result of a task, the first of several."""
    found = [
        run
        for run in read_runs(runs, lambda _: None)
        if run.status == "COMPLETED"
        and run.config.get("task") == task
        and isinstance(run.entry.get("result"), int | float)
        and (run.directory / MODEL / "checkpoint").is_file()
    ]
    if not found:
        raise ValueError(f"run={BEST} finds no completed run of task={task} in {runs}")
    sign = -1 if TASKS[task].higher_is_better else 1
    return min(found, key=lambda run: sign * run.entry["result"])
