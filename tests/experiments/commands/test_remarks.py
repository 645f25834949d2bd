"""What is known of each word beside its answer."""

from types import SimpleNamespace
from typing import Any

import pytest

from core.data.alphabet import make_alphabet
from core.data.characters import Encoder
from core.data.numerals import number_word
from experiments.commands.remarks import add_truth, headings_with_truth
from tests.experiments.commands.runs import make_trained_run

ENCODER = Encoder(make_alphabet(number_word(number) for number in range(100)), "backwards")
NETWORK: Any = SimpleNamespace(encoder=ENCODER, language="de")


def remarks(tmp_path, words, answers, **config):
    """Return true number, true answer and remark of each word."""
    trained_run = make_trained_run(tmp_path, **config)
    rows = add_truth(words, answers, NETWORK, trained_run)
    return [(row["true_number"], row["true_answer"], row["remark"]) for row in rows]


@pytest.mark.parametrize(
    ("word", "parity", "expected"),
    [
        ("ELF", 0, ("11", "0", "")),
        ("zwoelf", 0, ("12", "1", "wrong")),
        ("einhundert", 1, ("100", "1", "outside of 0..99")),
        ("einhundert", 0, ("100", "1", "wrong, outside of 0..99")),
        ("elfelf", 0, (None, None, "number not known")),
    ],
)
def test_a_number_word_has_its_number_and_the_true_answer(tmp_path, word, parity, expected):
    answer = {"parity": parity, "probability": 0.5, "readable": 1}

    assert remarks(tmp_path, [word], [answer], task="parity") == [expected]


def test_a_value_is_right_if_it_rounds_to_the_number(tmp_path):
    answers = [{"number": value, "readable": 1} for value in (10.7, 11.7, float("inf"))]

    assert [each[2] for each in remarks(tmp_path, ["elf"] * 3, answers)] == ["", "wrong", "wrong"]
    assert headings_with_truth(make_trained_run(tmp_path).task) == {
        "number": "number",
        "probability": "probability",
        "true_number": "true number",
        "remark": "remark",
    }


def test_an_unreadable_word_has_a_reason_and_its_number_if_it_has_one(tmp_path):
    answer = {"number": -1, "readable": 0}

    assert remarks(tmp_path, ["", "elfx", "eintausend eins", "eine Million"], [answer] * 4) == [
        (None, None, "empty"),
        (None, None, "never seen in training: x"),
        (None, None, "never seen in training: blank"),
        ("1000000", "1000000", "never seen in training: blank M o, outside of 0..99"),
    ]


def test_answers_are_read_on_demand(tmp_path):
    def answers():
        yield {"number": 11, "readable": 1}
        raise AssertionError("read too early")

    rows = add_truth(iter(["elf", "zwölf"]), answers(), NETWORK, make_trained_run(tmp_path))
    assert next(rows)["true_number"] == "11"
