"""Writes numbers as words: German by rule, other languages through num2words.

German writes a number in groups of three digits. Each group is written the same way and is followed by its scale:
`tausend` joins its neighbours; `Million`, `Milliarde` and so on are feminine nouns and stand alone (`eine Million`,
`zwei Millionen`). Only a final 1 depends on the next part: `eins` at the end of the word, `ein` before tausend,
`eine` before a noun.
"""

import functools
import operator
import secrets
from typing import NamedTuple

import numpy as np

from core.data.draw import make_draw

NUMBER_LIMIT = 10**18
"""Every number with a word is below this."""

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
    """The words of 0..999 by their position in a number word; 0 is the empty string."""

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
        TypeError: if number is not an integer.
        ValueError: if number is out of range, or language is unknown.
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


def german_number(word: str) -> int | None:
    """Read a German number word, spelled as number_word does: its number, or None if it is no such word."""
    *nouns, last = word.split(" ") if word.count(" ") % 2 == 0 else [*word.split(" "), ""]
    number = _below_million(last)
    for count, noun in zip(nouns[::2], nouns[1::2], strict=True):
        scale = next((value for value, *names in _SCALES if noun in names), 0)
        number += scale * _numbers("before_noun").get(count, 0)
    return number if number < NUMBER_LIMIT and number_word(number) == word else None


def word_parts(number: int) -> frozenset[int]:
    """List the numbers whose words make up a number word: 435 is made of 4, 100, 5 and 30.

    Each number below 20 is one part. Most languages have the same parts, in another order.
    """
    for scale in (*(scale for scale, _, _ in _SCALES), 1000, 100):
        if number >= scale:
            count, rest = divmod(number, scale)
            return word_parts(count) | {scale} | (word_parts(rest) if rest else frozenset())
    ten, unit = divmod(number, 10)
    return frozenset({number} if number < 20 or not unit else {10 * ten, unit})


def languages() -> tuple[str, ...]:
    """List the languages of number_word in alphabetical order."""
    from num2words import CONVERTER_CLASSES

    return tuple(sorted({"de", *CONVERTER_CLASSES}))


def check_language(language: str) -> None:
    """Raise a ValueError that lists the choices if number_word does not know the language."""
    if language != "de" and language not in languages():
        raise ValueError(f"language={language!r} is unknown; it is one of {', '.join(languages())}")


def create_num2word_dict(size: int, high: int, seed: int | None = None, *, language: str = "de") -> dict[int, str]:
    """Draw `size` distinct numbers 0 <= n < high and write each as a word.

    Args:
        size: how many numbers, 0..high.
        high: exclusive upper bound of the numbers, 1..10**18.
        seed: an integer >= 0 that fixes the draw (as in core.data.draw); None draws other numbers each time.
        language: as in number_word.

    Returns:
        {number: word}, the numbers in ascending order.

    Raises:
        ValueError: if there are fewer than `size` such numbers, or an argument is out of range.
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


@functools.cache
def _numbers(position: str) -> dict[str, int]:
    """Map the words of 0..999 at a position of _Groups to their numbers."""
    return {word: number for number, word in enumerate(getattr(_groups(), position))}


def _below_million(word: str) -> int:
    """Read the part of a word after its nouns; an unknown part counts as 0."""
    thousands, joint, final = word.rpartition("tausend")
    return 1000 * _numbers("thousands").get(thousands + joint, 0) + _numbers("final").get(final, 0)


def _group(number: int) -> str:
    """Write 0..999, a final 1 as `ein` and 0 as the empty string."""
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
        raise TypeError(f"{number} is not an integer")
    value = operator.index(number)
    if not 0 <= value < NUMBER_LIMIT:
        raise ValueError(f"{value} has no word here: a number must be at least 0 and less than 10**18")
    return value


def _foreign_word(number: int, language: str) -> str:
    from num2words import num2words

    check_language(language)
    try:
        word = str(num2words(number, lang=language))
    except Exception:  # its languages raise different errors, and some return an empty word
        word = ""
    if not word:
        raise ValueError(f"num2words has no word for {number} in language={language!r}")
    return word
