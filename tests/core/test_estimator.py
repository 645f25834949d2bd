import math

import numpy as np
import pytest
import tensorflow as tf

from core.characters import make_alphabet
from core.estimator import evaluate, make_estimator, predict, train
from core.examples import make_examples, plan_splits
from core.hooks import DivergedError, Selection
from core.inputs import make_evaluation_input_fn, make_prediction_input_fn, make_training_input_fn
from core.model import make_model_fn
from core.numerals import number_word
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


def trained(model_dir, *, max_steps=150, learning_rate=0.01, patience=1000):
    """An Estimator trained on numbers below 100, what it logged, and its last step."""
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
    estimator = make_estimator(model_fn=model_fn, model_dir=model_dir, seed=3, log_every=5)
    logged = []
    last_step = train(
        estimator,
        train_input_fn=make_training_input_fn(
            EXAMPLES["train"], label_name="parity", label=PARITY.label, alphabet=ALPHABET, batch_size=16, seed=3
        ),
        validation_input_fn=evaluation_input("validation"),
        selection=Selection("accuracy", higher_is_better=True, patience=patience),
        max_steps=max_steps,
        evaluate_every=10,
        log_every=5,
        log_scalar=lambda *point: logged.append(point),
        report=ignore,
    )
    return estimator, logged, last_step


def ignore(*point):
    """Take a point, or a report, and do nothing with it."""


def evaluation_input(split):
    return make_evaluation_input_fn(EXAMPLES[split], label_name="parity", label=PARITY.label, alphabet=ALPHABET)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("model"))


def test_an_estimator_trains_evaluates_and_answers_ten_words(run):
    estimator, _, _ = run
    logged = []
    measures = evaluate(
        estimator, split="train", input_fn=evaluation_input("train"), log_scalar=lambda *point: logged.append(point)
    )
    numbers = EXAMPLES["train"].numbers[:10].tolist()
    words = [number_word(number) for number in numbers]
    answers = list(predict(estimator, input_fn=make_prediction_input_fn(words=words, alphabet=ALPHABET)))

    assert measures["accuracy"] > 0.95
    assert {name for name, _, _ in logged} == {"train/loss", "train/accuracy"}
    assert len(answers) == 10
    assert sum(answer["parity"] == 1 - number % 2 for answer, number in zip(answers, numbers, strict=True)) >= 9
    assert all((answer["probability"] > 0.5) == (answer["parity"] == 1) for answer in answers)


def test_measures_have_the_names_and_steps_they_should(run):
    _, logged, last_step = run
    steps: dict[str, list[int]] = {}
    for name, _, step in logged:
        steps.setdefault(name, []).append(step)

    assert last_step == 150
    assert steps == {
        **{
            f"train/{name}": list(range(5, 151, 5))
            for name in ("loss", "accuracy", "gradient_norm", "steps_per_second")
        },
        **{f"validation/{name}": list(range(0, 151, 10)) for name in ("loss", "accuracy")},
    }


def test_the_checkpoint_is_that_of_the_best_validation(run):
    estimator, logged, _ = run
    validations: dict[int, dict[str, float]] = {}
    for name, value, step in logged:
        if name.startswith("validation/"):
            validations.setdefault(step, {})[name] = value
    best = min(
        validations, key=lambda step: (-validations[step]["validation/accuracy"], validations[step]["validation/loss"])
    )
    again = evaluate(estimator, split="validation", input_fn=evaluation_input("validation"), log_scalar=ignore)

    assert tf.train.latest_checkpoint(estimator.model_dir).endswith(f"model.ckpt-{best}")
    assert again == {name.removeprefix("validation/"): value for name, value in validations[best].items()}


def test_an_accuracy_is_what_counting_the_answers_gives(run):
    estimator, _, _ = run
    words, numbers = EXAMPLES["test"].words, EXAMPLES["test"].numbers
    answers = predict(estimator, input_fn=make_prediction_input_fn(words=words, alphabet=ALPHABET))
    counted = np.mean([answer["parity"] == 1 - number % 2 for answer, number in zip(answers, numbers, strict=True)])
    measures = evaluate(estimator, split="test", input_fn=evaluation_input("test"), log_scalar=ignore)

    assert measures["accuracy"] == pytest.approx(counted)


def test_loss_and_accuracy_of_training_and_validation_are_in_tensorboard(run):
    estimator, logged, _ = run

    def tags(directory):
        [events] = [str(path) for path in tf.io.gfile.glob(f"{directory}/events*")]
        return {
            (value.tag, event.step): value.simple_value
            for event in tf.compat.v1.train.summary_iterator(events)
            for value in event.summary.value
        }

    training, validation = tags(estimator.model_dir), tags(f"{estimator.model_dir}/eval_validation")
    logged_loss = {step: value for name, value, step in logged if name == "validation/loss"}
    assert {"loss", "accuracy"} <= {tag for tag, _ in training}
    assert {"loss", "accuracy"} <= {tag for tag, _ in validation}
    assert {step: value for (tag, step), value in validation.items() if tag == "loss"} == pytest.approx(logged_loss)


def test_training_again_gives_the_same_bits(run, tmp_path):
    estimator, logged, _ = run
    again, logged_again, _ = trained(tmp_path)

    def without_speed(points):
        return [point for point in points if point[0] != "train/steps_per_second"]

    assert without_speed(logged_again) == without_speed(logged)
    for name in estimator.get_variable_names():
        assert np.array_equal(estimator.get_variable_value(name), again.get_variable_value(name)), name


def test_patience_ends_training_early(tmp_path):
    _, logged, last_step = trained(tmp_path, learning_rate=1e-9, patience=20)

    assert last_step == 20
    assert max(step for _, _, step in logged) == 20


def test_a_loss_that_explodes_ends_training_with_its_step(tmp_path):
    with pytest.raises(DivergedError) as raised:
        trained(tmp_path, learning_rate=1000.0)

    assert 1 < raised.value.step < 150
    assert not math.isfinite(float(str(raised.value).split()[3]))
