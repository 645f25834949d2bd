import gc
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.data.batches import make_batches
from core.data.input_fn import make_training_input_fn
from core.data.numerals import number_word
from core.serving.predict import predict
from core.training.estimator import DivergedError, evaluate
from core.training.examples import Examples
from tests.core.small_training import ENCODER, EXAMPLES, ignore, train_small, trained_network
from tests.event_files import points


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train_small(tmp_path_factory.mktemp("model"))


def test_an_estimator_trains_evaluates_and_predicts_ten_words(run):
    estimator, _, _ = run
    logged = []
    measures = evaluate(
        estimator,
        split="train",
        input_fn=EXAMPLES.evaluation_input_fn("train"),
        log_scalar=lambda *point: logged.append(point),
    )
    numbers = EXAMPLES.splits["train"].numbers[:10].tolist()
    words = [number_word(number) for number in numbers]
    answers = list(predict(trained_network(estimator), words))

    assert measures["accuracy"] > 0.95
    assert {name for name, _, _ in logged} == {"train/loss", "train/accuracy"}
    assert len(answers) == 10
    assert sum(answer["parity"] == 1 - number % 2 for answer, number in zip(answers, numbers, strict=True)) >= 9
    assert all((answer["probability"] > 0.5) == (answer["parity"] == 1) for answer in answers)


def test_measures_have_their_names_and_steps(run):
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


def test_the_checkpoint_is_the_one_of_the_best_validation(run):
    estimator, logged, _ = run
    validations: dict[int, dict[str, float]] = {}
    for name, value, step in logged:
        if name.startswith("validation/"):
            validations.setdefault(step, {})[name] = value
    best = min(
        validations, key=lambda step: (-validations[step]["validation/accuracy"], validations[step]["validation/loss"])
    )
    again = evaluate(
        estimator, split="validation", input_fn=EXAMPLES.evaluation_input_fn("validation"), log_scalar=ignore
    )

    assert tf.train.latest_checkpoint(estimator.model_dir).endswith(f"model.ckpt-{best}")
    assert again == {name.removeprefix("validation/"): value for name, value in validations[best].items()}


def test_no_graph_is_left_of_a_training_an_evaluation_and_a_prediction(tmp_path):
    def graphs():
        gc.collect()
        return weakref.WeakSet(each for each in gc.get_objects() if type(each) is tf.Graph)

    before = graphs()
    estimator, _, _ = train_small(tmp_path, max_steps=10)
    evaluate(estimator, split="test", input_fn=EXAMPLES.evaluation_input_fn("test"), log_scalar=ignore)
    assert len(list(predict(trained_network(estimator), ["elf"]))) == 1
    del estimator

    assert not graphs() - before


def test_two_threads_build_their_networks_without_taking_the_gradients_of_each_other(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda name: train_small(tmp_path / name, max_steps=2), ("first", "second")))

    assert [last_step for _, _, last_step in ended] == [2, 2]


def test_the_accuracy_is_the_share_of_right_answers(run):
    estimator, _, _ = run
    words, numbers = EXAMPLES.splits["test"].words, EXAMPLES.splits["test"].numbers
    answers = predict(trained_network(estimator), words)
    counted = np.mean([answer["parity"] == 1 - number % 2 for answer, number in zip(answers, numbers, strict=True)])
    measures = evaluate(estimator, split="test", input_fn=EXAMPLES.evaluation_input_fn("test"), log_scalar=ignore)

    assert measures["accuracy"] == pytest.approx(counted)


def test_tensorboard_has_one_chart_for_a_measure_of_all_splits(run):
    estimator, _, _ = run
    evaluate(estimator, split="test", input_fn=EXAMPLES.evaluation_input_fn("test"), log_scalar=ignore)
    shown = {
        split: {tag for tag, _ in points(directory)}
        for split, directory in {
            "train": estimator.model_dir,
            "validation": estimator.eval_dir("validation"),
            "test": estimator.eval_dir("test"),
        }.items()
    }

    measures = {"measures/loss", "measures/accuracy"}
    assert shown == {
        "train": measures | {"training/gradient_norm", "training/steps_per_second"},
        "validation": measures,
        "test": measures,
    }


def test_tensorboard_has_the_logged_values(tmp_path):
    estimator, logged, _ = train_small(tmp_path)
    log = []
    evaluate(
        estimator,
        split="test",
        input_fn=EXAMPLES.evaluation_input_fn("test"),
        log_scalar=lambda *point: log.append(point),
    )

    for split, recorded in (("validation", logged), ("test", log)):
        losses = {step: value for name, value, step in recorded if name == f"{split}/loss"}
        shown = {step: value for (tag, step), value in points(estimator.eval_dir(split)).items() if "loss" in tag}
        assert losses
        assert shown == pytest.approx(losses)


def test_an_evaluation_leaves_only_its_events(tmp_path):
    estimator, _, _ = train_small(tmp_path)
    before = set(Path(estimator.model_dir).iterdir())
    evaluate(estimator, split="test", input_fn=EXAMPLES.evaluation_input_fn("test"), log_scalar=ignore)

    assert set(Path(estimator.model_dir).iterdir()) - before == {Path(estimator.eval_dir("test"))}


def test_training_again_gives_the_same_bits(run, tmp_path):
    estimator, logged, _ = run
    again, logged_again, _ = train_small(tmp_path)

    def without_speed(points):
        return [point for point in points if point[0] != "train/steps_per_second"]

    assert without_speed(logged_again) == without_speed(logged)
    for name in estimator.get_variable_names():
        assert np.array_equal(estimator.get_variable_value(name), again.get_variable_value(name)), name


def test_exhausted_patience_stops_training(tmp_path):
    _, logged, last_step = train_small(tmp_path, learning_rate=1e-9, patience=20)

    assert last_step == 20
    assert max(step for _, _, step in logged) == 20


def test_a_diverging_loss_stops_training_and_names_the_step(tmp_path):
    done = []
    with pytest.raises(DivergedError, match=r"the loss is (nan|inf) at step ") as raised:
        train_small(tmp_path, learning_rate=1000.0, after_step=lambda: done.append(1))

    assert 1 < raised.value.step < 150
    assert raised.value.step == len(done) + 1


def test_another_tensorflow_error_is_not_taken_for_divergence(tmp_path):
    def fail():
        raise tf.errors.InvalidArgumentError(None, None, "on purpose")

    with pytest.raises(tf.errors.InvalidArgumentError, match="on purpose"):
        train_small(tmp_path, after_step=fail)


def test_a_validation_input_of_unknown_length_is_refused(tmp_path, monkeypatch):
    """Its cardinality is negative, so that no batch would be evaluated."""
    known = EXAMPLES.evaluation_input_fn("validation")
    monkeypatch.setattr(Examples, "evaluation_input_fn", lambda *_: lambda: known().filter(lambda *_: True))

    with pytest.raises(ValueError, match="a known number of batches"):
        train_small(tmp_path)


def test_training_batches_are_prefetched(tmp_path):
    """Op determinism allows prefetching only if the input function is stateless."""
    tf.config.experimental.enable_op_determinism()
    taken = []

    class Labels(np.ndarray):
        def __getitem__(self, places):
            taken.append(len(places))
            return np.asarray(self)[places]

    examples = EXAMPLES.splits["train"]
    labels = {"parity": examples.numbers.astype(np.int32).view(Labels)}
    words = ENCODER.encode_all(examples.words)
    batch = make_batches(words.lengths, batch_size=4096, seed=1)
    input_fn = make_training_input_fn(words, labels, batch=batch, start_step=0)
    batches = iter(input_fn())
    next(batches)
    deadline = time.monotonic() + 30
    while len(taken) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert len(taken) >= 2  # the first is the batch that was requested
