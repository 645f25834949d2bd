"""What several commands need: the directory of the runs, the database, conditions, and confirmation."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from pymongo.errors import PyMongoError

from observers.errors import problem_of
from observers.mongodb.address import LONGEST_WAIT, VARIABLE, find_address
from observers.mongodb.database import Database
from observers.system.stderr import visible, warn

_TIMEOUT = LONGEST_WAIT


class Warnings:
    """Prints warnings, and remembers them."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @property
    def count(self) -> int:
        """The number of warnings."""
        return len(self._lines)

    def __call__(self, line: str) -> None:
        """Print a warning."""
        self._lines.append(line)
        warn(line)

    def speak_of(self, text: str) -> bool:
        """Tell whether a warning has this text."""
        return any(text in line for line in self._lines)


def runs_of(arguments: argparse.Namespace) -> Path:
    """Return the directory of the runs."""
    return Path(getattr(arguments, "place", None) or arguments.runs)


def database_of(arguments: argparse.Namespace) -> Database | None:
    """Connect to the database, if the command line or the environment names one.

    Raises:
        ValueError: the address is not valid.
        ConnectionError: the database does not answer.
    """
    address = find_address(arguments.address)
    if address is None:
        return None
    try:
        database = Database(address, timeout=_TIMEOUT)
    except PyMongoError as error:  # the name in mongodb+srv:// is resolved at once
        raise ConnectionError(f"MongoDB at {address} {problem_of(error)}") from None
    database.check()
    return database


def needed_database_of(arguments: argparse.Namespace) -> Database:
    """Connect to the database.

    Raises:
        ValueError: neither the command line nor the environment names one.
        ConnectionError: it does not answer.
    """
    database = database_of(arguments)
    if database is None:
        raise ValueError(f"missing the address of MongoDB: give -m URL or set {VARIABLE}")
    return database


def conditions_of(arguments: argparse.Namespace) -> str | None:
    """Return the conditions of all options --where, which must all hold."""
    return " ".join(arguments.where) if arguments.where is not None else None


def confirmed(plan: Iterable[str], *, yes: bool) -> bool:
    """Print what will be deleted, and ask, unless the answer is yes already."""
    for line in plan:
        print(visible(line))
    if yes:
        return True
    try:
        answer = input("delete all of this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        answer = False
    if not answer:
        print("nothing was deleted")
    return answer
