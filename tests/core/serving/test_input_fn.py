import tempfile

import pytest

from core.data.alphabet import UNKNOWN, make_alphabet
from core.data.characters import Encoder
from core.data.numerals import number_word
from core.serving.input_fn import (
    make_examples_input_fn,
    make_prediction_input_fn,
    make_prefix_input_fn,
    why_unreadable,
)
from tests.core.data.test_input_fn import decode

ALPHABET = make_alphabet(number_word(number) for number in range(40))
ENCODERS = [Encoder(ALPHABET, direction) for direction in ("forwards", "backwards")]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_prediction_keeps_the_order_of_the_words(encoder):
    words = ["zwanzig", "elf", "acht", "elf"]
    [features] = make_prediction_input_fn(words=words, encoder=encoder, language="de")()

    assert decode(encoder, features["characters"], features["lengths"]) == words


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize(
    ("word", "readable"),
    [
        ("elf", 1),
        ("  ELF ", 1),
        ("", 0),
        ("   ", 0),
        ("x", 0),
        ("elfx", 0),
        ("e" * 300, 1),
        ("e" * 301, 0),
        ("\xff\xfe", 0),
    ],
)
def test_an_unreadable_word_is_marked_and_does_not_disturb_its_neighbours(word, readable, encoder):
    words = ["acht", word, "zwanzig"]
    [features] = make_prediction_input_fn(words=words, encoder=encoder, language="de")()
    decoded = decode(encoder, features["characters"], features["lengths"])

    assert features["readable"].numpy().tolist() == [1, readable, 1]
    assert (decoded[0], decoded[2]) == ("acht", "zwanzig")
    assert decoded[1] == (word.strip().lower() if readable else ALPHABET.letters[0])


def test_words_are_read_on_demand():
    places = iter(range(100_000))
    words = ("elf" for _ in places)
    [features] = make_prediction_input_fn(words=words, encoder=ENCODERS[0], language="de")().take(1)

    assert len(features["lengths"]) == 1024
    assert next(places) < 20_000


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("  ELF ", None),
        ("", "empty"),
        (" \t", "empty"),
        ("e" * 301, "longer than 300 characters"),
        ("elfxpx", "never seen in training: x p"),
        ("elf\x07 elf", "never seen in training: U+0007 blank"),
    ],
)
def test_the_reason_why_a_word_is_unreadable_names_its_characters(word, reason):
    [features] = make_prediction_input_fn(words=[word], encoder=ENCODERS[0], language="de")()

    assert why_unreadable(word, ENCODERS[0], "de") == reason
    assert features["readable"].numpy().tolist() == [int(reason is None)]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_examples_are_read_as_in_training_and_keep_their_order(encoder):
    words = ["zwanzig", "Elf ", "acht", *(number_word(number) for number in range(1500))]
    batches = list(make_examples_input_fn(encoder.encode_all(words))())
    [first, *_] = batches

    assert [len(batch["lengths"]) for batch in batches] == [1024, 479]
    assert first["lengths"].numpy()[:3].tolist() == [7, 4, 4]
    assert (first["characters"].numpy()[1] == UNKNOWN).sum() == 2  # E and the blank
    assert all(batch["readable"].numpy().all() for batch in batches)


def test_the_reason_names_a_letter_as_a_person_sees_it_and_bytes_that_are_not_utf_8():
    assert why_unreadable("e\u0301lf", ENCODERS[0], "de") == "never seen in training: é"
    assert why_unreadable("f\ufffdnf", ENCODERS[0], "de") == "not UTF-8 where it has \ufffd"


@pytest.mark.parametrize("encoder", ENCODERS)
def test_no_input_is_converted_by_autograph(encoder, tmp_path, monkeypatch):
    """AutoGraph writes each function that it converts to a temporary file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = encoder.encode_all(["elf"])
    list(make_prediction_input_fn(words=["elf"], encoder=encoder, language="de")())
    list(make_examples_input_fn(words)())
    list(make_prefix_input_fn(words.ids.astype("int32"))())

    assert list(tmp_path.iterdir()) == []
