import pytest

from core.data.alphabet import make_alphabet
from core.data.characters import Encoder
from core.data.numerals import number_word
from core.serving.input_fn import make_prediction_input_fn
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
