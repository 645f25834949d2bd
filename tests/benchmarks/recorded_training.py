"""One training, recorded as the laboratory records a run or not at all: the sides of `recording_cost`.

    python -m tests.benchmarks.recorded_training recorded CONFIG RUNS URL
    python -m tests.benchmarks.recorded_training bare CONFIG DIRECTORY
    python -m tests.benchmarks.recorded_training fetching CONFIG DIRECTORY

CONFIG is JSON of the entries of experiments/parity.py. All train the same Estimator on the same input for max_steps,
without validations. It prints seconds of processor time as JSON: of the training, from the first session's begin to
its end, and of what records within it; or, fetching, of 20 steps with the measures fetched, and without.
"""

import inspect
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments import steps
from experiments.quiet import import_tensorflow

Config = Mapping[str, Any]

_BLOCK = 20  # steps


class Timed:
    """A function whose processor time is counted, without what it takes to look at the clock.

    A look takes longer between two steps than in a loop, so each call takes its own.

    Attributes:
        seconds: of the thread that called it, all calls together.
        looking: seconds that the looks took.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.seconds = self.looking = 0.0
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        look, start = time.thread_time(), time.thread_time()
        try:
            return self._function(*arguments)
        finally:
            self.seconds += time.thread_time() - start - (start - look)
            self.looking += 3 * (start - look)


def main(side: str, config: Config, directory: str, url: str = "") -> None:
    """Train, and print what it took."""
    if side == "recorded":
        figures = record(config, directory, url)
    else:
        import_tensorflow()
        figures = (fetch if side == "fetching" else train)(config, Path(directory))
    print(json.dumps(figures))


def record(config: Config, runs: str, url: str) -> Mapping[str, float]:
    """Train as a run of Sacred, in a directory and in MongoDB."""
    from sacred import SETTINGS, Experiment
    from sacred.run import Run

    from experiments.laboratory import ROOT
    from experiments.recording import observe

    SETTINGS.CAPTURE_MODE = "no"
    experiment = Experiment("recorded", base_dir=str(ROOT), save_git_info=False)
    experiment.add_config(dict(config))
    _prepare_as_the_laboratory(experiment, ROOT)
    figures: dict[str, float] = {}

    @experiment.main
    def trained(_run: Run) -> None:
        figures.update(train(config, Path(runs) / str(_run._id) / "model", _run.log_scalar))

    options: dict[str, Any] = {"--file_storage": runs, "--mongo_db": url, "--capture": None, "--loglevel": "WARNING"}
    observe(experiment, options)
    experiment.run(options=options)
    return figures


def _prepare_as_the_laboratory(experiment: Any, root: Path) -> None:
    """Have TensorFlow imported, the sources registered, and the points taken at once, when a run begins."""
    from sacred.run import Run

    from experiments.sources import add_difference, register_sources
    from observers.run_directory import RunDirectoryObserver

    @experiment.config_hook
    def prepare(config: Any, command_name: Any, logger: Any) -> dict[str, Any]:
        import_tensorflow()
        register_sources(experiment, root)
        return {}

    @experiment.pre_run_hook
    def identify(_run: Run) -> None:
        add_difference(_run, root)
        for observer in _run.observers:
            if isinstance(observer, RunDirectoryObserver):
                observer.take_points(_run)


def train(config: Config, model_dir: Path, log_scalar: Any = None) -> Mapping[str, float]:
    """Train; the measures go to log_scalar, or are not looked at when it is None."""
    import tensorflow as tf

    clock = _make_clock()
    network, input_fn = _build(config, model_dir)
    if log_scalar is None:
        network.train(input_fn, steps=config["max_steps"], hooks=[clock])
        return clock.figures
    from core.events import Events
    from core.hooks import TrainingMeasuresHook

    log, watch = Timed(log_scalar), Timed(lambda function, *arguments: function(*arguments))
    add_scalars = Timed(Events.add_scalars)

    class TimedEvents(Events):
        def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
            add_scalars(self, scalars, step)

    class TimedMeasuresHook(TrainingMeasuresHook):
        def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
            return watch(super().before_run, run_context)

        def after_run(self, run_context: Any, run_values: Any) -> None:
            watch(super().after_run, run_context, run_values)

    measures = TimedMeasuresHook(log, config["log_every"], TimedEvents(model_dir))
    network.train(input_fn, steps=config["max_steps"], hooks=[clock, measures])
    hook = watch.seconds - log.looking - add_scalars.looking  # at what is within it
    return {**clock.figures, "journal": log.seconds, "events": add_scalars.seconds, "hook": hook}


def fetch(config: Config, model_dir: Path) -> Mapping[str, float]:
    """Train without recording; every second block of steps fetches what is fetched, and when, if a run is recorded."""
    import tensorflow as tf

    from core.published import published

    blocks: tuple[list[float], list[float]] = ([], [])

    class FetchingHook(tf.estimator.SessionRunHook):
        def begin(self) -> None:
            self._measures = tf.estimator.SessionRunArgs(published(tf.estimator.ModeKeys.TRAIN))
            self._step = 0

        def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
            block, place = divmod(self._step, _BLOCK)
            if place == 0:
                self._start = time.process_time()
            return self._measures if block % 2 and self._step % config["log_every"] == 0 else None

        def after_run(self, run_context: Any, run_values: Any) -> None:
            self._step += 1
            block, place = divmod(self._step, _BLOCK)
            if place == 0 and block > 2:  # the first block of each kind prepares the graph
                blocks[(block - 1) % 2].append(time.process_time() - self._start)

    network, input_fn = _build(config, model_dir)
    network.train(input_fn, steps=config["max_steps"], hooks=[FetchingHook()])
    without, with_measures = map(statistics.median, blocks)
    return {"without": without, "with": with_measures}


def _build(config: Config, model_dir: Path) -> tuple[Any, Any]:
    """Make the network and the input of training, as a run does."""
    from core.characters import make_alphabet
    from core.inputs import make_training_input_fn
    from core.tasks import TASKS

    train = steps.draw_examples(**_asked(steps.draw_examples, config))["train"]
    alphabet = make_alphabet(train.words)
    network = steps.build_network(alphabet, model_dir, **_asked(steps.build_network, config))
    input_fn = make_training_input_fn(
        train,
        label_name=config["task"],
        label=TASKS[config["task"]].label,
        alphabet=alphabet,
        batch_size=config["batch_size"],
        seed=config["seed"],
        start_step=0,
    )
    return network, input_fn


def _asked(function: Callable[..., Any], config: Config) -> dict[str, Any]:
    """The entries of a config that a function has parameters for."""
    return {name: config[name] for name in inspect.signature(function).parameters if name in config}


def _make_clock() -> Any:
    """Make a hook that takes the time of training: `training` of the process, `threads` of those that record."""
    import tensorflow as tf

    class Clock(tf.estimator.SessionRunHook):
        figures: Mapping[str, float]

        def after_create_session(self, session: Any, coord: Any) -> None:
            self._begin = (time.process_time(), _of_threads())

        def end(self, session: Any) -> None:
            training, threads = time.process_time() - self._begin[0], _of_threads()
            self.figures = {
                "training": training,
                "threads": threads - self._begin[1],
                "threads_in_all": threads,
            }

    return Clock()


def _of_threads() -> float:
    """Seconds of processor time of all threads that Python has started, but for the main one and TensorFlow's."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident is not None
        and thread is not threading.main_thread()
        and not isinstance(thread, threading._DummyThread)  # a thread of TensorFlow's that called Python
        and not type(thread).__module__.startswith("tensorflow")
    )


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]), *sys.argv[3:])
