"""The results as Markdown."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.trackers.catalogue import TRACKERS, Tracker
from tests.benchmarks.trackers.environments import read_pins
from tests.benchmarks.trackers.results import Figures, Results

NO_POINTS = 2
"""The points of a run that shows what starting and ending take by themselves."""

_SERVICE = "only by its service"
_LONGEST_ERROR = 100  # characters


@dataclass(frozen=True)
class Sizes:
    """The sizes of the parts.

    Attributes:
        points: of the runs at full speed, ascending.
        killed: points of the runs that are killed.
        seconds: of the runs that lose their server.
        away: seconds without the server.
        runs: that are read.
        metrics: of each.
        points_read: of each metric.
    """

    points: Sequence[int]
    killed: int
    seconds: int
    away: float
    runs: int
    metrics: int
    points_read: int

    def log(self, points: int) -> str:
        """Name the part of the runs at full speed."""
        return f"log {points}"

    @property
    def kill(self) -> str:
        """The name of this part."""
        return f"kill {self.killed}"

    @property
    def outage(self) -> str:
        """The name of this part."""
        return f"outage {self.seconds} {self.away:g}"

    def read(self, task: str) -> str:
        """Name the part of a reading task."""
        return f"{task} {self.runs} {self.metrics} {self.points_read}"


Cell = Callable[[Tracker], str]


def make_table(results: Results, sizes: Sizes) -> str:
    """Make two tables, of the writing and of the reading, with all that was measured so far."""
    writing: dict[str, Cell] = {"tracker": lambda tracker: tracker.title, "version": _version}
    for points in sizes.points:
        writing[f"µs a point at {points:,}: thread, all"] = _cost(results, sizes, points)
    smallest = sizes.log(min(sizes.points))
    writing["start, s (CPU)"] = _median(results, smallest, "{start} ({start_cpu})")
    for points in sizes.points:
        writing[f"end at {points:,}, s (CPU)"] = _median(results, sizes.log(points), "{finish} ({finish_cpu})")
    writing["bytes a point"] = _median(results, sizes.log(max(sizes.points)), "{bytes}")
    reading: dict[str, Cell] = {
        "tracker": lambda tracker: tracker.title,
        f"lost by SIGKILL, of {sizes.killed:,}": _median(results, sizes.kill, "{lost}"),
        f"lost by {sizes.away:g} s without its server": _median(results, sizes.outage, "{lost} of {logged}"),
    }
    for task, title in (("table", f"table of {sizes.runs:,} runs"), ("curve", "one curve of each")):
        reading[f"{title}, s of CPU (command, s)"] = _reading(results, sizes.read(task))
    measured = [tracker for tracker in TRACKERS.values() if results.knows(tracker.name)]
    days = " to ".join(results.dates())
    title = f"Measured on {days} with Python {platform.python_version()} on {os.cpu_count()} processors:"
    return f"{title}\n\n{_markdown(writing, measured)}\n\n{_markdown(reading, measured)}\n"


def _markdown(columns: dict[str, Cell], trackers: Sequence[Tracker]) -> str:
    rows = [
        [*columns],
        ["---"] * len(columns),
        *([cell(tracker) for cell in columns.values()] for tracker in trackers),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _version(tracker: Tracker) -> str:
    if tracker.environment == "observers":
        return ""
    return read_pins()[tracker.environment][0].rpartition("==")[2]


def _median(results: Results, part: str, form: str) -> Cell:
    """Show the medians of figures; of what always failed, the error."""

    def cell(tracker: Tracker) -> str:
        measured = results.of(tracker.name, part)
        failed = [figures["error"] for figures in measured if "error" in figures]
        if len(failed) == len(measured):
            return str(failed[0])[:_LONGEST_ERROR].replace("|", " ") if failed else ""
        shown = form.format(**{name: _round(value) for name, value in medians(measured).items()})
        return f"{shown}; {len(failed)} of {len(measured)} failed: {failed[0]}" if failed else shown

    return cell


def _reading(results: Results, part: str) -> Cell:
    """Show what reading takes, where anybody but a service can read."""
    cell = _median(results, part, "{cpu} ({whole})")
    return lambda tracker: cell(tracker) if tracker.reader else _SERVICE


def _cost(results: Results, sizes: Sizes, points: int) -> Cell:
    """Show what a point takes of the logging thread, and of all threads without what an empty run takes."""

    def cell(tracker: Tracker) -> str:
        empty, full = (medians(results.of(tracker.name, sizes.log(number))) for number in (NO_POINTS, points))
        if not (empty and full):
            return _median(results, sizes.log(points), "")(tracker)
        cpu = (full["cpu_after_start"] - empty["cpu_after_start"]) / points
        return f"{_round(full['thread'])}, {_round(max(0.0, 1e6 * cpu))}"

    return cell


def medians(measured: Sequence[Figures]) -> dict[str, float]:
    """Return the median of each figure that is a number, over the measurements that did not fail."""
    whole = [figures for figures in measured if "error" not in figures]
    numbers = [name for name, value in whole[0].items() if not isinstance(value, str)] if whole else []
    return {name: statistics.median(figures[name] for figures in whole) for name in numbers}


def _round(value: float) -> str:
    """Round to two or three digits that count."""
    if value == round(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
