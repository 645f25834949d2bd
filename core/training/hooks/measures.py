"""Logs the measures of training batches and of evaluations.

TensorBoard shows a chart for each name, with its values in training and in evaluations, and a box for each group. The
group `measures` has what evaluations measure too, `training` what only training has.

The hooks know names and numbers, not where they are recorded: `log_scalar(name, value, step)` is any function, such
as a list's append in a test, or Sacred's in an experiment.
"""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

import tensorflow as tf

from core.network.graph_collections import get_tensors
from core.training.tensorboard import EventWriter

LogScalar = Callable[[str, float, int], None]

_MODES = tf.estimator.ModeKeys
_STEP = "global_step"


class TrainingMeasures:
    """Logs the measures of every n-th batch, and the speed, as `train/...`, with the summaries of the graph.

    Other steps fetch nothing: fetching takes the session some hundredths of a step.
    """

    def __init__(self, log_scalar: LogScalar, events: EventWriter, *, log_every: int) -> None:
        """Log to log_scalar and to TensorBoard at steps that are multiples of log_every."""
        self._log_scalar = log_scalar
        self._events = events
        self._log_every = log_every
        self._fetches: tf.estimator.SessionRunArgs | None = None
        self._logged_step, self._logged_time = 0, 0.0
        self._compared: Collection[str] = ()

    def build(self) -> None:
        """Find the tensors in the graph of a training."""
        fetches: dict[str, Any] = {"measures": get_tensors(_MODES.TRAIN)}
        summaries = tf.compat.v1.get_collection(tf.compat.v1.GraphKeys.SUMMARIES)
        # The summary `loss` is the Estimator's own.
        if further := [summary for summary in summaries if summary.op.name != "loss"]:
            fetches["summaries"] = tf.compat.v1.summary.merge(further)
        self._fetches = tf.estimator.SessionRunArgs(fetches)

    def start(self, step: int) -> None:
        """Start to measure the speed at a step, in a graph that is complete."""
        self._compared = get_tensors(_MODES.EVAL).keys()
        self._logged_step, self._logged_time = step, time.perf_counter()

    def fetches(self, next_step: int) -> tf.estimator.SessionRunArgs | None:
        """Return what the session must fetch in a step."""
        return None if next_step % self._log_every else self._fetches

    def log(self, step: int, results: Mapping[str, Any] | None) -> None:
        """Log the fetched results of a step, None where nothing was fetched."""
        if results is None:
            return
        measures = {name: float(value) for name, value in results["measures"].items()}
        now = time.perf_counter()
        speed = (step - self._logged_step) / (now - self._logged_time)
        self._logged_step, self._logged_time = step, now
        measures["steps_per_second"] = speed
        log_measures(self._log_scalar, "train", measures, step)
        self._events.add_scalars({self._tag(name): value for name, value in measures.items()}, step)
        if "summaries" in results:
            self._events.add_summary(results["summaries"], step)

    def _tag(self, name: str) -> str:
        return _measure_tag(name) if name in self._compared else f"training/{name}"


class EvaluationMeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of an evaluation as `split/...` at its end, also to TensorBoard.

    Attributes:
        measures: by name, after the end.
    """

    def __init__(self, split: str, log_scalar: LogScalar, events: EventWriter) -> None:
        """Log the measures of a split to log_scalar and to TensorBoard."""
        self._split = split
        self._log_scalar = log_scalar
        self._events = events
        self.measures: Mapping[str, float] = {}

    def begin(self) -> None:
        """Find the tensors in the graph of the evaluation."""
        self._tensors = {**get_tensors(_MODES.EVAL), _STEP: tf.compat.v1.train.get_global_step()}

    def end(self, session: tf.compat.v1.Session) -> None:
        """Fetch and log the measures."""
        measures = {name: value.item() for name, value in session.run(self._tensors).items()}
        step = measures.pop(_STEP)
        self.measures = measures
        log_evaluation(self._log_scalar, self._events, self._split, measures, step)


def log_measures(log_scalar: LogScalar, split: str, measures: Mapping[str, float], step: int) -> None:
    """Log measures by name as `split/name`."""
    for name, value in measures.items():
        log_scalar(f"{split}/{name}", value, step)


def log_evaluation(
    log_scalar: LogScalar, events: EventWriter, split: str, measures: Mapping[str, float], step: int
) -> None:
    """Log the measures of an evaluation as `split/name`, and to TensorBoard at once."""
    log_measures(log_scalar, split, measures, step)
    events.add_scalars({_measure_tag(name): value for name, value in measures.items()}, step)
    events.flush()


def _measure_tag(name: str) -> str:
    """Return the name of a chart for a measure that training and evaluations have."""
    return f"measures/{name}"
