"""The command line of `python -m observers`."""

from __future__ import annotations

import argparse
from typing import Any

from observers.mongodb.address import VARIABLE
from observers.redaction import RedactingParser

_RUNS = "an id, or a range of ids such as 3..9"
_MOST_MINUTES = 100 * 365 * 24 * 60
_CONDITIONS = (
    'runs for which all conditions hold, such as "hidden=8,16 seed>2 status!=FAILED": with = != < <= > >= and ~ '
    "(contains), on config entries, the last value of metrics, id, status, result, experiment, comment, tag and note; "
    "None stands for a missing value"
)


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """Make the parser; the parsed `command` is the name of the command."""
    parser = RedactingParser(prog="python -m observers", description=description)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("sync", "deliver into MongoDB what is missing there; delivering again changes nothing"),
        ("list", "show the runs, their status, result and tags; with -m also how much of them is in MongoDB"),
        ("reap", "mark runs as DEAD that are recorded as RUNNING but no longer run, on disk and in MongoDB"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("place", nargs="?", metavar="RUNS", help="the directory of the runs (default: runs)")
        _add_places(command, "the same, as an option")
        if name == "sync":
            command.add_argument(
                "--verify", action="store_true", help="compare the contents of all that is there, and repair it"
            )
        if name == "list":
            _add_conditions(command)
    _add_copies(commands)
    for name, text, example in (
        (
            "tag",
            "tag runs, on disk and in MongoDB; without an option, show their tags",
            "3 5..9 --add good --remove old",
        ),
        (
            "note",
            "write a note on runs, on disk and in MongoDB; without an option, show it",
            '3 --add "too few steps"',
        ),
        ("delete", "delete runs on disk and in MongoDB, after confirmation", '--where "hidden=8 status=FAILED"'),
    ):
        example = f"example: python -m observers {name} {example}"
        command = commands.add_parser(name, help=text, description=text, epilog=example)
        command.add_argument("ids", nargs="*", metavar="RUN", help=_RUNS)
        _add_conditions(command)
        _ADD_OPTIONS[name](command)
        _add_places(command, "the directory of the runs (default: runs)")
    return parser


def _add_copies(commands: Any) -> None:
    """Add restore and collect."""
    text = "restore run directories that are damaged or gone from what MongoDB holds of them"
    command = commands.add_parser("restore", help=text, description=text)
    command.add_argument("ids", nargs="*", metavar="RUN", help="an id in the directory (default: all)")
    command.add_argument(
        "--id", dest="mongodb_ids", action="append", default=[], metavar="ID", help="an id in MongoDB, or a range"
    )
    _add_places(command, "the directory of the runs (default: runs)")
    text = "delete what interrupted deliveries and deletions left in MongoDB, after confirmation"
    command = commands.add_parser("collect", help=text, description=text)
    command.add_argument(
        "--minutes", type=_minutes, default=60, metavar="N", help="leave what is younger than this (default: 60)"
    )
    command.add_argument("--yes", action="store_true", help="delete without confirmation")
    _add_address(command)


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 <= minutes <= _MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"{text} is no number of minutes from 0 to {_MOST_MINUTES}")
    return minutes


def _add_conditions(command: argparse.ArgumentParser) -> None:
    command.add_argument("--where", metavar="CONDITIONS", action="append", help=_CONDITIONS)


def _add_places(command: argparse.ArgumentParser, runs: str) -> None:
    command.add_argument("-F", dest="runs", default="runs", metavar="RUNS", help=runs)
    _add_address(command)


def _add_address(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-m", dest="address", metavar="URL", help=f"the URL of MongoDB with the database (default: ${VARIABLE})"
    )


def _add_tag_options(command: argparse.ArgumentParser) -> None:
    for option, text in (("--add", "add this tag, one word"), ("--remove", "remove this tag")):
        command.add_argument(
            option, action="append", default=[], metavar="TAG", help=f"{text}; several have commas between them"
        )


def _add_note_options(command: argparse.ArgumentParser) -> None:
    options = command.add_mutually_exclusive_group()
    options.add_argument("--add", metavar="TEXT", help="add this text below what is there")
    options.add_argument("--set", metavar="TEXT", help='replace what is there; "" removes it')


def _add_delete_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="delete without confirmation")


_ADD_OPTIONS = {"tag": _add_tag_options, "note": _add_note_options, "delete": _add_delete_options}
