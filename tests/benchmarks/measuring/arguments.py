"""Reads the command line of a benchmark."""

import argparse
import importlib.util
from collections.abc import Mapping, Sequence
from typing import Any


def make_parser(module: str, doc: str | None) -> argparse.ArgumentParser:
    """Make the parser of a benchmark, whose --help is the docstring of its module."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def read_arguments(parser: argparse.ArgumentParser, tiny: Mapping[str, Any]) -> argparse.Namespace:
    """Read the command line.

    Args:
        parser: of the benchmark.
        tiny: the defaults with --tiny, with which the benchmark takes seconds.

    Returns:
        What was read, with `tiny`.
    """
    parser.add_argument("--tiny", action="store_true", help="check that the benchmark works; measures nothing")
    if parser.parse_known_args()[0].tiny:
        parser.set_defaults(**tiny)
    return parser.parse_args()


def installed(peers: Sequence[str]) -> list[str]:
    """Return the peers whose library is installed."""
    return [peer for peer in peers if "torch" not in peer or importlib.util.find_spec("torch") is not None]


def check_peers(parser: argparse.ArgumentParser, peers: Sequence[str]) -> None:
    """Exit if the library of a peer is missing."""
    if missing := set(peers) - set(installed(peers)):
        extra = "pip install -c constraints.txt -e '.[benchmark]'"
        parser.error(f"{min(missing)} needs PyTorch: {extra}, or leave it out of --peers")
