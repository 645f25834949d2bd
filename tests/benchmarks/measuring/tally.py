"""Counts what became of many tries of a fault, and makes a row of a table of them."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

HEADER = "| fault | tries | points logged, on disk, in MongoDB | outcome |\n|---|---|---|---|"
WRONG = "NOT AS IT MUST BE"

_PROCESSES = 3  # at a time


@dataclass
class Try:
    """One try of a fault.

    Attributes:
        outcome: in a few words.
        logged: how many points the run had logged.
        kept: how many are on the disk.
        stored: how many are in MongoDB in the end.
        problems: what is not as it must be.
    """

    outcome: str = ""
    logged: int = 0
    kept: int = 0
    stored: int = 0
    problems: list[str] = field(default_factory=list)

    def expect(self, held: object, problem: str) -> None:
        """Note a problem unless something holds."""
        if not held:
            self.problems.append(problem)


@dataclass(frozen=True)
class Tally:
    """All tries of a fault."""

    fault: str
    tries: Sequence[Try]

    @property
    def problems(self) -> list[str]:
        """What is not as it must be, a line each."""
        return [f"{self.fault}: {problem}" for each in self.tries for problem in each.problems]

    def format(self) -> str:
        """Return a row of the table."""
        outcomes = Counter(WRONG if each.problems else each.outcome for each in self.tries)
        points = [sum(getattr(each, name) for each in self.tries) for name in ("logged", "kept", "stored")]
        words = "; ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        figures = ", ".join(f"{number:,}" for number in points) if any(points) else ""
        return f"| {self.fault} | {len(self.tries)} | {figures} | {words} |"


def try_all(
    function: Callable[..., Try], arguments: Iterable[tuple[Any, ...]], *, processes: int = _PROCESSES
) -> list[Try]:
    """Call a function with each of the arguments, in a few processes; an exception is a problem of its try."""
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        return [future.result() for future in [pool.submit(_attempt, function, *each) for each in arguments]]


def _attempt(function: Callable[..., Try], *arguments: Any) -> Try:
    try:
        return function(*arguments)
    except Exception:  # must not end the other tries
        return Try(problems=[f"{arguments}: {traceback.format_exc()}"])


def thin(items: Sequence[Any], scale: float) -> list[Any]:
    """Return a part of the items, evenly chosen, the first and the last included: all of them at scale 1."""
    count = max(2, round(len(items) * min(scale, 1.0)))
    last = len(items) - 1
    return list(items) if count > last else [items[index * last // (count - 1)] for index in range(count)]
