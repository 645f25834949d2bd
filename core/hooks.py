"""Watches sessions: measures go to log_scalar, the best weights to disk.

The hooks know names and numbers, not where they are recorded: `log_scalar(name, value, step)` is any function,
a list's append in a test, Sacred's in an experiment.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.events import Events
from core.published import published
from core.selection import Selection

LogScalar = Callable[[str, float, int], None]
Report = Callable[[int, Mapping[str, float]], None]

_MODES = tf.estimator.ModeKeys
_STEP = "global_step"


class TrainingMeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of every n-th batch, and the speed, as `train/...`; what a model summarises besides is shown.

    The other steps fetch nothing for it: what is fetched takes the session some hundredths of a step.

    Attributes:
        step: the last global step that was completed.
    """

    def __init__(self, log_scalar: LogScalar, every_steps: int, events: Events) -> None:
        """Log through log_scalar, and to the events, when the step is a multiple of every_steps."""
        self.step = 0
        self._log_scalar = log_scalar
        self._every_steps = every_steps
        self._events = events

    def begin(self) -> None:
        fetches = {"measures": published(_MODES.TRAIN)}
        summaries = tf.compat.v1.get_collection(tf.compat.v1.GraphKeys.SUMMARIES)
        if further := [summary for summary in summaries if summary.op.name != "loss"]:  # that is the Estimator's own
            fetches["summaries"] = tf.compat.v1.summary.merge(further)
        self._fetches = tf.estimator.SessionRunArgs(fetches)
        self._step_tensor = tf.compat.v1.train.get_global_step()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        self.step = self._logged_step = int(session.run(self._step_tensor))
        self._logged_time = time.perf_counter()

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
        return None if (self.step + 1) % self._every_steps else self._fetches

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self.step += 1
        if run_values.results is not None:
            self._write({name: float(value) for name, value in run_values.results["measures"].items()})
            if "summaries" in run_values.results:
                self._events.add_summary(run_values.results["summaries"], self.step)

    def _write(self, measures: Mapping[str, float]) -> None:
        now = time.perf_counter()
        speed = (self.step - self._logged_step) / (now - self._logged_time)
        self._logged_step, self._logged_time = self.step, now
        _log(self._log_scalar, "train", {**measures, "steps_per_second": speed}, self.step)
        self._events.add_scalars({**measures, "global_step/sec": speed}, self.step)


class EvaluationMeasuresHook(tf.estimator.SessionRunHook):
    """Logs the measures of an evaluation as `split/...` when it ends.

    Attributes:
        measures: by name, when it has ended.
    """

    def __init__(self, split: str, log_scalar: LogScalar) -> None:
        """Log the measures of a split through log_scalar."""
        self._split = split
        self._log_scalar = log_scalar
        self.measures: Mapping[str, float] = {}

    def begin(self) -> None:
        self._tensors = {**published(_MODES.EVAL), _STEP: tf.compat.v1.train.get_global_step()}

    def end(self, session: tf.compat.v1.Session) -> None:
        measures = {name: value.item() for name, value in session.run(self._tensors).items()}
        step = measures.pop(_STEP)
        self.measures = measures
        _log(self._log_scalar, self._split, measures, step)


class ValidationHook(tf.estimator.SessionRunHook):
    """Evaluates at multiples of a number of steps, and at the beginning and end of a training, in its session.

    The network of an evaluation is a second one in the graph, on the same variables: there is no session to be made
    for it, and no weight to be copied. The measures go to `eval_validation` for TensorBoard, too.
    """

    def __init__(
        self,
        estimator: tf.estimator.Estimator,
        input_fn: Callable[[], tf.data.Dataset],
        *,
        every_steps: int,
        log_scalar: LogScalar,
        report: Report,
        done_step: int,
    ) -> None:
        """Evaluate with the model_fn of an Estimator.

        Args:
            estimator: that is trained.
            input_fn: one pass over what is evaluated, in a known number of batches.
            every_steps: evaluate when the global step is a multiple of it.
            log_scalar: takes the measures, as `validation/...`.
            report: is told the step and the measures by name.
            done_step: the last global step of the training that this one goes on with, not to be evaluated; or -1.
        """
        self._estimator = estimator
        self._input_fn = input_fn
        self._every_steps = every_steps
        self._log_scalar = log_scalar
        self._report = report
        self._events = Events(estimator.eval_dir("validation"))
        self._validated_step = done_step

    def begin(self) -> None:
        self._step_tensor = tf.compat.v1.train.get_global_step()
        known, weights = tf.compat.v1.local_variables(), tf.compat.v1.global_variables()
        dataset = self._input_fn()
        self._batches = dataset.cardinality()
        iterator = tf.compat.v1.data.make_initializable_iterator(dataset.repeat())
        features, labels = iterator.get_next()
        with tf.compat.v1.variable_scope(tf.compat.v1.get_variable_scope(), reuse=tf.compat.v1.AUTO_REUSE):
            spec = self._estimator.model_fn(
                features=features, labels=labels, mode=_MODES.EVAL, config=self._estimator.config
            )
        self._measures = published(_MODES.EVAL)
        self._take_in = [update for _, update in spec.eval_metric_ops.values()]
        if len(tf.compat.v1.global_variables()) > len(weights):
            raise ValueError("the network of an evaluation has weights that training does not know")
        sums = tf.compat.v1.local_variables()[len(known) :]
        self._begin_input, self._reset_sums = iterator.initializer, tf.compat.v1.variables_initializer(sums)

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        self._step, self._count, _ = session.run([self._step_tensor, self._batches, self._begin_input])
        self._step = int(self._step)
        if self._count < 1:
            raise ValueError("the input of a validation must have a known number of batches")
        self._validate(session)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._step += 1
        if self._step % self._every_steps == 0:
            self._validate(run_context.session)

    def end(self, session: tf.compat.v1.Session) -> None:
        self._validate(session)

    def _validate(self, session: tf.compat.v1.Session) -> None:
        if self._step == self._validated_step:
            return
        self._validated_step = self._step
        session.run(self._reset_sums)
        for _ in range(self._count):  # a pass; to begin the input anew costs more than most passes
            session.run(self._take_in)
        measures = {name: value.item() for name, value in session.run(self._measures).items()}
        _log(self._log_scalar, "validation", measures, self._step)
        self._report(self._step, measures)
        self._events.add_scalars({**measures, "average_loss": measures["loss"]}, self._step)
        self._events.flush()


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


def _log(log_scalar: LogScalar, split: str, measures: Mapping[str, float], step: int) -> None:
    for name, value in measures.items():
        log_scalar(f"{split}/{name}", value, step)
