"""A training that is small enough for a test."""

from pathlib import Path

from core.characters import make_alphabet
from core.estimator import make_estimator, train
from core.examples import make_examples, plan_splits
from core.inputs import make_evaluation_input_fn, make_training_input_fn
from core.model import make_model_fn
from core.resume import read_state
from core.selection import Selection
from core.tasks import TASKS

PARITY = TASKS["parity"]
EXAMPLES = make_examples(
    language="de",
    seed=3,
    cover_parts=False,
    splits=plan_splits(
        min_number=0,
        max_number=99,
        data_size=100,
        validation_fraction=0.2,
        test_fraction=0.2,
        extrapolation_max=None,
        extrapolation_size=1,
    ),
)
ALPHABET = make_alphabet(EXAMPLES["train"].words)


def ignore(*point):
    """Take a point, or a report, and do nothing with it."""


def trained(model_dir, *, max_steps=150, learning_rate=0.01, patience=1000, heed=ignore, logged=None):
    """An Estimator trained on numbers below 100, what it logged, and its last step; it goes on where model_dir is."""
    model_fn = make_model_fn(
        task=PARITY,
        head=PARITY.heads["softmax"],
        alphabet_size=ALPHABET.size,
        embedding=8,
        hidden=16,
        largest=99.0,
        learning_rate=learning_rate,
        weight_decay=0.1,
        max_steps=max_steps,
    )
    estimator = make_estimator(model_fn=model_fn, model_dir=model_dir, seed=3)
    logged = [] if logged is None else logged
    state = read_state(Path(model_dir))
    last_step = train(
        estimator,
        train_input_fn=make_training_input_fn(
            EXAMPLES["train"],
            label_name="parity",
            label=PARITY.label,
            alphabet=ALPHABET,
            batch_size=16,
            seed=3,
            start_step=state.step if state else 0,
        ),
        validation_input_fn=evaluation_input("validation"),
        selection=Selection(
            "accuracy", higher_is_better=True, patience=patience, progress=state.progress if state else None
        ),
        state=state,
        max_steps=max_steps,
        evaluate_every=10,
        log_every=5,
        log_scalar=lambda *point: logged.append(point),
        report=ignore,
        begins=ignore,
        heed=heed,
    )
    return estimator, logged, last_step


def evaluation_input(split):
    return make_evaluation_input_fn(EXAMPLES[split], label_name="parity", label=PARITY.label, alphabet=ALPHABET)
