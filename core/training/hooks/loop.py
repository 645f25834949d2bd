"""The one hook of a training: everything that happens between its steps, in one order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.data.input_fn import InputFn
from core.training.hooks.checkpoints import BestCheckpoint, LastCheckpoint
from core.training.hooks.measures import LogScalar, TrainingMeasures
from core.training.hooks.validation import Validation
from core.training.plan import TrainingPlan
from core.training.selection import Selection
from core.training.state import TrainingState
from core.training.tensorboard import EventWriter


@dataclass(frozen=True)
class Callbacks:
    """The functions that a training calls.

    Attributes:
        log_scalar: takes (name, value, step) of every measure.
        on_start: takes the step at which the training starts, 0 unless it resumes. It is called when the graph is
            built, before the first validation.
        on_validation: takes the step and the measures by name of each validation.
        after_step: is called after each step but the last. An exception that it raises ends the training, which saves
            its state first.
    """

    log_scalar: LogScalar
    on_start: Callable[[int], None]
    on_validation: Callable[[int, Mapping[str, float]], None]
    after_step: Callable[[], None]


class TrainingLoopHook(tf.estimator.SessionRunHook):
    """Counts the steps of a training, and does what comes between them.

        at the start        restore the state -> on_start -> validate -> save the best checkpoint
        after each step     log measures -> validate -> save the best checkpoint -> stop, or
                            after_step -> save the last checkpoint
        at the end          validate -> save the best checkpoint

    Attributes:
        step: the last global step that was completed.
    """

    def __init__(
        self,
        estimator: tf.estimator.Estimator,
        validation_input_fn: InputFn,
        *,
        selection: Selection,
        state: TrainingState | None,
        plan: TrainingPlan,
        callbacks: Callbacks,
    ) -> None:
        """Watch the training of an Estimator.

        Args:
            estimator: the one that trains.
            validation_input_fn: one pass over the split that selects the checkpoint.
            selection: compares validations.
            state: saved in model_dir, to resume from; None starts a new training.
            plan: how to train.
            callbacks: functions to call.
        """
        model_dir = Path(estimator.model_dir)
        self.step = 0
        self._validated_step = -1 if state is None else state.step
        self._selection = selection
        self._state = state
        self._plan = plan
        self._callbacks = callbacks
        self._events = EventWriter(model_dir)
        self._measures = TrainingMeasures(callbacks.log_scalar, self._events, log_every=plan.log_every)
        self._validation = Validation(estimator, validation_input_fn, callbacks.log_scalar)
        self._best = BestCheckpoint(model_dir, selection.best_step)
        self._last = LastCheckpoint(model_dir)

    def begin(self) -> None:
        """Complete the graph."""
        self._step_tensor = tf.compat.v1.train.get_global_step()
        self._last.build()
        self._measures.build()
        self._validation.build()
        self._best.build()

    def after_create_session(self, session: tf.compat.v1.Session, coord: Any) -> None:
        """Restore the state of the training that this one resumes, and validate."""
        if self._state is not None and self._state.checkpoint is not None:
            self._last.restore(session, self._state.checkpoint)
        self.step = int(session.run(self._step_tensor))
        self._callbacks.on_start(self.step)
        self._measures.start(self.step)
        self._validation.start(session)
        self._validate(session)

    def before_run(self, run_context: Any) -> tf.estimator.SessionRunArgs | None:
        """Ask the session for the measures of the next step, if they are to be logged."""
        return self._measures.fetches(self.step + 1)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Do what follows a step."""
        self.step += 1
        self._measures.log(self.step, run_values.results)
        if self.step % self._plan.evaluate_every == 0:
            self._validate(run_context.session)
        if self._selection.exhausted(self.step):
            run_context.request_stop()
        elif self.step < self._plan.max_steps:
            self._after_step(run_context.session)

    def end(self, session: tf.compat.v1.Session) -> None:
        """Validate the last step."""
        self._validate(session)

    def flush(self) -> None:
        """Write all buffered events, and flush the best checkpoint to the disk."""
        self._events.flush()
        self._best.flush()

    def _validate(self, session: tf.compat.v1.Session) -> None:
        if self.step == self._validated_step:
            return
        self._validated_step = self.step
        measures = self._validation.run(session, self.step)
        self._selection.add(self.step, measures)
        self._callbacks.on_validation(self.step, measures)
        self._best.save(session, self._selection.best_step)

    def _after_step(self, session: tf.compat.v1.Session) -> None:
        """Call after_step; save the last checkpoint if that raises, or if it is due."""
        try:
            self._callbacks.after_step()
        except BaseException:
            self._save_last(session)
            raise
        if self._last.is_due:
            self._save_last(session)

    def _save_last(self, session: tf.compat.v1.Session) -> None:
        """Save the state, which needs the best checkpoint."""
        self._best.flush()
        self._last.save(session, self.step, self._selection.state)
