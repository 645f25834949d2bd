"""The answer within a word is the answer to the prefix."""

import numpy as np
import pytest

from core.data.characters import Encoder
from core.serving.explain import Explanation, explain
from core.serving.predict import predict
from tests.core.small_training import ALPHABET, hardly_trained, train_small, trained_network


@pytest.fixture(scope="module")
def parity(tmp_path_factory):
    estimator, _, _ = train_small(tmp_path_factory.mktemp("parity"), max_steps=60)
    return trained_network(estimator)


def test_every_prefix_has_the_answer_of_a_word(parity):
    explanation = explain(parity, " VIERunddreissig")
    answers = list(predict(parity, explanation.parts))

    assert explanation.word == "vierunddreißig"
    assert explanation.parts[:2] == ["v", "vi"]
    assert explanation.parts[-1] == explanation.word
    np.testing.assert_array_equal(explanation.answers["parity"], [answer["parity"] for answer in answers])
    np.testing.assert_allclose(
        explanation.answers["probability"], [answer["probability"] for answer in answers], rtol=0, atol=1e-6
    )
    assert np.ptp(explanation.answers["probability"]) > 0.01
    assert explanation.arithmetic == {}


@pytest.mark.parametrize("word", ["", "  ", "x" * 301, "q", "vier und"])
def test_an_unreadable_word_is_an_error(parity, word):
    with pytest.raises(ValueError, match="cannot be read"):
        explain(parity, word)


def test_the_internals_of_a_nalu_follow_its_formula(tmp_path):
    network = hardly_trained(tmp_path, "nalu")
    explanation = explain(network, "elf")
    w_hat, m_hat = (network.estimator.get_variable_value(f"nalu/{name}") for name in ("W_hat", "M_hat"))

    weights = (np.tanh(w_hat) / (1 + np.exp(-m_hat))).ravel()
    np.testing.assert_allclose(explanation.arithmetic["weights"], weights, rtol=1e-5)
    assert explanation.arithmetic["weights"].shape == (6,)
    assert explanation.arithmetic["gate"].shape == (3, 1)
    assert ((explanation.arithmetic["gate"] > 0) & (explanation.arithmetic["gate"] < 1)).all()


def test_a_long_word_is_read_like_its_prefixes(tmp_path):
    """The prefixes of a long word fill several batches."""
    network = hardly_trained(tmp_path, "nalu")
    word = "siebenundzwanzig" * 3
    explanation = explain(network, word)

    assert len(np.unique(explanation.arithmetic["gate"])) > len(word) // 2
    numbers = [answer["number"] for answer in predict(network, explanation.parts)]
    np.testing.assert_allclose(explanation.answers["number"], numbers, rtol=1e-5)
    for end in (1, 15, 16, 17, 33, len(word)):
        prefix = explain(network, word[:end])
        np.testing.assert_allclose(explanation.arithmetic["gate"][end - 1], prefix.arithmetic["gate"][-1], rtol=1e-5)


def test_the_weights_of_all_cells_of_a_head_are_shown_and_its_gate(tmp_path):
    cells = {}
    for head in ("nac", "linear", "nau", "nmu", "inalu"):
        network = hardly_trained(tmp_path / head, head)
        cells[head] = {name: values.shape for name, values in explain(network, "elf").arithmetic.items()}

    assert cells == {
        "nac": {"weights": (6,)},
        "linear": {},
        "nau": {"weights": (6,)},
        "nmu": {"weights": (6 * 2 + 2,)},
        "inalu": {"weights": (2 * 6,), "gate": (3, 1)},
    }


def test_the_distance_is_to_the_nearest_of_minus_1_0_and_1():
    weights = np.array([[-1.0], [-0.75], [-0.5], [-0.25], [0.0], [0.125], [0.625], [0.9375]])
    explanation = Explanation("elf", False, {}, {"weights": weights})

    assert explanation.distances.ravel().tolist() == [0.0, 0.25, 0.5, 0.25, 0.0, 0.125, 0.375, 0.0625]


def test_a_network_that_reads_backwards_explains_the_ends_of_a_word(tmp_path):
    network = hardly_trained(tmp_path, "places", Encoder(ALPHABET, "backwards"))
    explanation = explain(network, "elf")

    assert explanation.parts == ["f", "lf", "elf"]
    assert explanation.answers["number"].tolist() == [
        answer["number"] for answer in predict(network, explanation.parts)
    ]
    assert {name: values.shape for name, values in explanation.places.items()} == {
        "digit": (3, 10),
        "place": (3, 3),
        "scale": (3, 1),
    }


@pytest.mark.parametrize(("head", "memory"), [("codebook", 5), ("codebook", None), ("product", 5)])
def test_the_answer_is_the_running_sum_of_what_a_head_adds(tmp_path, head, memory):
    network = hardly_trained(tmp_path, head, Encoder(ALPHABET, "backwards"), memory)
    explanation = explain(network, "einundelfzig")

    assert explanation.addends["added"].shape == (12,)
    np.testing.assert_allclose(explanation.answers["number"], explanation.addends["added"].cumsum(), rtol=1e-4)
