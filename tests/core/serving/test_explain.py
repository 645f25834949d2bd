"""The answer within a word is the answer to the prefix."""

import numpy as np
import pytest
import tensorflow as tf

from core.network.architecture import Architecture
from core.network.tasks import TASKS
from core.serving.explain import Explanation, explain
from core.serving.input_fn import make_prediction_input_fn
from core.serving.predict import predict
from core.training.estimator import make_estimator
from core.training.model_fn import make_model_fn
from tests.core.small_training import ALPHABET, PLAN, train_small


@pytest.fixture(scope="module")
def parity(tmp_path_factory):
    estimator, _, _ = train_small(tmp_path_factory.mktemp("parity"), max_steps=60)
    return estimator


def hardly_trained(model_dir, head):
    """Make an Estimator of the task number whose checkpoint has hardly trained weights."""
    architecture = Architecture(
        task=TASKS["number"], head=head, alphabet_size=ALPHABET.size, embedding=4, hidden=6, largest=99.0
    )
    estimator = make_estimator(model_fn=make_model_fn(architecture, PLAN), model_dir=model_dir, seed=1)

    def input_fn():
        features = {"characters": [[2, 3]], "lengths": [2]}
        return tf.data.Dataset.from_tensors((features, {"number": np.array([11])}))

    save = tf.estimator.CheckpointSaverHook(str(model_dir), save_steps=1)
    estimator.train(input_fn, hooks=[save], steps=1)
    return estimator


def test_every_prefix_has_the_answer_of_a_word(parity):
    explanation = explain(parity, word=" VIERunddreissig", alphabet=ALPHABET, language="de")
    input_fn = make_prediction_input_fn(words=explanation.prefixes, alphabet=ALPHABET, language="de")
    answers = list(predict(parity, input_fn=input_fn))

    assert explanation.word == "vierunddreißig"
    assert explanation.prefixes[:2] == ["v", "vi"]
    assert explanation.prefixes[-1] == explanation.word
    np.testing.assert_array_equal(explanation.answers["parity"], [answer["parity"] for answer in answers])
    np.testing.assert_allclose(
        explanation.answers["probability"], [answer["probability"] for answer in answers], rtol=0, atol=1e-6
    )
    assert np.ptp(explanation.answers["probability"]) > 0.01
    assert explanation.arithmetic == {}


@pytest.mark.parametrize("word", ["", "  ", "x" * 301, "q", "vier und"])
def test_an_unreadable_word_is_an_error(parity, word):
    with pytest.raises(ValueError, match="cannot be read"):
        explain(parity, word=word, alphabet=ALPHABET, language="de")


def test_the_internals_of_a_nalu_follow_its_formula(tmp_path):
    estimator = hardly_trained(tmp_path, "nalu")
    explanation = explain(estimator, word="elf", alphabet=ALPHABET, language="de")
    w_hat, m_hat = (estimator.get_variable_value(f"nalu/{name}") for name in ("W_hat", "M_hat"))

    np.testing.assert_allclose(explanation.arithmetic["weights"], np.tanh(w_hat) / (1 + np.exp(-m_hat)), rtol=1e-5)
    assert explanation.arithmetic["weights"].shape == (6, 1)
    assert explanation.arithmetic["gate"].shape == (3, 1)
    assert ((explanation.arithmetic["gate"] > 0) & (explanation.arithmetic["gate"] < 1)).all()


def test_a_long_word_is_read_like_its_prefixes(tmp_path):
    """The prefixes of a long word fill several batches."""
    estimator = hardly_trained(tmp_path, "nalu")
    word = "siebenundzwanzig" * 3
    explanation = explain(estimator, word=word, alphabet=ALPHABET, language="de")
    input_fn = make_prediction_input_fn(words=explanation.prefixes, alphabet=ALPHABET, language="de")

    assert len(np.unique(explanation.arithmetic["gate"])) > len(word) // 2
    numbers = [answer["number"] for answer in predict(estimator, input_fn=input_fn)]
    np.testing.assert_allclose(explanation.answers["number"], numbers, rtol=1e-5)
    for end in (1, 15, 16, 17, 33, len(word)):
        prefix = explain(estimator, word=word[:end], alphabet=ALPHABET, language="de")
        np.testing.assert_allclose(explanation.arithmetic["gate"][end - 1], prefix.arithmetic["gate"][-1], rtol=1e-5)


def test_a_nac_has_weights_without_a_gate_and_a_linear_head_has_neither(tmp_path):
    cells = {}
    for head in ("nac", "linear"):
        estimator = hardly_trained(tmp_path / head, head)
        cells[head] = explain(estimator, word="elf", alphabet=ALPHABET, language="de").arithmetic.keys()

    assert cells == {"nac": {"weights"}, "linear": set()}


def test_the_distance_is_to_the_nearest_of_minus_1_0_and_1():
    weights = np.array([[-1.0], [-0.75], [-0.5], [-0.25], [0.0], [0.125], [0.625], [0.9375]])
    explanation = Explanation("elf", {}, {"weights": weights})

    assert explanation.distances.ravel().tolist() == [0.0, 0.25, 0.5, 0.25, 0.0, 0.125, 0.375, 0.0625]
