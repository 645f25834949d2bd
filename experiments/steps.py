"""The steps of a run, in the order of the data; each names the config entries it needs, and Sacred fills them in.

What stands on TensorFlow is imported inside of the steps: importing this module costs nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.examples import Split, make_examples, plan_splits
from core.tasks import TASKS
from experiments.phases import Phases
from experiments.progress import Progress

if TYPE_CHECKING:
    import tensorflow as tf

    from core.characters import Alphabet
    from core.hooks import LogScalar


def draw_examples(
    language: str,
    min_number: int,
    max_number: int,
    data_size: int,
    validation_fraction: float,
    test_fraction: float,
    cover_parts: bool,
    extrapolation_max: int | None,
    extrapolation_size: int,
    seed: int,
) -> Mapping[str, Split]:
    """Draw the numbers, write their words and split them."""
    splits = plan_splits(
        min_number=min_number,
        max_number=max_number,
        data_size=data_size,
        validation_fraction=validation_fraction,
        test_fraction=test_fraction,
        extrapolation_max=extrapolation_max,
        extrapolation_size=extrapolation_size,
    )
    return make_examples(language=language, seed=seed, splits=splits, cover_parts=cover_parts)


def build_network(
    alphabet: "Alphabet",
    model_dir: Path,
    task: str,
    head: str,
    hidden: int,
    embedding: int,
    max_number: int,
    batch_size: int,
    learning_rate: float,
    weight_decay: float,
    max_steps: int,
    seed: int,
) -> "tf.estimator.Estimator":
    """Make the Estimator of the task, whose checkpoints are in model_dir."""
    from core.encoder import parts_of_batch
    from core.estimator import make_estimator
    from core.model import make_model_fn

    parts = parts_of_batch(batch_size, hidden)
    model_fn = make_model_fn(
        task=TASKS[task],
        head=TASKS[task].heads[head],
        alphabet_size=alphabet.size,
        embedding=embedding,
        hidden=hidden,
        largest=max(max_number, 1),
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        max_steps=max_steps,
        parts=parts,
    )
    return make_estimator(model_fn=model_fn, model_dir=model_dir, seed=seed, threads=parts)


def fit(
    network: "tf.estimator.Estimator",
    examples: Mapping[str, Split],
    alphabet: "Alphabet",
    log_scalar: "LogScalar",
    phases: Phases,
    heed: Callable[[], None],
    task: str,
    batch_size: int,
    max_steps: int,
    evaluate_every: int,
    log_every: int,
    patience: int,
    seed: int,
) -> tuple[int, int]:
    """Train until max_steps or the end of patience, and keep the best checkpoint; return its step and the last.

    A training that was interrupted goes on, where the directory of the network holds its state.
    """
    from core.estimator import train
    from core.inputs import make_evaluation_input_fn, make_training_input_fn
    from core.resume import read_state
    from core.selection import Selection

    def after_step() -> None:
        phases.steps += 1
        heed()

    question = TASKS[task]
    state = read_state(Path(network.model_dir))
    start_step = state.step if state else 0
    selection = Selection(
        question.result,
        higher_is_better=question.higher_is_better,
        patience=patience,
        progress=state.progress if state else None,
    )
    if state is not None:
        print(f"goes on at step {state.step}")
    with Progress(max_steps, question.result) as progress:
        last_step = train(
            network,
            train_input_fn=make_training_input_fn(
                examples["train"],
                label_name=task,
                label=question.label,
                alphabet=alphabet,
                batch_size=batch_size,
                seed=seed,
                start_step=start_step,
            ),
            validation_input_fn=make_evaluation_input_fn(
                examples["validation"], label_name=task, label=question.label, alphabet=alphabet
            ),
            selection=selection,
            state=state,
            max_steps=max_steps,
            evaluate_every=evaluate_every,
            log_every=log_every,
            log_scalar=progress.watch(log_scalar),
            report=progress.validated,
            begins=lambda: phases.enter("training"),
            heed=after_step,
        )
    phases.steps = last_step - start_step
    return selection.best_step, last_step


def measure(
    network: "tf.estimator.Estimator",
    examples: Mapping[str, Split],
    alphabet: "Alphabet",
    log_scalar: "LogScalar",
    task: str,
) -> Mapping[str, Mapping[str, float]]:
    """Measure the best checkpoint on every split that had no part in training: measures by split and name."""
    from core.estimator import evaluate
    from core.inputs import make_evaluation_input_fn

    return {
        split: evaluate(
            network,
            split=split,
            input_fn=make_evaluation_input_fn(drawn, label_name=task, label=TASKS[task].label, alphabet=alphabet),
            log_scalar=log_scalar,
        )
        for split, drawn in examples.items()
        if split not in ("train", "validation")
    }
