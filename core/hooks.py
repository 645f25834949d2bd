"""Watches sessions: measures go to log_scalar, the best weights to disk, and a lost run is ended.

The hooks know names and numbers, not where they are recorded: `log_scalar(name, value, step)` is any function,
a list's append in a test, Sacred's in an experiment.
"""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.model import published_measures

LogScalar = Callable[[str, float, int], None]
Report = Callable[[int, Mapping[str, float]], None]


class DivergedError(Exception):
    """The loss is no longer finite.

    Attributes:
        step: the global step whose loss it was.
    """

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss is {loss} at step {step}")
        self.step = step


class TrainingMeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of every n-th batch, and the speed, as `train/...`; ends a run whose loss is not finite."""

    def __init__(self, log_scalar: LogScalar, every_steps: int) -> None:
        """Log through log_scalar, each time the global step is a multiple of every_steps."""
        self._log_scalar = log_scalar
        self._every_steps = every_steps

    def begin(self) -> None:
        self._measures = published_measures()
        self._step_tensor = tf.compat.v1.train.get_global_step()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        self._step = self._logged_step = int(session.run(self._step_tensor))
        self._logged_time = time.perf_counter()

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
        due = (self._step + 1) % self._every_steps == 0
        return tf.estimator.SessionRunArgs(self._measures if due else {"loss": self._measures["loss"]})

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._step += 1
        loss = float(run_values.results["loss"])
        if not math.isfinite(loss):
            raise DivergedError(self._step, loss)
        if self._step % self._every_steps == 0:
            for name, value in run_values.results.items():
                self._log_scalar(f"train/{name}", float(value), self._step)
            self._log_speed()

    def _log_speed(self) -> None:
        now = time.perf_counter()
        speed = (self._step - self._logged_step) / (now - self._logged_time)
        self._log_scalar("train/steps_per_second", speed, self._step)
        self._logged_step, self._logged_time = self._step, now


class EvaluationMeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of an evaluation as `split/...` when it ends, once for each global step."""

    def __init__(self, split: str, log_scalar: LogScalar, report: Report) -> None:
        """Log through log_scalar, and tell report the step and the measures by name."""
        self._split = split
        self._log_scalar = log_scalar
        self._report = report
        self._last_step = -1

    def begin(self) -> None:
        self._tensors = {**published_measures(), "step": tf.compat.v1.train.get_global_step()}

    def end(self, session: tf.compat.v1.Session) -> None:
        measures = {name: value.item() for name, value in session.run(self._tensors).items()}
        step = measures.pop("step")
        if step == self._last_step:
            return
        self._last_step = step
        for name, value in measures.items():
            self._log_scalar(f"{self._split}/{name}", value, step)
        self._report(step, measures)


class Selection:
    """Decides which evaluation was the best, and when no better one is to be expected.

    Attributes:
        best_step: the step of the best evaluation so far, -1 before the first.
    """

    def __init__(self, measure: str, *, higher_is_better: bool, patience: int) -> None:
        """Compare evaluations by a measure, those equal in it by their loss.

        Args:
            measure: its name.
            higher_is_better: whether more of it is better.
            patience: for how many steps the measure may fail to improve before training stops.
        """
        self._measure = measure
        self._sign = -1.0 if higher_is_better else 1.0
        self._patience = patience
        self._best = (math.inf, math.inf)
        self._improved_step = 0
        self.best_step = -1

    def offer(self, step: int, measures: Mapping[str, float]) -> None:
        """Take note of an evaluation; one that is not finite is never the best."""
        rank = (self._sign * measures[self._measure], measures["loss"])
        if not all(map(math.isfinite, rank)):
            return
        if rank[0] < self._best[0]:
            self._improved_step = step
        if rank < self._best:
            self._best, self.best_step = rank, step

    def exhausted(self, step: int) -> bool:
        """Tell whether patience is over at this step."""
        return step - self._improved_step >= self._patience


class KeepBestHook(tf.estimator.SessionRunHook):
    """Saves the weights whenever the selection has a new best, and stops when its patience is over.

    It comes after the hook that evaluates, and acts on what that has offered.
    """

    def __init__(self, selection: Selection, model_dir: Path) -> None:
        """Save to model_dir, as the one checkpoint there."""
        self._selection = selection
        self._path = str(model_dir / "model.ckpt")
        self._saved_step = -1

    def begin(self) -> None:
        self._step_tensor = tf.compat.v1.train.get_global_step()
        self._saver = tf.compat.v1.train.Saver(max_to_keep=1, save_relative_paths=True)

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        self._step = int(session.run(self._step_tensor))
        self._save_best(session)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._step += 1
        self._save_best(run_context.session)
        if self._selection.exhausted(self._step):
            run_context.request_stop()

    def end(self, session: tf.compat.v1.Session) -> None:
        self._save_best(session)

    def _save_best(self, session: tf.compat.v1.Session) -> None:
        if self._selection.best_step > self._saved_step:
            self._saved_step = self._selection.best_step
            self._saver.save(session, self._path, self._saved_step, write_meta_graph=False)
