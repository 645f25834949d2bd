"""The commands compare, of two configurations over common seeds, and diff, of two runs."""

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.commands.output import format_frame, joined, terminal_width, write
from analysis.commands.selection import DEFAULT, add_command, add_where, select
from analysis.comparison.differing import Difference, diff
from analysis.comparison.pairing import compare, default_metric, measured_in_words
from analysis.loading import is_url

_CONDITION = re.compile(r"[^/][=<>~]")
_LONGEST_DIFF = 400  # lines of sources; --full shows all


def add_commands(commands: Any) -> None:
    """Add the commands to a parser."""
    parser = add_command(
        commands,
        "compare",
        "whether one configuration is better than another, paired over their common seeds",
        _compare,
    )
    _add_two(parser, 'configurations: hidden=16 "hidden=32 head=nalu"', "[--metric METRIC] [--where CONDITIONS]")
    parser.add_argument("--metric", help="what to compare (default: the result on the test words)")
    add_where(parser)
    parser = add_command(
        commands, "diff", "what differs between two runs: config, results, code, packages, machine", _diff
    )
    _add_two(parser, "runs: 3 7, or runs/3", "[--full]")
    parser.add_argument("--full", action="store_true", help=f"also more than {_LONGEST_DIFF} lines of sources")


def _add_two(parser: argparse.ArgumentParser, what: str, options: str) -> None:
    """Add the arguments of a command on two things of some sources, and a usage that names them in their order."""
    parser.usage = f"{parser.prog} [SOURCE ...] A B {options}"
    parser.add_argument(
        "arguments", metavar="SOURCE... A B", nargs="+", help=f"sources (default: {DEFAULT}), and two {what}"
    )


def _compare(arguments: argparse.Namespace) -> None:
    conditions = [each for each in arguments.arguments if _CONDITION.search(each) and not is_url(each)]
    sources = [each for each in arguments.arguments if each not in conditions]
    if len(conditions) != 2:
        raise ValueError(f"name two configurations, such as hidden=16 hidden=32, not {len(conditions)}")
    first, second = conditions
    selection = select(sources, arguments.where)
    metric = selection.metric(arguments.metric) if arguments.metric else default_metric(selection.runs)
    masks = [(text, selection.where(text)) for text in (first, second)]
    for text, mask in masks:
        if not mask.any():
            raise ValueError(f"no run in {selection.source} fulfils {text}")
    comparison = compare(selection.runs, selection.entries, masks[0], masks[1], metric)
    write(joined([format_frame(comparison.pairs, width=terminal_width()), measured_in_words(comparison)]))
    write(comparison.sentence())


def _diff(arguments: argparse.Namespace) -> None:
    if len(arguments.arguments) < 2:
        raise ValueError(f"name two runs, such as 3 7, not {len(arguments.arguments)}")
    *sources, first, second = arguments.arguments
    if first == second:
        raise ValueError(f"{first} is one run: name two")
    first_run, second_run = (_find(sources, run) for run in (first, second))
    difference = diff(first_run, second_run)
    write(joined(_sections(difference, None if arguments.full else _LONGEST_DIFF)))


def _find(sources: Sequence[str], run: str) -> Any:
    """Find a run by its id in the sources, or by its directory."""
    path = Path(run)
    if not sources and path.parent != Path() and (path / "run.json").exists():
        found = select([str(path.parent)]).experiment(path.name)
        found.id = run  # two runs of different directories may have the same id
        return found
    return select(sources).experiment(run)


def _sections(difference: Difference, longest: int | None) -> list[str]:
    sections = [f"{difference.names[0]} and {difference.names[1]}"]
    for heading, values in difference.values.items():
        if values:
            sections.append(f"{heading}\n{_side_by_side(values, difference.names)}")
        elif heading == "config":
            sections.append("config\n(the same)")
    for heading, lines in difference.texts.items():
        shown = lines[:longest]
        left = f"\n(and {len(lines) - len(shown)} lines: --full)" if len(shown) < len(lines) else ""
        sections.append(f"{heading}\n" + ("\n".join(shown) + left if lines else "(the same)"))
    return sections


def _side_by_side(values: Mapping[str, tuple[Any, Any]], names: tuple[str, str]) -> str:
    frame = pd.DataFrame.from_dict(dict(values), orient="index", columns=list(names), dtype=object)
    return format_frame(frame.rename_axis(""), width=terminal_width())
