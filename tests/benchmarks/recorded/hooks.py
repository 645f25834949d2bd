"""Hooks that log the measures of a training, and that measure what this costs."""

import statistics
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.network.graph_collections import get_tensors
from core.training.hooks.measures import LogScalar, TrainingMeasures
from core.training.tensorboard import EventWriter

_BLOCK = 20  # steps


class MeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of a training as a run does, without validations and checkpoints."""

    def __init__(self, log_scalar: LogScalar, events: EventWriter, *, log_every: int) -> None:
        """Log to log_scalar and to TensorBoard."""
        self._measures = TrainingMeasures(log_scalar, events, log_every=log_every)
        self._step = 0

    def begin(self) -> None:
        """Find the tensors in the graph."""
        self._measures.build()

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Start to measure the speed."""
        self._measures.start(0)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
        """Ask the session for the measures of the next step."""
        return self._measures.fetches(self._step + 1)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Log the measures of a step."""
        self._step += 1
        self._measures.log(self._step, run_values.results)


class Timed:
    """A function whose processor time is counted, without the time that reading the clock takes.

    Reading the clock takes longer between two steps than in a loop, so each call measures its own.

    Attributes:
        seconds: of the calling thread, in all calls together.
        clock_seconds: spent reading the clock.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Count the time of a function."""
        self.seconds = self.clock_seconds = 0.0
        self._function = function

    def __call__(self, *arguments: Any) -> Any:
        """Call the function."""
        reading, start = time.thread_time(), time.thread_time()
        try:
            return self._function(*arguments)
        finally:
            self.seconds += time.thread_time() - start - (start - reading)
            self.clock_seconds += 3 * (start - reading)


class TimedEventWriter(EventWriter):
    """Writes event files, and measures the processor time of adding scalars."""

    def __init__(self, directory: str | Path) -> None:
        """Open the event file."""
        super().__init__(directory)
        self.timed = Timed(super().add_scalars)

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        """Add values by name, at a step and with the current time."""
        self.timed(scalars, step)


class TimedMeasuresHook(MeasuresHook):
    """Logs the measures of a training, and measures the processor time of each part."""

    def __init__(self, log_scalar: LogScalar, directory: str | Path, *, log_every: int) -> None:
        """Log to log_scalar and to TensorBoard's event file in a directory."""
        events = TimedEventWriter(directory)
        self._log, self._add_scalars = Timed(log_scalar), events.timed
        self._watch = Timed(lambda function, *arguments: function(*arguments))
        super().__init__(self._log, events, log_every=log_every)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
        """Ask the session for the measures of the next step."""
        fetches: tf.estimator.SessionRunArgs | None = self._watch(super().before_run, run_context)
        return fetches

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Log the measures of a step."""
        self._watch(super().after_run, run_context, run_values)

    @property
    def figures(self) -> Mapping[str, float]:
        """Seconds of the journal, of the events, and of the hook with the journal."""
        hook = self._watch.seconds - self._log.clock_seconds - self._add_scalars.clock_seconds  # both within it
        return {"journal": self._log.seconds, "events": self._add_scalars.seconds, "hook": hook}


class ClockHook(tf.estimator.SessionRunHook):
    """Measures the processor time of a training.

    Attributes:
        figures: `training` of the process, `threads` of Python's threads meanwhile, and `threads_in_all`.
    """

    figures: Mapping[str, float]

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Start the clocks."""
        self._begin = (time.process_time(), _thread_seconds())

    def end(self, session: Any) -> None:
        """Read the clocks."""
        training, threads = time.process_time() - self._begin[0], _thread_seconds()
        self.figures = {"training": training, "threads": threads - self._begin[1], "threads_in_all": threads}


class FetchingHook(tf.estimator.SessionRunHook):
    """Fetches in every second block of steps what a recorded run fetches, and compares the blocks."""

    def __init__(self, *, log_every: int) -> None:
        """Fetch at steps that are multiples of log_every."""
        self._log_every = log_every
        self._blocks: tuple[list[float], list[float]] = ([], [])
        self._step = 0

    def begin(self) -> None:
        """Find the tensors in the graph."""
        self._fetches = tf.estimator.SessionRunArgs(get_tensors(tf.estimator.ModeKeys.TRAIN))

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
        """Ask the session for the measures, in every second block."""
        block, place = divmod(self._step, _BLOCK)
        if place == 0:
            self._start = time.process_time()
        return self._fetches if block % 2 and self._step % self._log_every == 0 else None

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Measure a block when it ends."""
        self._step += 1
        block, place = divmod(self._step, _BLOCK)
        if place == 0 and block > 2:  # the first block of each kind prepares the graph
            self._blocks[(block - 1) % 2].append(time.process_time() - self._start)

    @property
    def figures(self) -> Mapping[str, float]:
        """The median seconds of a block `without` and `with` fetching."""
        without, with_measures = map(statistics.median, self._blocks)
        return {"without": without, "with": with_measures}


def _thread_seconds() -> float:
    """Return the processor time of all threads of Python but the main thread and TensorFlow's."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.ident is not None
        and thread is not threading.main_thread()
        and not isinstance(thread, threading._DummyThread)  # a thread of TensorFlow that called Python
        and not type(thread).__module__.startswith("tensorflow")
    )
