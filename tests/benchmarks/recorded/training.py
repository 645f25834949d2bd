"""One training, recorded as a run or not at all: the sides of `tests.benchmarks.recording_cost`.

    python -m tests.benchmarks.recorded.training recorded STEPS RUNS URL
    python -m tests.benchmarks.recorded.training bare STEPS DIRECTORY
    python -m tests.benchmarks.recorded.training fetching STEPS DIRECTORY

All sides train the same Estimator on the same input, without validations. A side prints seconds of processor time as
JSON: of the training from the first session to its end, and of its parts that record; or, if it is `fetching`, of 20
steps with the measures fetched and without.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sacred.run import Run

from core.data.split_plan import SplitPlan
from core.network.tasks import TASKS
from core.training.plan import TrainingPlan
from experiments import laboratory
from experiments.cli.main import run_command_line
from experiments.experiment import WordExperiment
from experiments.pipeline.config import from_config, make_architecture
from experiments.pipeline.defaults import defaults_of
from experiments.pipeline.tensorflow import import_training
from experiments.recording.layout import MODEL, ROOT

if TYPE_CHECKING:
    import tensorflow as tf

    from core.data.input_fn import InputFn

Config = Mapping[str, Any]

_SEED = 1


def main(side: str, steps: int, directory: str, url: str = "") -> None:
    """Train, and print the figures."""
    if side == "recorded":
        figures = record(steps, directory, url)
    else:
        import_training()
        config = {**defaults_of("parity"), "max_steps": steps, "seed": _SEED}
        figures = (fetch if side == "fetching" else train)(config, Path(directory))
    print(json.dumps(figures))


def record(steps: int, runs: str, url: str) -> Mapping[str, float]:
    """Train as a run of experiments/parity.py, recorded in a directory and in MongoDB.

    Raises:
        RuntimeError: if the run fails.
    """
    experiment = WordExperiment("recorded", base_dir=ROOT, save_git_info=False)
    laboratory.equip(experiment, task="parity")
    figures: dict[str, float] = {}

    @experiment.main
    def train(_run: Run) -> None:  # in place of the laboratory's, which validates
        figures.update(train_timed(_run.config, Path(runs) / str(_run._id) / MODEL, _run.log_scalar))

    if run_command_line(experiment, ["-F", runs, "-m", url, "with", f"max_steps={steps}", f"seed={_SEED}"]):
        raise RuntimeError("the recorded run has failed")
    return figures


def train(config: Config, model_dir: Path) -> Mapping[str, float]:
    """Train without recording."""
    from tests.benchmarks.recorded.hooks import ClockHook

    clock = ClockHook()
    network, input_fn = _prepare(config, model_dir)
    network.train(input_fn, steps=config["max_steps"], hooks=[clock])
    return clock.figures


def train_timed(config: Config, model_dir: Path, log_scalar: Any) -> Mapping[str, float]:
    """Train, and measure what records."""
    from tests.benchmarks.recorded.hooks import ClockHook, TimedMeasuresHook

    clock = ClockHook()
    measures = TimedMeasuresHook(log_scalar, model_dir, log_every=config["log_every"])
    network, input_fn = _prepare(config, model_dir)
    network.train(input_fn, steps=config["max_steps"], hooks=[clock, measures])
    return {**clock.figures, **measures.figures}


def fetch(config: Config, model_dir: Path) -> Mapping[str, float]:
    """Train without recording, and fetch in every second block of steps what a recorded run fetches."""
    from tests.benchmarks.recorded.hooks import FetchingHook

    fetching = FetchingHook(log_every=config["log_every"])
    network, input_fn = _prepare(config, model_dir)
    network.train(input_fn, steps=config["max_steps"], hooks=[fetching])
    return fetching.figures


def _prepare(config: Config, model_dir: Path) -> "tuple[tf.estimator.Estimator, InputFn]":
    """Make the network and the input of a training as a run does."""
    from experiments.pipeline.training import draw_examples, make_network

    plan, task = from_config(TrainingPlan, config), TASKS[config["task"]]
    splits = from_config(SplitPlan, config)
    examples = draw_examples(splits, task, direction=config["direction"], seed=plan.seed)
    architecture = make_architecture(config, alphabet_size=examples.encoder.alphabet.size)
    return make_network(architecture, plan, model_dir), examples.training_input_fn(plan, start_step=0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
