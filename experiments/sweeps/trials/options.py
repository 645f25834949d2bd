"""Reads the options of a search from the command line of a sweep."""

import argparse
from collections.abc import Collection
from dataclasses import dataclass

from experiments.pipeline.errors import UserError

SAMPLERS = ("tpe", "random")
PRUNERS = ("median", "halving", "none")


@dataclass(frozen=True)
class SearchOptions:
    """How a search goes on.

    Attributes:
        sampler: what chooses the next trial, one of SAMPLERS.
        pruner: what ends a trial early, one of PRUNERS.
    """

    sampler: str
    pruner: str


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a search to those of a sweep."""
    parser.add_argument(
        "--search", choices=SAMPLERS, help="choose each draw by how the earlier runs ended (tpe), or at random"
    )
    parser.add_argument(
        "--prune", choices=PRUNERS, help=f"end the runs of a search that are worse than others ({PRUNERS[0]})"
    )


def read_search(read: argparse.Namespace, drawn: Collection[str]) -> SearchOptions | None:
    """Read how to search, None if there is no search.

    Args:
        read: the options of a sweep.
        drawn: the names of the config entries that are drawn.

    Raises:
        UserError: if the options do not fit together.
    """
    if read.search is None:
        if read.prune is not None:
            raise UserError(f"--prune {read.prune} is for a search: add --search {SAMPLERS[0]}")
        return None
    if not drawn:
        raise UserError(f"--search {read.search} needs draws, and nothing is drawn: write e.g. NAME~uniform(a,b)")
    if "task" in drawn:
        raise UserError("task is drawn, and validations of different tasks cannot be compared: write a list instead")
    if read.again:
        raise UserError("--again repeats runs, which a search does not: another --draw-seed begins another search")
    if not read.part.is_whole:
        raise UserError(f"{read.part} is one of a grid: the processes of a search share its trials without --part")
    return SearchOptions(read.search, read.prune or PRUNERS[0])
