"""Lists what people and programs write in the place of a letter, so that the graph and Python read it alike.

The table is made from Python's Unicode data. Invisible characters such as the soft hyphen stand for nothing, blanks
of any width for a blank. Capitals, if case does not count, stand for small letters; full-width letters, ligatures, the
long s and other compatibility forms (NFKC) for the plain letters. A letter with separate marks (NFD) stands for the
letter as training has it, unless all of its parts are letters of the alphabet, as in the words of Bengali, Kannada and
Telugu: they may be meant. Superscripts, fractions and circled letters are other signs, and stay. So do the letters of
the alphabet.
"""

import itertools
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

_BLANKS = "\t\n\v\f\r\u0085\u2028\u2029"  # beside those of category Zs
_INVISIBLE = frozenset(  # beside category Cf
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))  # variation selectors
)
_OTHER_SIGNS = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>")
_ALIKE = {"-": "\u2010\u2011", "'": "\u2019\u02bc"}
_BLOCKS = ((0, 0x3400), (0xA000, 0xAC00), (0xF900, 0x20000), (0x2F800, 0x30000), (0xE0000, 0xE1000))
"""Between them are ideographs, Hangul syllables, private and unassigned characters, which stand for themselves."""
_NO_CHARACTERS = (
    *range(0xFDD0, 0xFDF0),
    *(plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)),
)
_UNDECODED = "\ufffd"  # which TensorFlow reads for them
_MOST_MARKS = 3  # on a letter


@cache
def make_replacements(letters: str, *, ignores_case: bool) -> Mapping[str, str]:
    """Map single characters to what they stand for.

    Args:
        letters: the characters of the alphabet of training, and others that the spelling turns into them.
        ignores_case: whether capitals stand for small letters.
    """
    known = set(letters.lower() if ignores_case else letters)
    alike = {other: letter for letter, others in _ALIKE.items() if letter in known for other in others}
    table = {other: meant for other, meant in alike.items() if other not in known}
    table |= dict.fromkeys(map(chr, _NO_CHARACTERS), _UNDECODED)
    for letter in _candidates():
        is_capital = ignores_case and letter.lower() != letter
        if letter not in table and (is_capital or letter not in known):
            meant = _meaning(letter, known, ignores_case=ignores_case)
            if meant != letter:
                table[letter] = meant
    return table


@cache
def make_compositions(letters: str) -> Mapping[str, str]:
    """Map a letter that is followed by separate marks to the letter of the alphabet, the longest first."""
    found = {written: letter for letter in letters for written in _decompositions(letter)}
    kept = {written: letter for written, letter in found.items() if not set(written) <= set(letters)}
    return dict(sorted(kept.items(), key=lambda pair: -len(pair[0])))


@cache
def _candidates() -> tuple[str, ...]:
    """List the characters that may stand for something else."""
    letters = map(chr, itertools.chain.from_iterable(range(*block) for block in _BLOCKS))
    return tuple(filter(_may_stand_for_another, letters))


def _may_stand_for_another(letter: str) -> bool:
    is_form = unicodedata.decomposition(letter) or letter.lower() != letter
    return bool(is_form) or _is_blank(letter) or _is_invisible(letter)


def _meaning(letter: str, known: set[str], *, ignores_case: bool) -> str:
    if _is_invisible(letter):
        return ""
    if _is_blank(letter):
        return " "
    is_form = not unicodedata.decomposition(letter).startswith(_OTHER_SIGNS)
    plain = unicodedata.normalize("NFKC", letter) if is_form else letter
    plain = plain.lower() if ignores_case else plain
    for meant in (plain, unicodedata.normalize("NFD", plain)):
        if set(meant) <= known:
            return meant
    return letter.lower() if ignores_case else letter


def _decompositions(letter: str) -> Iterator[str]:
    """Yield every spelling of a letter with separate marks: in any order, and with some of them joined."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    if not 0 < len(marks) <= _MOST_MARKS:
        return
    for order in itertools.permutations(marks):
        for joined in range(len(order)):
            start = unicodedata.normalize("NFC", base + "".join(order[:joined]))
            written = start + "".join(order[joined:])
            if unicodedata.normalize("NFC", written) == unicodedata.normalize("NFC", letter):
                yield written


def _is_blank(letter: str) -> bool:
    return letter in _BLANKS or unicodedata.category(letter) == "Zs"


def _is_invisible(letter: str) -> bool:
    return letter in _INVISIBLE or unicodedata.category(letter) == "Cf"
