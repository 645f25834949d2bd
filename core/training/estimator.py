"""Trains and evaluates an Estimator, bit for bit the same each time."""

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.python.framework.ops import gradient_registry

from core.data.input_fn import InputFn
from core.training.examples import Examples
from core.training.hooks.loop import Callbacks, TrainingLoopHook
from core.training.hooks.measures import EvaluationMeasuresHook, LogScalar
from core.training.model_fn import ModelFn
from core.training.optimizer import read_diverged_loss
from core.training.plan import TrainingPlan
from core.training.selection import Selection
from core.training.state import TrainingState, read_state, write_state
from core.training.tensorboard import EventWriter

_BUILDING = threading.RLock()


class TrainingResult(NamedTuple):
    """The end of a training.

    Attributes:
        best_step: of the checkpoint in model_dir, that of the best validation.
        last_step: the last step of the training.
        best_result: the result measure of the task at best_step, on the validation words.
    """

    best_step: int
    last_step: int
    best_result: float


class DivergedError(Exception):
    """The loss is no longer finite.

    Attributes:
        step: the global step of that loss; the weights are those before the step.
    """

    def __init__(self, step: int, loss: float) -> None:
        super().__init__(f"the loss is {loss} at step {step}")
        self.step = step


def use_one_thread() -> None:
    """Make TensorFlow compute each operation of this process in one thread, on any machine.

    The number of threads changes the last bits of a sum, and networks of this size are no faster with two. All
    sessions of a process share the threads that its first computation made; the config of a session cannot change
    them. A process that has computed before keeps the threads that it has.
    """
    with suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)


def make_estimator(
    *, model_fn: ModelFn, model_dir: Path, seed: int | None, threads: int = 1
) -> tf.estimator.Estimator:
    """Make an Estimator whose results depend only on its arguments and its input.

    It turns off TensorFlow's graph rewriting, which takes at least 0.2 s for each set of fetches here and makes no
    step faster.

    Args:
        model_fn: builds the network.
        model_dir: directory of checkpoints and events, for this run alone.
        seed: of the initial weights; None if all weights are restored.
        threads: operations computed at once, at most one per processor; results do not depend on them.
    """
    use_one_thread()
    tf.config.experimental.enable_op_determinism()
    session_config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=1,
        inter_op_parallelism_threads=min(threads, len(os.sched_getaffinity(0))),
    )
    session_config.graph_options.rewrite_options.disable_meta_optimizer = True
    return tf.estimator.Estimator(
        _built_alone(model_fn),
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


def _built_alone(model_fn: ModelFn) -> ModelFn:
    """Build a graph that no setting of TensorFlow changes, and of which nothing stays when it is gone.

    Makes XLA leave the operations of a network as they are, even if TF_XLA_FLAGS clusters all: XLA needs the sizes of
    each split when it compiles, and those of a trie come with the batch.
    """

    def build(features: Any, labels: Any, mode: str) -> tf.estimator.EstimatorSpec:
        with tf.xla.experimental.jit_scope(compile_ops=False), _forgotten_gradients():
            return model_fn(features, labels, mode)

    return build


@contextmanager
def _forgotten_gradients() -> Iterator[None]:
    """Forget the custom gradients of a graph at the end of the block, when it is built.

    TensorFlow keeps each one for the life of the process, and with it the graph: 15 MB a run. Graphs are built one at
    a time: another thread's gradients are forgotten when its own graph is built.
    """
    kept = gradient_registry._registry
    with _BUILDING:
        before = set(kept)
        try:
            yield
        finally:
            for name in kept.keys() - before:
                del kept[name]


def train(
    estimator: tf.estimator.Estimator, *, examples: Examples, plan: TrainingPlan, callbacks: Callbacks
) -> TrainingResult:
    """Train until max_steps or until patience is exhausted, and leave the best checkpoint in model_dir.

    A training resumes from the state in model_dir, if there is one.

    Args:
        estimator: to be trained.
        examples: has the splits `train` and `validation`.
        plan: how to train.
        callbacks: functions to call.

    Raises:
        DivergedError: if the loss is no longer finite.
        ValueError: if the state in model_dir cannot be read.
    """
    model_dir = Path(estimator.model_dir)
    state = read_state(model_dir)
    selection = Selection(examples.task, patience=plan.patience, state=state.selection if state else None)
    if state is not None and state.checkpoint is None:
        return TrainingResult(selection.best_step, state.step, selection.best_result)
    hook = TrainingLoopHook(
        estimator,
        examples.evaluation_input_fn("validation"),
        selection=selection,
        state=state,
        plan=plan,
        callbacks=callbacks,
    )
    input_fn = examples.training_input_fn(plan, start_step=state.step if state else 0)
    try:
        estimator.train(input_fn, hooks=[hook], max_steps=plan.max_steps)
    except tf.errors.InvalidArgumentError as error:
        loss = read_diverged_loss(error)
        if loss is None:
            raise
        raise DivergedError(hook.step + 1, loss) from None
    finally:
        hook.flush()
    write_state(model_dir, TrainingState(hook.step, None, selection.state))
    return TrainingResult(selection.best_step, hook.step, selection.best_result)


def evaluate(
    estimator: tf.estimator.Estimator, *, split: str, input_fn: InputFn, log_scalar: LogScalar
) -> Mapping[str, float]:
    """Evaluate the best checkpoint on a split and return the measures by name."""
    hook = EvaluationMeasuresHook(split, log_scalar, EventWriter(estimator.eval_dir(split)))
    with tempfile.TemporaryDirectory(dir=estimator.model_dir) as unseen:
        # The Estimator's own events would add charts to TensorBoard, among them a mean loss over batches of any size.
        evaluator = tf.estimator.Estimator(estimator.model_fn, config=estimator.config.replace(model_dir=unseen))
        evaluator.evaluate(input_fn, hooks=[hook], checkpoint_path=estimator.latest_checkpoint(), name=split)
        tf.compat.v1.summary.FileWriterCache.get(evaluator.eval_dir(split)).close()
    return hook.measures
