import pytest

from core.data.alphabet import Alphabet, load_alphabet, make_alphabet
from core.training.model_files import save_alphabet


def test_the_alphabet_holds_each_letter_once_in_order():
    alphabet = make_alphabet(["zwölf", "elf"])

    assert alphabet.letters == "eflwzö"
    assert alphabet.size == 8


@pytest.mark.parametrize("letters", ["", "ba", "aa"])
def test_an_alphabet_with_repeated_or_unsorted_letters_is_refused(letters):
    with pytest.raises(ValueError, match="ascending order"):
        Alphabet(letters)


def test_a_stored_alphabet_is_read_back(tmp_path):
    alphabet = make_alphabet(["eine Million", "dreißig"])
    save_alphabet(alphabet, tmp_path)

    assert load_alphabet(tmp_path) == alphabet
