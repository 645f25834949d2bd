"""Compares commands that measure themselves: each a process of its own, in turn with its peers, A B A B and so on."""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """The figures of pairs of processes.

    Attributes:
        ours: of this project, a mapping a pair.
        theirs: of the peer.
    """

    ours: Sequence[Figures]
    theirs: Sequence[Figures]

    def medians(self, name: str) -> tuple[float, float]:
        """The median of a figure, ours and theirs."""
        ours, theirs = (statistics.median(figures[name] for figures in side) for side in (self.ours, self.theirs))
        return ours, theirs

    def ratio(self, name: str) -> str:
        """The median of ours to theirs, pair by pair, and its range."""
        ratios = [our[name] / their[name] for our, their in zip(self.ours, self.theirs, strict=True)]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def make_parser(module: str, doc: str | None) -> argparse.ArgumentParser:
    """Make the parser of a benchmark's command line, whose --help is the docstring of its module."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def compare(ours: Sequence[str], theirs: Sequence[Sequence[str]], pairs: int) -> list[Comparison]:
    """Run modules of Python in turn, ours and each peer, with their arguments; return a comparison a peer."""
    rounds = [(measure(ours), [measure(peer) for peer in theirs]) for _ in range(pairs)]
    return [
        Comparison([our for our, _ in rounds], [peers[place] for _, peers in rounds]) for place in range(len(theirs))
    ]


def measure(arguments: Sequence[str]) -> Figures:
    """Run a module of Python, and read the figures that it prints as JSON on its last line.

    Raises:
        subprocess.CalledProcessError: when it fails.
    """
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
