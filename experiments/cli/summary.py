"""Prints everything that a run reports: its examples, its measures, where it is recorded and the next commands.

The progress during training comes from pipeline.progress.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sacred import Experiment
from sacred.run import Run

from core.data.numerals import number_word
from core.data.splits import Split
from experiments.recording.observers import describe_record
from experiments.recording.resume import can_be_resumed
from observers.directory.observer import directory_of
from observers.mongodb.live import LiveDeliveryObserver, naming_of
from observers.system.shell import typed_path, typed_program, typed_script, typed_storage, typed_text


def show_examples(task: str, splits: Mapping[str, Split], seed: int) -> None:
    """Print at the start what the network learns from, and the seed that repeats the run."""
    sizes = ", ".join(f"{name} {len(split.words)}" for name, split in splits.items())
    print(f"{task}, for example {splits['train'].words[0]}; words: {sizes}; seed {seed}")


def show_divergence(error: Exception) -> None:
    """Print that the loss is no longer finite."""
    print(f"Diverged: {error}. A smaller learning_rate may help.")


def show_measures(
    measured: Mapping[str, Mapping[str, float]], splits: Mapping[str, Split], best_step: int, last_step: int
) -> None:
    """Print the measures of each split, and the step of the measured checkpoint."""
    for name, measures in measured.items():
        numbers = splits[name].numbers
        shown = ", ".join(f"{measure.replace('_', ' ')} {value:.4g}" for measure, value in measures.items())
        print(f"{name}: {shown}, on {len(numbers)} numbers from {numbers.min()} to {numbers.max()} never seen")
    print(f"measured with the checkpoint of step {best_step}; training ended at step {last_step}")


def show_end(experiment: Experiment) -> None:
    """Print at the end where the run is recorded, and the next commands; nothing if it is not recorded."""
    run = experiment.current_run
    directory = directory_of(run.observers) if run is not None else None
    if directory is None:
        return
    print(f"\n{describe_record(run)}")
    if directory.is_dir():
        for label, command in _next_commands(Path(experiment.mainfile.filename), directory, run).items():
            print(f"  {label:<10}{command}")


def _next_commands(script: Path, directory: Path, run: Run) -> dict[str, str]:
    """Return what to do with a run, and the command that does it.

    Args:
        script: that recorded it.
        directory: of the run.
        run: which has ended.
    """
    runs, config = typed_path(directory.parent), typed_path(directory / "config.json")
    storage = typed_storage(directory.parent)
    databases = [each.address for each in run.observers if isinstance(each, LiveDeliveryObserver)]
    recorded = storage + "".join(naming_of(address)[1] for address in databases)
    typed, typed_sweep = typed_script(str(script)), typed_script(str(script.with_name("sweep.py")))
    commands = {}
    if can_be_resumed(directory):
        commands["resume"] = f"{typed} with resume={directory.name}{recorded}"
    commands["curves"] = f"{typed_program('tensorboard')} --logdir {runs}"
    words = ",".join(_words(run.config))
    if words and run.status not in ("FAILED", "DIVERGED"):
        commands["predict"] = f"{typed} predict with run={directory.name} words={typed_text(words)}{storage}"
    commands["repeat"] = f"{typed} with {config}{recorded}"
    if run.status == "COMPLETED":
        commands["sweep"] = f"{typed_sweep} {script.stem} {config} hidden=16,32,64 seed=0..2{recorded}"
        commands["compare"] = f"{typed_program()} -m analysis table {runs}"
    return commands


def _words(config: Mapping[str, Any]) -> list[str]:
    """Return two number words that the network can read: in its language, within its range, without a comma."""
    smallest, largest = config["min_number"], config["max_number"]
    numbers = [number for number in (11, 20, smallest, largest) if smallest <= number <= largest]
    words = [number_word(number, config["language"]) for number in numbers]
    return [word for word in words if "," not in word][:2]
