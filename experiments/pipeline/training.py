"""One training on TensorFlow: plans -> examples -> network -> best checkpoint -> measures.

Importing this module imports TensorFlow and every module of core that a training needs.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import tensorflow as tf

from core.data.alphabet import make_alphabet
from core.data.characters import Encoder
from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from core.network.architecture import Architecture
from core.network.states.encoder import parts_of_batch
from core.network.tasks import Task
from core.serving.export import export
from core.serving.trained_network import TrainedNetwork
from core.training.estimator import DivergedError, TrainingResult, evaluate, make_estimator, train, use_one_thread
from core.training.examples import Examples
from core.training.hooks.loop import Callbacks
from core.training.hooks.measures import LogScalar
from core.training.model_files import save_alphabet
from core.training.model_fn import make_model_fn
from core.training.plan import TrainingPlan
from core.training.state import copy_state
from core.training.tensorboard import closing_event_files, write_hparams
from experiments.pipeline.costs import Phases
from experiments.pipeline.processors import share_of_threads
from experiments.pipeline.progress import ProgressDisplay

__all__ = [
    "DivergedError",
    "TrainedNetwork",
    "closing_event_files",
    "copy_state",
    "export",
    "fit",
    "save_alphabet",
    "use_one_thread",
    "write_hparams",
]


def draw_examples(plan: SplitPlan, task: Task, *, direction: str, seed: int) -> Examples:
    """Draw the numbers, write their words, split them, and make the alphabet of the training words."""
    splits = draw_splits(plan, seed=seed)
    return Examples(splits, Encoder(make_alphabet(splits["train"].words), direction), task)


def make_network(architecture: Architecture, plan: TrainingPlan, model_dir: Path) -> tf.estimator.Estimator:
    """Make the Estimator of a network; its checkpoints go to model_dir."""
    return make_estimator(
        model_fn=make_model_fn(architecture, plan),
        model_dir=model_dir,
        seed=plan.seed,
        threads=share_of_threads(parts_of_batch(plan.batch_size, architecture.hidden)),
    )


def fit(
    network: tf.estimator.Estimator,
    examples: Examples,
    plan: TrainingPlan,
    *,
    log_scalar: LogScalar,
    phases: Phases,
    on_validation: Callable[[int, Mapping[str, float]], None],
    after_step: Callable[[], None],
) -> TrainingResult:
    """Train until max_steps or until patience is exhausted, and keep the best checkpoint.

    A training that was interrupted resumes if the directory of the network holds its state.

    Args:
        network: to be trained.
        examples: the words.
        plan: how to train.
        log_scalar: takes (name, value, step) of every measure.
        phases: counts the steps.
        on_validation: takes the step and the measures by name of each validation.
        after_step: is called after each step; an exception ends the training, which saves its state.
    """
    start_steps: list[int] = []

    def start(step: int) -> None:
        start_steps.append(step)
        if step:
            print(f"resumes at step {step}")
        phases.enter("training")

    def finish_step() -> None:
        phases.steps += 1
        after_step()

    def show_validation(step: int, measures: Mapping[str, float]) -> None:
        progress.show_validation(step, measures)
        on_validation(step, measures)

    with ProgressDisplay(plan.max_steps, examples.task.result) as progress:
        callbacks = Callbacks(
            log_scalar=progress.watch(log_scalar),
            on_start=start,
            on_validation=show_validation,
            after_step=finish_step,
        )
        result = train(network, examples=examples, plan=plan, callbacks=callbacks)
    if start_steps:
        phases.steps = result.last_step - start_steps[0]
    return result


def measure(
    network: tf.estimator.Estimator, examples: Examples, log_scalar: LogScalar
) -> Mapping[str, Mapping[str, float]]:
    """Measure the best checkpoint on every split without a part in training: measures by split and name."""
    return {
        name: evaluate(network, split=name, input_fn=examples.evaluation_input_fn(name), log_scalar=log_scalar)
        for name in examples.splits
        if name not in ("train", "validation")
    }
