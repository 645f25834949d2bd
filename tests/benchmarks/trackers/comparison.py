"""The parts of the comparison over all trackers, in turn."""

import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from tests.benchmarks.trackers import parts
from tests.benchmarks.trackers.catalogue import Tracker
from tests.benchmarks.trackers.environments import NotInstalledError, find_python
from tests.benchmarks.trackers.processes import Figures, Workplace
from tests.benchmarks.trackers.results import Results
from tests.benchmarks.trackers.table import NO_POINTS, Sizes, make_table

_OUTAGES_AT_ONCE = 5


@dataclass(frozen=True)
class Comparison:
    """Measures what is missing in the results.

    Attributes:
        bench: where all parts work.
        results: of this and earlier calls.
        trackers: that are compared.
        repeats: of each measurement.
        sizes: of the parts.
        table: the file that shows the results so far.
    """

    bench: parts.Bench
    results: Results
    trackers: Sequence[Tracker]
    repeats: int
    sizes: Sizes
    table: Path

    def install(self) -> None:
        """Make the environments that are missing, before anything is measured."""
        for tracker in self.trackers:
            for environment in filter(None, (tracker.environment, tracker.reader)):
                with suppress(NotInstalledError):  # each measurement tries it again, and keeps the reason
                    find_python(environment, self.bench.environments)

    def log(self, longest: float) -> None:
        """Measure runs at full speed; one that takes more than `longest` seconds is measured once."""
        smallest = self.sizes.log(self.sizes.points[0])
        for points in (NO_POINTS, *self.sizes.points):
            measure = partial(parts.log, points=points)
            for repeat, tracker in self._rounds():
                us = [figures.get("thread", 0.0) for figures in self.results.of(tracker.name, smallest)] or [0.0]
                if repeat == 0 or statistics.median(us) * points <= longest * 1e6:
                    self._measure(tracker, self.sizes.log(points), repeat, measure)

    def kill(self) -> None:
        """Kill runs."""
        for repeat, tracker in self._rounds():
            self._measure(tracker, self.sizes.kill, repeat, partial(parts.kill, points=self.sizes.killed))

    def outage(self) -> None:
        """Let runs lose their server, several at once, since no time is measured."""
        measure = partial(parts.outage, seconds=self.sizes.seconds, away=self.sizes.away)
        with ThreadPoolExecutor(_OUTAGES_AT_ONCE) as pool:
            started = [
                pool.submit(self._measure, tracker, self.sizes.outage, repeat, measure)
                for repeat, tracker in self._rounds()
                if tracker.server
            ]
        for measured in started:
            measured.result()

    def read(self) -> None:
        """Record many runs with each tracker, and read them."""
        with tempfile.TemporaryDirectory() as directory:
            places = {
                tracker.name: self._record_many(tracker, Path(directory))
                for tracker in self.trackers
                if tracker.reader and self._lacks_readings(tracker)
            }
            for repeat, tracker in self._rounds():
                for task, values in self._readings().items():
                    if place := places.get(tracker.name):
                        measure = partial(_read, place=place, task=task, values=values)
                        self._measure(tracker, self.sizes.read(task), repeat, measure)

    def _readings(self) -> dict[str, int]:
        """Return the tasks of reading with the number of values that each finds."""
        return {
            "table": self.sizes.runs * self.sizes.metrics,
            "curve": self.sizes.runs * self.sizes.points_read,
        }

    def _lacks_readings(self, tracker: Tracker) -> bool:
        return any(
            len(self.results.of(tracker.name, self.sizes.read(task))) < self.repeats for task in self._readings()
        )

    def _record_many(self, tracker: Tracker, directory: Path) -> Workplace | None:
        """Record many runs; None if that fails, which is the result of reading them then."""
        _tell(f"recording {self.sizes.runs} runs: {tracker.title}")
        place = self.bench.place(tracker, directory)
        sizes = (self.sizes.runs, self.sizes.metrics, self.sizes.points_read)
        made = self._try(lambda _, tracker: parts.make(place, tracker, *sizes), tracker)
        if "error" not in made:
            return place
        for task in self._readings():
            self.results.add(tracker.name, self.sizes.read(task), made)
        return None

    def _rounds(self) -> Iterator[tuple[int, Tracker]]:
        """Yield each tracker in turn, for every repeat."""
        for repeat in range(self.repeats):
            for tracker in self.trackers:
                yield repeat, tracker

    def _measure(self, tracker: Tracker, part: str, repeat: int, measure: parts.Part) -> None:
        """Measure once, unless an earlier call has, or the first repeat has failed."""
        done = self.results.of(tracker.name, part)
        if len(done) <= repeat and "error" not in (done or [{}])[0]:
            _tell(f"{part}, repeat {repeat + 1}: {tracker.title}")
            self.results.add(tracker.name, part, self._try(measure, tracker))
            self.table.write_text(make_table(self.results, self.sizes), encoding="utf-8")

    def _try(self, measure: parts.Part, tracker: Tracker) -> Figures:
        try:
            return measure(self.bench, tracker)
        except NotInstalledError as error:
            return {"error": f"cannot be installed: {error}"}


def _tell(message: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {message}", file=sys.stderr, flush=True)


def _read(_: parts.Bench, tracker: Tracker, place: Workplace, task: str, values: int) -> Figures:
    return parts.read(place, tracker, task, values)
