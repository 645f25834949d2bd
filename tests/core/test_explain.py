"""What a network holds within a word is what it answers to the beginning of the word."""

import numpy as np
import pytest
import tensorflow as tf

from core.estimator import make_estimator, predict
from core.explain import Explanation, explain
from core.inputs import make_prediction_input_fn
from core.model import make_model_fn
from core.tasks import TASKS
from tests.core.training import ALPHABET, trained


@pytest.fixture(scope="module")
def parity(tmp_path_factory):
    estimator, _, _ = trained(tmp_path_factory.mktemp("parity"), max_steps=60)
    return estimator


def untrained(model_dir, head):
    """An estimator of the task number whose checkpoint holds weights that are hardly trained."""
    task = TASKS["number"]
    model_fn = make_model_fn(
        task=task,
        head=task.heads[head],
        alphabet_size=ALPHABET.size,
        embedding=4,
        hidden=6,
        largest=99.0,
        learning_rate=0.01,
        weight_decay=0.0,
        max_steps=1,
    )
    estimator = make_estimator(model_fn=model_fn, model_dir=model_dir, seed=1)

    def input_fn():
        features = {"characters": [[2, 3]], "lengths": [2]}
        return tf.data.Dataset.from_tensors((features, {"number": np.array([11])}))

    save = tf.estimator.CheckpointSaverHook(str(model_dir), save_steps=1)
    estimator.train(input_fn, hooks=[save], steps=1)
    return estimator


def test_every_beginning_of_a_word_is_answered_as_a_word_of_its_own(parity):
    seen = explain(parity, word=" VIERunddreissig", alphabet=ALPHABET, language="de")
    asked = make_prediction_input_fn(words=seen.prefixes, alphabet=ALPHABET, language="de")
    answers = list(predict(parity, input_fn=asked))

    assert seen.word == "vierunddreißig"
    assert seen.prefixes[:2] == ["v", "vi"]
    assert seen.prefixes[-1] == seen.word
    np.testing.assert_array_equal(seen.answers["parity"], [answer["parity"] for answer in answers])
    np.testing.assert_allclose(
        seen.answers["probability"], [answer["probability"] for answer in answers], rtol=0, atol=1e-6
    )
    assert np.ptp(seen.answers["probability"]) > 0.01
    assert seen.arithmetic == {}


@pytest.mark.parametrize("word", ["", "  ", "x" * 301, "q", "vier und"])
def test_a_word_that_cannot_be_read_is_an_error(parity, word):
    with pytest.raises(ValueError, match="cannot be read"):
        explain(parity, word=word, alphabet=ALPHABET, language="de")


def test_the_insides_of_a_nalu_are_those_of_its_formula(tmp_path):
    estimator = untrained(tmp_path, "nalu")
    seen = explain(estimator, word="elf", alphabet=ALPHABET, language="de")
    w_hat, m_hat = (estimator.get_variable_value(f"nalu/{name}") for name in ("W_hat", "M_hat"))

    np.testing.assert_allclose(seen.arithmetic["weights"], np.tanh(w_hat) / (1 + np.exp(-m_hat)), rtol=1e-5)
    assert seen.arithmetic["weights"].shape == (6, 1)
    assert seen.arithmetic["gate"].shape == (3, 1)
    assert ((seen.arithmetic["gate"] > 0) & (seen.arithmetic["gate"] < 1)).all()


def test_within_a_long_word_all_is_as_at_the_end_of_its_beginning(tmp_path):
    """The beginnings of a word go through the network in several batches."""
    estimator = untrained(tmp_path, "nalu")
    word = "siebenundzwanzig" * 3
    seen = explain(estimator, word=word, alphabet=ALPHABET, language="de")
    asked = make_prediction_input_fn(words=seen.prefixes, alphabet=ALPHABET, language="de")

    assert len(np.unique(seen.arithmetic["gate"])) > len(word) // 2
    numbers = [answer["number"] for answer in predict(estimator, input_fn=asked)]
    np.testing.assert_allclose(seen.answers["number"], numbers, rtol=1e-5)
    for end in (1, 15, 16, 17, 33, len(word)):
        beginning = explain(estimator, word=word[:end], alphabet=ALPHABET, language="de")
        np.testing.assert_allclose(seen.arithmetic["gate"][end - 1], beginning.arithmetic["gate"][-1], rtol=1e-5)


def test_a_nac_has_weights_and_no_gate_and_a_linear_head_neither(tmp_path):
    cells = {
        head: explain(untrained(tmp_path / head, head), word="elf", alphabet=ALPHABET, language="de").arithmetic.keys()
        for head in ("nac", "linear")
    }

    assert cells == {"nac": {"weights"}, "linear": set()}


def test_the_distance_is_that_to_the_nearest_of_three():
    weights = np.array([[-1.0], [-0.75], [-0.5], [-0.25], [0.0], [0.125], [0.625], [0.9375]])
    seen = Explanation("elf", {}, {"weights": weights})

    assert seen.distances.ravel().tolist() == [0.0, 0.25, 0.5, 0.25, 0.0, 0.125, 0.375, 0.0625]
