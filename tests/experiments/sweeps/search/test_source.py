"""Searches for several combinations, one after the other."""

from experiments.sweeps.results import RunResult
from experiments.sweeps.search.source import Search
from tests.experiments.sweeps.search.conftest import Searches


def test_searches_are_taken_in_turn_and_learn_of_their_own_runs(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    places = [Searches(tmp_path / name) for name in "ab"]
    search = Search([place.search(trials=2) for place in places])
    runs = [run for _ in range(4) if (run := search.take()) is not None]
    assert search.take() is None
    assert search.waiting == 4

    for place, run in zip([places[0], places[0], places[1], places[1]], runs, strict=True):
        search.end(run, RunResult(run.values, place.write(run, validation=float(run.values["hidden"]))))

    assert search.waiting == search.running == 0
    assert [result.validation for result in search.results] == [float(run.values["hidden"]) for run in runs]
