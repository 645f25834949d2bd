"""Hands out the trials of all combinations, one search after the other."""

from collections.abc import Sequence

from experiments.sweeps.planning.plan import PlannedRun
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.combination import CombinationSearch


class Search:
    """A source of runs: the trials of one search for each combination of the values in lists."""

    def __init__(self, searches: Sequence[CombinationSearch]) -> None:
        """Search for each combination in turn."""
        self._searches = searches
        self._of_run: dict[int, CombinationSearch] = {}

    @property
    def waiting(self) -> int:
        """How many trials have not ended."""
        return sum(search.waiting for search in self._searches)

    @property
    def running(self) -> int:
        """How many trials other processes run now."""
        return sum(search.running for search in self._searches)

    @property
    def equal(self) -> int:
        """How many trials have ended as an equal one, without a run of their own."""
        return sum(search.equal for search in self._searches)

    @property
    def results(self) -> list[RunResult]:
        """What is known of each trial, those of other processes included."""
        return [result for search in self._searches for result in search.results()]

    def take(self) -> PlannedRun | None:
        """Return the next run; None if there is none now."""
        for search in self._searches:
            if (run := search.take()) is not None:
                self._of_run[id(run)] = search
                return run
        return None

    def end(self, run: PlannedRun, result: RunResult) -> None:
        """Tell the search of a run how it ended."""
        self._of_run.pop(id(run)).end(run, result)
