import numpy as np
import pytest
import tensorflow as tf

from core.data.alphabet import PADDING, UNKNOWN, Alphabet
from core.data.characters import Encoder


def test_words_become_padded_ids():
    features = Encoder(Alphabet("eflwzö"), "forwards").encode(tf.constant(["elf", "zwölf", "öl"]))

    assert features["characters"].numpy().tolist() == [
        [2, 4, 3, PADDING, PADDING],
        [6, 5, 7, 4, 3],
        [7, 4, PADDING, PADDING, PADDING],
    ]
    assert features["lengths"].numpy().tolist() == [3, 5, 2]
    assert features["characters"].dtype == features["lengths"].dtype == tf.int32


def test_characters_outside_of_the_alphabet_are_unknown():
    features = Encoder(Alphabet("ez"), "forwards").encode(tf.constant(["aez!🦊"]))

    assert features["characters"].numpy().tolist() == [[UNKNOWN, 2, 3, UNKNOWN, UNKNOWN]]


@pytest.mark.parametrize("direction", ["forwards", "backwards"])
@pytest.mark.parametrize("letters", ["aelfß", "".join(map(chr, range(0x4E00, 0x4E00 + 300)))], ids=["few", "many"])
def test_words_have_the_same_ids_inside_and_outside_of_a_graph(letters, direction):
    encoder = Encoder(Alphabet("".join(sorted(set(letters + "elf")))), direction)
    words = ["elf", "e", letters[-3:] + "x", "fx" * 40, "\U0001f600l"] * 2000
    encoded = encoder.encode_all(words)
    places = np.array([3, 0, 4, 9999, 2])
    characters, lengths = encoded.take(places)
    expected = encoder.encode(tf.constant([words[place] for place in places]))

    assert encoded.time == 80
    assert {characters.dtype.name, lengths.dtype.name} == {"int32"}
    np.testing.assert_array_equal(characters, expected["characters"])
    np.testing.assert_array_equal(lengths, expected["lengths"])


def test_a_word_that_is_read_backwards_begins_with_its_last_character():
    encoder = Encoder(Alphabet("eflwzö"), "backwards")
    features = encoder.encode(tf.constant(["elf", "zwölf"]))

    assert features["characters"].numpy().tolist() == [[3, 4, 2, PADDING, PADDING], [3, 4, 7, 5, 6]]
    assert [encoder.decode(ids) for ids in ([3, 4, 2], [3, 4, 7, 5, 6])] == ["elf", "zwölf"]


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="direction=sideways is unknown: choose one of forwards, backwards"):
        Encoder(Alphabet("efl"), "sideways")
