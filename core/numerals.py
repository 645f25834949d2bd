"""Writes numbers as words: German by rule, other languages through num2words.

A German number word is read in groups of three digits. Each group is written the same way and is followed
by its scale: `tausend` closes up with its neighbours, `Million`, `Milliarde` and so on are nouns that stand
alone and are counted in the feminine (`eine Million`, `zwei Millionen`). Only a final 1 changes with what
comes after it: `eins` at the end of the word, `ein` before tausend, `eine` before a noun.
"""

import functools
import operator
import secrets
from typing import NamedTuple

import numpy as np

from core.draw import make_draw

SMALLEST_BEYOND = 10**18

_UNITS = (
    "", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
    "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_SCALES = (
    (10**15, "Billiarde", "Billiarden"),
    (10**12, "Billion", "Billionen"),
    (10**9, "Milliarde", "Milliarden"),
    (10**6, "Million", "Millionen"),
)


class _Groups(NamedTuple):
    """The words of 0..999 by where they stand; a 0 is written as nothing."""

    final: tuple[str, ...]
    thousands: tuple[str, ...]
    before_noun: tuple[str, ...]


def number_word(number: int, language: str = "de") -> str:
    """Write a number as a word.

    Args:
        number: an integer, 0 <= number < 10**18.
        language: `de`, or a language that num2words knows, such as `en`.

    Returns:
        The cardinal, in German `vierhundertfünfunddreißig` for 435, without soft hyphens.

    Raises:
        TypeError: when number is no integer.
        ValueError: when number is out of range, or language is unknown.
    """
    if language != "de":
        return _foreign_word(_checked(number), language)
    if type(number) is not int or not 0 <= number < 1_000_000:
        number = _checked(number)
        if number >= 1_000_000:
            return _long_word(number)
    final, thousands, _ = _groups()
    if number < 1000:
        return final[number] or "null"
    return f"{thousands[number // 1000]}{final[number % 1000]}"


def word_parts(number: int) -> frozenset[int]:
    """List the numbers whose words a number word is made of: 435 of 4, 100, 5 and 30.

    Below 20 each number is a part of its own. The parts are the same in most languages, however they are put
    together.
    """
    for scale in (*(scale for scale, _, _ in _SCALES), 1000, 100):
        if number >= scale:
            count, rest = divmod(number, scale)
            return word_parts(count) | {scale} | (word_parts(rest) if rest else frozenset())
    ten, unit = divmod(number, 10)
    return frozenset({number} if number < 20 or not unit else {10 * ten, unit})


def languages() -> tuple[str, ...]:
    """List the languages that number_word knows, in alphabetical order."""
    from num2words import CONVERTER_CLASSES

    return tuple(sorted({"de", *CONVERTER_CLASSES}))


def check_language(language: str) -> None:
    """Raise a ValueError that lists the choices, unless number_word knows the language."""
    if language != "de" and language not in languages():
        raise ValueError(f"language={language!r} is unknown; it is one of {', '.join(languages())}")


def create_num2word_dict(size: int, high: int, seed: int | None = None, *, language: str = "de") -> dict[int, str]:
    """Draw `size` distinct numbers 0 <= n < high and write each as a word.

    Args:
        size: how many numbers, 0..high.
        high: the bound of the numbers, 1..10**18, itself excluded.
        seed: an integer >= 0 that fixes the draw (the one of core.examples); None draws anew each time.
        language: as in number_word.

    Returns:
        {number: word}, the numbers in ascending order.

    Raises:
        ValueError: when there are fewer than `size` such numbers, or an argument is out of range.
    """
    if not 0 <= size <= high:
        raise ValueError(f"size={size}: there are {max(high, 0)} numbers 0 <= n < {high} to draw from")
    draw = make_draw(minimum=0, maximum=high - 1, seed=secrets.randbits(64) if seed is None else seed)
    return {number: number_word(number, language) for number in sorted(draw(np.arange(size)).tolist())}


@functools.cache
def _groups() -> _Groups:
    stems = tuple(_group(number) for number in range(1000))
    ones = [number % 100 == 1 for number in range(1000)]
    return _Groups(
        final=tuple(stem + "s" if one else stem for stem, one in zip(stems, ones, strict=True)),
        thousands=("", *(stem + "tausend" for stem in stems[1:])),
        before_noun=tuple(stem + "e" if one else stem for stem, one in zip(stems, ones, strict=True)),
    )


def _group(number: int) -> str:
    """Write 0..999 with a final 1 as `ein`, and 0 as nothing."""
    hundreds, rest = divmod(number, 100)
    word = f"{_UNITS[hundreds]}hundert" if hundreds else ""
    if rest < len(_UNITS):
        return word + _UNITS[rest]
    tens, unit = divmod(rest, 10)
    return word + (f"{_UNITS[unit]}und" if unit else "") + _TENS[tens]


def _long_word(number: int) -> str:
    parts = []
    for value, singular, plural in _SCALES:
        count, number = divmod(number, value)
        if count:
            parts.append(f"{_groups().before_noun[count]} {singular if count == 1 else plural}")
    if number:
        parts.append(number_word(number))
    return " ".join(parts)


def _checked(number: int) -> int:
    if isinstance(number, bool | np.bool_):
        raise TypeError(f"{number} is no integer")
    value = operator.index(number)
    if not 0 <= value < SMALLEST_BEYOND:
        raise ValueError(f"{value} has no word here: a number is at least 0 and less than 10**18")
    return value


def _foreign_word(number: int, language: str) -> str:
    from num2words import num2words

    check_language(language)
    try:
        word = str(num2words(number, lang=language))
    except Exception:  # each of its languages fails in a way of its own, some with an empty word
        word = ""
    if not word:
        raise ValueError(f"num2words has no word for {number} in language={language!r}")
    return word
