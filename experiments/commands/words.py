"""Reads words from an argument or from standard input."""

import codecs
import itertools
import sys
from collections.abc import Iterable, Iterator

from experiments.pipeline.errors import UserError, refuse_other_encodings

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_words(words: object) -> Iterable[str]:
    """Read words separated by commas; without the argument, read the lines of standard input.

    Returns:
        The words, also empty ones, as many as were given. Standard input is read line by line as the words are used.

    Raises:
        UserError: if there is no word, or the text is not UTF-8. A terminal as standard input is not read.
    """
    if words is None:
        lines = _read_lines()
        first = next(lines, None)
        if first is None:
            raise UserError("missing words=, e.g. words=elf,zwanzig, or one word per line on standard input")
        return itertools.chain([first], lines)
    # Sacred reads words=1,2 as a list
    parts = words if isinstance(words, list | tuple) else str(words).strip().removesuffix(",").split(",")
    texts = [str(part).strip() for part in parts]
    if not any(texts) or isinstance(words, dict):
        raise UserError(f"words={words} has no word, e.g. words=elf,zwanzig")
    refuse_other_encodings(texts)
    return texts


def read_word(word: object) -> str:
    """Read one word.

    Raises:
        UserError: if there is none, or more than one.
    """
    if word is None or not str(word).strip():
        raise UserError("missing word=, e.g. word=vierundvierzig")
    if isinstance(word, list | tuple | dict):
        raise UserError(f"word={word} is not one word, e.g. word=vierundvierzig")
    refuse_other_encodings([str(word)])
    return str(word)


def _read_lines() -> Iterator[str]:
    if sys.stdin is None or sys.stdin.isatty():
        return
    for number, line in enumerate(sys.stdin.buffer):
        if not number and line.startswith(_UTF_16):
            raise UserError("standard input is UTF-16, not UTF-8: convert it, e.g. with iconv -f UTF-16 -t UTF-8")
        yield line.removeprefix(b"" if number else codecs.BOM_UTF8).decode("utf-8", "replace").rstrip("\r\n")
