"""Trains, evaluates and asks an Estimator, the same way to the last bit each time."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import tensorflow as tf

from core.events import Events
from core.hooks import EvaluationMeasuresHook, KeepBestHook, LogScalar, Report, TrainingMeasuresHook, ValidationHook
from core.inputs import InputFn
from core.model import ModelFn
from core.optimizer import read_lost_loss
from core.resume import BeginHook, KeepLastHook, TrainingState, write_state
from core.selection import Selection


class DivergedError(Exception):
    """The loss is no longer finite.

    Attributes:
        step: the global step whose loss it was; the weights are those before it.
    """

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss is {loss} at step {step}")
        self.step = step


def compute_in_one_thread() -> None:
    """Have one thread of this process compute an operation, whatever the machine has.

    How a sum is shared out among threads changes its last bits, and networks of this size gain nothing from a second.
    All that computes in a process shares the threads that were made for whatever computed first: what a session is
    told does not count then.

    Raises:
        RuntimeError: when the process has computed before, with other threads.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)


def make_estimator(*, model_fn: ModelFn, model_dir: Path, seed: int, threads: int = 1) -> tf.estimator.Estimator:
    """Make an Estimator whose results depend on nothing but its arguments and its input.

    TensorFlow does not rewrite the graphs: here that takes 0.2 s and more for each set of fetches, and makes no step
    faster.

    Args:
        model_fn: builds the network.
        model_dir: where checkpoints and events go; a directory of this run alone.
        seed: of the initial weights.
        threads: compute different operations at once, at most one for each processor; results do not depend on them.

    Raises:
        RuntimeError: when the process has computed before, with other threads.
    """
    compute_in_one_thread()
    tf.config.experimental.enable_op_determinism()
    session_config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=1,
        inter_op_parallelism_threads=min(threads, len(os.sched_getaffinity(0))),
    )
    session_config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.estimator.Estimator(
        model_fn,
        config=tf.estimator.RunConfig(
            model_dir=str(model_dir),
            tf_random_seed=seed,
            save_summary_steps=None,
            log_step_count_steps=None,
            save_checkpoints_steps=None,
            save_checkpoints_secs=None,
            session_config=session_config,
        ),
    )


def train(
    estimator: tf.estimator.Estimator,
    *,
    train_input_fn: InputFn,
    validation_input_fn: InputFn,
    selection: Selection,
    state: TrainingState | None,
    max_steps: int,
    evaluate_every: int,
    log_every: int,
    log_scalar: LogScalar,
    report: Report,
    begins: Callable[[], None],
    heed: Callable[[], None],
) -> int:
    """Train until max_steps or the end of patience, and leave the best checkpoint in model_dir.

    Args:
        estimator: to be trained.
        train_input_fn: endless; for a training that goes on, what comes after its step.
        validation_input_fn: one pass; it chooses the checkpoint.
        selection: compares validations.
        state: of the training to go on with, kept in model_dir; None begins one.
        max_steps: the last step at most.
        evaluate_every: steps between validations.
        log_every: steps between logged batches.
        log_scalar: takes (name, value, step) of every measure.
        report: is told the step and measures of each validation.
        begins: is called when the graph is built, before the first step.
        heed: is called after each step but the last; what it raises ends training, and leaves its state in model_dir.

    Returns:
        The last step.

    Raises:
        DivergedError: when the loss is no longer finite.
    """
    model_dir = Path(estimator.model_dir)
    last_step = state.step if state is not None else 0
    if state is not None and state.checkpoint is None:
        return last_step

    def validated(step: int, measures: Mapping[str, float]) -> None:
        nonlocal last_step
        last_step = step
        selection.offer(step, measures)
        report(step, measures)

    events = Events(model_dir)
    watch = TrainingMeasuresHook(log_scalar, log_every, events)
    done_step = state.step if state is not None else -1
    validation = ValidationHook(
        estimator,
        validation_input_fn,
        every_steps=evaluate_every,
        log_scalar=log_scalar,
        report=validated,
        done_step=done_step,
    )
    try:
        estimator.train(
            train_input_fn,
            hooks=[
                BeginHook(model_dir, state, begins),
                watch,
                validation,
                KeepBestHook(selection, model_dir),
                KeepLastHook(model_dir, selection, max_steps, heed),
            ],
            max_steps=max_steps,
        )
    except tf.errors.InvalidArgumentError as error:
        loss = read_lost_loss(error)
        if loss is None:
            raise
        raise DivergedError(watch.step + 1, loss) from None
    finally:
        events.flush()
    write_state(model_dir, TrainingState(last_step, None, selection.progress))
    return last_step


def evaluate(
    estimator: tf.estimator.Estimator, *, split: str, input_fn: InputFn, log_scalar: LogScalar
) -> Mapping[str, float]:
    """Measure the best checkpoint on a split.

    Returns:
        The measures by name.
    """
    hook = EvaluationMeasuresHook(split, log_scalar)
    estimator.evaluate(input_fn, hooks=[hook], name=split)
    return hook.measures


def predict(estimator: tf.estimator.Estimator, *, input_fn: InputFn) -> Iterator[Mapping[str, float]]:
    """Answer with the best checkpoint, one mapping of answers a word, in the order of the words."""
    for answers in estimator.predict(input_fn):
        yield {name: value.item() for name, value in answers.items()}
