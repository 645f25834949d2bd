"""The commands best, failed and duplicates, which find runs among many."""

import argparse
from typing import Any

from analysis.commands.groups import ended_runs
from analysis.commands.output import add_format, named, show, write
from analysis.commands.selection import add_command, add_sources, select
from analysis.comparison.choosing import choose, duplicates, failures
from analysis.measures import result_metrics
from analysis.rows import parents_of


def add_commands(commands: Any) -> None:
    """Add the commands to a parser."""
    add_sources(
        add_command(
            commands,
            "best",
            "the configuration with the best median validation over its seeds, and whether that is chance",
            _best,
        )
    )
    parser = add_command(commands, "failed", "the runs that ended without a result, and why", _failed)
    add_sources(parser)
    add_format(parser)
    add_sources(add_command(commands, "duplicates", "the runs with the same config and seed as another", _duplicates))


def _best(arguments: argparse.Namespace) -> None:
    selection = select(arguments.sources, arguments.where)
    choices = choose(ended_runs(selection), selection.entries)
    if not choices:
        raise ValueError(f"no completed run in {selection.source} has a validation and a test result")
    for choice in choices:
        write("\n".join(choice.sentences()))


def _failed(arguments: argparse.Namespace) -> None:
    selection = select(arguments.sources, arguments.where)
    failed = failures(selection.runs)
    if failed.empty and arguments.format == "text":
        write(f"none of {named(len(selection.runs), 'run')} failed")
    else:
        show(failed, arguments.format)


def _duplicates(arguments: argparse.Namespace) -> None:
    selection = select(arguments.sources, arguments.where)
    resumed = parents_of(selection.experiments).values()
    groups = duplicates(selection.runs, selection.entries, resumed)
    for group in groups:
        metrics = [*result_metrics(group), "result"]
        results = next((group[name] for name in metrics if group[name].notna().any()), group["result"])
        same = "the same result" if results.nunique(dropna=False) == 1 else "different results"
        same = "no result" if results.isna().all() else same
        listed = ", ".join(
            f"{run} ({'no result' if value != value else f'{value:.6g}'})" for run, value in results.items()
        )
        codes = f"; code {', '.join(map(str, dict.fromkeys(group['code'])))}" if group["code"].nunique() > 1 else ""
        write(f"{listed}: {same}{codes}")
    if not groups:
        write(f"none of {named(len(selection.runs), 'run')} is there twice")
