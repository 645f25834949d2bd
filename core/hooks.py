"""Watches sessions: measures go to log_scalar, the best weights to disk, and a lost run is ended.

The hooks know names and numbers, not where they are recorded: `log_scalar(name, value, step)` is any function,
a list's append in a test, Sacred's in an experiment.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.published import MEASURES, published

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
        self._measures = published(MEASURES)
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

    def __init__(self, split: str, log_scalar: LogScalar, report: Report, done_step: int = -1) -> None:
        """Log through log_scalar, and tell report the step and the measures by name.

        Args:
            split: what is measured.
            log_scalar: takes the measures.
            report: is told of them.
            done_step: the global step whose measures were logged before, by a training that this one goes on with.
        """
        self._split = split
        self._log_scalar = log_scalar
        self._report = report
        self._last_step = done_step

    def begin(self) -> None:
        self._tensors = {**published(MEASURES), "step": tf.compat.v1.train.get_global_step()}

    def end(self, session: tf.compat.v1.Session) -> None:
        measures = {name: value.item() for name, value in session.run(self._tensors).items()}
        step = measures.pop("step")
        if step == self._last_step:
            return
        self._last_step = step
        for name, value in measures.items():
            self._log_scalar(f"{self._split}/{name}", value, step)
        self._report(step, measures)


class WatchHook(tf.estimator.SessionRunHook):
    """Keeps what a graph publishes.

    Attributes:
        batches: the values by name, of each batch.
    """

    def __init__(self, kind: str) -> None:
        """Watch the tensors of a kind."""
        self._kind = kind
        self.batches: list[Mapping[str, Any]] = []

    def begin(self) -> None:
        self._tensors = published(self._kind)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs:
        return tf.estimator.SessionRunArgs(self._tensors)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.batches.append(run_values.results)


class ValidationHook(tf.estimator.experimental.InMemoryEvaluatorHook):
    """Evaluates in the memory of the training at multiples of a number of steps, and at its beginning and end."""

    def __init__(self, *args: Any, every_steps: int, **kwargs: Any) -> None:
        """Evaluate when the global step is a multiple of every_steps; everything else is the base's."""
        super().__init__(*args, every_n_iter=every_steps, **kwargs)
        self._every_steps = every_steps

    def begin(self) -> None:
        super().begin()
        self._step_tensor = tf.compat.v1.train.get_global_step()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        super().after_create_session(session, coord)
        # The base counts steps from the beginning of the session, which need not be that of the training.
        self._iter_count = int(session.run(self._step_tensor))
        self._timer.update_last_triggered_step(self._iter_count - self._iter_count % self._every_steps)


@dataclass(frozen=True)
class Progress:
    """What a selection knows.

    Attributes:
        best: the measure, by sign, and the loss of the best evaluation; less is better.
        best_step: its step, -1 before the first.
        improved_step: the last step at which the measure improved.
    """

    best: tuple[float, float] = (math.inf, math.inf)
    best_step: int = -1
    improved_step: int = 0


class Selection:
    """Decides which evaluation was the best, and when no better one is to be expected.

    Attributes:
        progress: what it knows by now.
    """

    def __init__(
        self, measure: str, *, higher_is_better: bool, patience: int, progress: Progress | None = None
    ) -> None:
        """Compare evaluations by a measure, those equal in it by their loss.

        Args:
            measure: its name.
            higher_is_better: whether more of it is better.
            patience: for how many steps the measure may fail to improve before training stops.
            progress: of the training that this one goes on with.
        """
        self._measure = measure
        self._sign = -1.0 if higher_is_better else 1.0
        self._patience = patience
        self.progress = progress or Progress()

    @property
    def best_step(self) -> int:
        """The step of the best evaluation so far, -1 before the first."""
        return self.progress.best_step

    def offer(self, step: int, measures: Mapping[str, float]) -> None:
        """Take note of an evaluation; one that is not finite is never the best."""
        rank = (self._sign * measures[self._measure], measures["loss"])
        if not all(map(math.isfinite, rank)) or rank >= tuple(self.progress.best):
            return
        improved = rank[0] < self.progress.best[0]
        self.progress = Progress(rank, step, step if improved else self.progress.improved_step)

    def exhausted(self, step: int) -> bool:
        """Tell whether patience is over at this step."""
        return step - self.progress.improved_step >= self._patience


class KeepBestHook(tf.estimator.SessionRunHook):
    """Saves the weights whenever the selection has a new best, and stops when its patience is over.

    It comes after the hook that evaluates, and acts on what that has offered.
    """

    def __init__(self, selection: Selection, model_dir: Path) -> None:
        """Save to model_dir, as the one checkpoint there."""
        self._selection = selection
        self._path = str(model_dir / "model.ckpt")
        self._saved_step = selection.best_step

    def begin(self) -> None:
        self._step_tensor = tf.compat.v1.train.get_global_step()
        self._saver = tf.compat.v1.train.Saver(max_to_keep=1, save_relative_paths=True)
        if self._saved_step >= 0:
            self._saver.recover_last_checkpoints([f"{self._path}-{self._saved_step}"])

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
