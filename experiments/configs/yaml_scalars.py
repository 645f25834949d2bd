"""Refuses values that YAML 1.1 reads as something else than what a person means: 1e-3, 010, 12:30, no."""

import re
from decimal import Decimal
from typing import Any

from experiments.pipeline.config import ENTRIES, Entry

_EXPONENT = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)[eE][-+]?\d+")
_MOST_DIGITS = 20  # of a whole number
_OCTAL = re.compile(r"[-+]?0[0-9_]+")
_OCTAL_OF_YAML_12 = re.compile(r"[-+]?0o[0-7]+")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")


def check_scalar(name: str, text: str, value: Any) -> None:
    """Check a value that stands without quotes in a YAML file.

    Args:
        name: of the config entry, or of an argument of a command.
        text: as it stands there.
        value: what YAML reads.

    Raises:
        ValueError: says what YAML reads, and what to write.
    """
    kind = ENTRIES[name].kind if name in ENTRIES else None
    if kind is str:
        if not isinstance(value, str):
            raise ValueError(
                f'{name}: YAML reads {_shown(text)} as {_read(value)}; write "{text}", in quotes, for text'
            )
        return
    written = _number_meant(text, value, is_whole=kind is int)
    if written is not None:
        raise ValueError(f"{name}: YAML reads {text} as {written}")
    if kind in (int, float) and not _may_be_number(value, ENTRIES[name]):
        raise ValueError(f"{name}: YAML reads {_shown(text)} as {_read(value)}; write {ENTRIES[name].allowed()}")


def _number_meant(text: str, value: Any, *, is_whole: bool) -> str | None:
    """Say what YAML reads in the place of a number, and what to write; None if it reads the number."""
    if isinstance(value, str):
        if _EXPONENT.fullmatch(text):
            return f"text; write {_without_exponent(text) if is_whole else _with_point(text)}"
        if _OCTAL_OF_YAML_12.fullmatch(text):
            return f"text; write {int(text, 8)}"
        return f"text; write {_without_zeros(text)}" if _OCTAL.fullmatch(text) else None
    if _OCTAL.fullmatch(text):
        meant = dict.fromkeys((_without_zeros(text), str(value)))
        return f"the octal number {value}; write {' or '.join(meant)}"
    if _SEXAGESIMAL.fullmatch(text):
        return f"{value}, to the base 60; write {value}, or text in quotes"
    return None


def _may_be_number(value: Any, entry: Entry) -> bool:
    """Tell whether a value is a number, or what is refused with the range of the entry."""
    if value is None:
        return entry.optional
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _with_point(text: str) -> str:
    """Write a number as YAML 1.1 reads it: with a point, and a sign in the exponent."""
    mantissa, _, exponent = text.lower().replace("_", "").partition("e")
    whole, _, fraction = mantissa.partition(".")
    sign = "" if exponent.startswith(("-", "+")) else "+"
    return f"{whole or '0'}.{fraction or '0'}e{sign}{exponent}"


def _without_exponent(text: str) -> str:
    """Write a number without an exponent, exactly, if it is whole and not longer than a config entry may be."""
    number = Decimal(text.replace("_", ""))
    return str(int(number)) if number.adjusted() < _MOST_DIGITS and number == int(number) else _with_point(text)


def _without_zeros(text: str) -> str:
    sign = text[0] if text[0] in "+-" else ""
    return sign + (text.replace("_", "").lstrip("+-0") or "0")


def _shown(text: str) -> str:
    return text or "an empty value"


def _read(value: Any) -> str:
    return (
        "None" if value is None else f"the {'date' if not isinstance(value, bool | int | float) else 'value'} {value}"
    )
