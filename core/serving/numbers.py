"""Reads number words as people write them: word -> number."""

from functools import cached_property

from core.data.numerals import german_number, number_word
from core.serving.spelling import normalize_text

LARGEST_KNOWN = 9999
"""The largest number that is recognized in a language other than German: its words are looked up."""


class NumberReader:
    """Knows the number of each number word of a language, in every spelling that a network reads."""

    def __init__(self, language: str, letters: str) -> None:
        """Read words of a language.

        Args:
            language: of the words, as in core.data.numerals.number_word.
            letters: the characters of the alphabet of training; they decide whether capitals count.
        """
        self._language = language
        self._letters = letters

    @property
    def is_bounded(self) -> bool:
        """Whether words of numbers above LARGEST_KNOWN are not recognized."""
        return self._language != "de"

    def read(self, word: str) -> int | None:
        """Return the number of a word; None if it is no number word, or one of several numbers."""
        spelled = self._spell(word)
        return german_number(spelled) if self._language == "de" else self._numbers.get(spelled)

    @cached_property
    def _numbers(self) -> dict[str, int | None]:
        numbers: dict[str, int | None] = {}
        for number in range(LARGEST_KNOWN + 1):
            try:
                spelled = self._spell(number_word(number, self._language))
            except ValueError:  # num2words has no word for it
                continue
            numbers[spelled] = None if spelled in numbers else number
        return numbers

    def _spell(self, word: str) -> str:
        return normalize_text(word, language=self._language, letters=self._letters)
