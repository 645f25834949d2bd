import pytest
import tensorflow as tf

from core.characters import PADDING, UNKNOWN, Alphabet, encode, load_alphabet, make_alphabet, save_alphabet


def test_the_alphabet_holds_each_letter_once_in_order():
    alphabet = make_alphabet(["zwölf", "elf"])

    assert alphabet.letters == "eflwzö"
    assert alphabet.size == 8


@pytest.mark.parametrize("letters", ["", "ba", "aa"])
def test_letters_out_of_order_are_no_alphabet(letters):
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
