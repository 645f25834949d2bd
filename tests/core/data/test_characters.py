import numpy as np
import pytest
import tensorflow as tf

from core.data.characters import (
    PADDING,
    UNKNOWN,
    Alphabet,
    encode,
    encode_all,
    load_alphabet,
    make_alphabet,
    save_alphabet,
)


def test_the_alphabet_holds_each_letter_once_in_order():
    alphabet = make_alphabet(["zwölf", "elf"])

    assert alphabet.letters == "eflwzö"
    assert alphabet.size == 8


@pytest.mark.parametrize("letters", ["", "ba", "aa"])
def test_an_alphabet_with_repeated_or_unsorted_letters_is_refused(letters):
    with pytest.raises(ValueError, match="ascending order"):
        Alphabet(letters)


def test_words_become_padded_ids():
    features = encode(tf.constant(["elf", "zwölf", "öl"]), Alphabet("eflwzö"))

    assert features["characters"].numpy().tolist() == [
        [2, 4, 3, PADDING, PADDING],
        [6, 5, 7, 4, 3],
        [7, 4, PADDING, PADDING, PADDING],
    ]
    assert features["lengths"].numpy().tolist() == [3, 5, 2]
    assert features["characters"].dtype == features["lengths"].dtype == tf.int32


def test_characters_outside_of_the_alphabet_are_unknown():
    features = encode(tf.constant(["aez!🦊"]), Alphabet("ez"))

    assert features["characters"].numpy().tolist() == [[UNKNOWN, 2, 3, UNKNOWN, UNKNOWN]]


def test_a_stored_alphabet_is_read_back(tmp_path):
    alphabet = make_alphabet(["eine Million", "dreißig"])
    save_alphabet(alphabet, tmp_path)

    assert load_alphabet(tmp_path) == alphabet


@pytest.mark.parametrize("letters", ["aelfß", "".join(map(chr, range(0x4E00, 0x4E00 + 300)))], ids=["few", "many"])
def test_words_have_the_same_ids_inside_and_outside_of_a_graph(letters):
    alphabet = Alphabet("".join(sorted(set(letters + "elf"))))
    words = ["elf", "e", letters[-3:] + "x", "fx" * 40, "\U0001f600l"] * 2000
    encoded = encode_all(words, alphabet)
    places = np.array([3, 0, 4, 9999, 2])
    characters, lengths = encoded.take(places)
    expected = encode(tf.constant([words[place] for place in places]), alphabet)

    assert encoded.time == 80
    assert {characters.dtype.name, lengths.dtype.name} == {"int32"}
    np.testing.assert_array_equal(characters, expected["characters"])
    np.testing.assert_array_equal(lengths, expected["lengths"])
