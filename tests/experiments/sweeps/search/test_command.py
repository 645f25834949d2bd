"""Searches from the command line to the table: recorded, pruned, interrupted, killed and shared."""

import json
import re
import signal
import sys
from typing import Any

import pymongo
import pytest

from tests.experiments.place import SWEEP, Place, entry, points

pytestmark = pytest.mark.slow

DRAWN = ("number", "fast", "learning_rate~loguniform(1e-4,1e-1)", "seed=1")
SEARCH = (*DRAWN, "--search", "random", "--runs", "8", "--jobs", "2")
LONG = (*DRAWN, "max_steps=600", "patience=600", "--search", "random", "--prune", "none", "--runs", "3")


def trials_of(place):
    """Return the runs by trial, each with its status."""
    found: dict[int, list[str]] = {}
    for run in place.runs():
        search = json.loads((run / "info.json").read_text())["search"]
        found.setdefault(search["trial"], []).append(entry(run)["status"])
    return found


def rates(place):
    return sorted({json.loads((run / "config.json").read_text())["learning_rate"] for run in place.runs()})


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search with pruning, and what it printed."""
    place = Place(tmp_path_factory.mktemp("searched"))
    return place, place.run(*SEARCH, "evaluate_every=4", script=SWEEP, cold=True)


def test_a_search_prints_each_trial_as_it_ends_the_best_and_how_many_it_has_pruned(searched):
    place, done = searched

    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == "search by random, pruned by median: 8 trials to run, once TensorFlow is imported"
    shown = r"\d/8  learning_rate=\S+  (mean absolute error|pruned at step \d+, validation mean absolute error) \S+  "
    assert all(re.match(shown + r"runs/\d$", line) for line in lines[:8])
    assert re.search(r"^best by validation, mean absolute error \S+: learning_rate=", done.stdout, re.MULTILINE)
    assert re.search(r"^pruned: \d of 8 runs, at step \d+ in the median$", done.stdout, re.MULTILINE)
    assert "without a result" not in done.stdout
    assert {status for ends in trials_of(place).values() for status in ends} == {"COMPLETED", "PRUNED"}


def test_a_dry_run_counts_what_has_ended(searched):
    place, _ = searched
    done = place.run(*SEARCH, "evaluate_every=4", "--dry-run", script=SWEEP)

    assert done.stdout.startswith("search by random, pruned by median: 8 ended already\n")


def test_a_pruned_run_keeps_its_points_and_its_state(searched):
    place, _ = searched
    pruned = next(run for run in place.runs() if entry(run)["status"] == "PRUNED")
    info = json.loads((pruned / "info.json").read_text())
    logged = points(pruned)

    assert entry(pruned)["result"] is None
    assert ("validation/mean_absolute_error", info["pruned_at_step"], info["pruned_validation"]) in logged
    assert max(step for _, step, _ in logged) == info["pruned_at_step"] < 40
    assert list(pruned.glob("model/*.index"))


def test_the_same_command_trains_nothing_and_shows_the_same(searched, run_sweep):
    place, done = searched
    again = run_sweep(*SEARCH, "evaluate_every=4", directory=place.directory)

    assert again.returncode == 0
    assert again.stdout.startswith("search by random, pruned by median: 8 ended already\n\n")
    assert again.stdout.partition("\n\n")[2] == done.stdout.partition("\n\n")[2]
    assert len(place.runs()) == 8


def test_a_grid_resumes_a_pruned_run(searched, run_sweep):
    place, _ = searched
    run = next(run for run in place.runs() if entry(run)["status"] == "PRUNED")
    rate = json.loads((run / "config.json").read_text())["learning_rate"]
    done = run_sweep(
        "number", "fast", "evaluate_every=4", f"learning_rate={rate}", "seed=1", directory=place.directory
    )

    assert done.stdout.startswith("1 to run, once TensorFlow is imported; 1 of them resumed\n")
    assert entry(place.runs()[-1])["status"] == "COMPLETED"
    assert json.loads((place.runs()[-1] / "info.json").read_text())["parent"]["uuid"] == entry(run)["uuid"]


def test_a_dry_run_says_where_it_searches_and_writes_nothing(run_sweep, place):
    done = run_sweep(*SEARCH, "--dry-run")

    assert done.returncode == 0
    assert done.stdout == (
        "search by random, pruned by median: 8 trials to run\n"
        "  learning_rate  from 0.0001 to 0.1, on a logarithmic scale\n"
    )
    assert not list(place.directory.iterdir())


def test_without_optuna_one_line_says_how_to_install_it(run_sweep, place, monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("optuna", "experiments.sweeps.search"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("experiments.sweeps.trials.j")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "optuna", None)
    done = run_sweep(*SEARCH)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith('sweep: --search needs packages: pip install -c constraints.txt -e ".[search]" (')
    assert done.stderr.count("\n") == 1
    assert not list(place.directory.iterdir())


def test_trials_are_delivered_to_mongodb_with_their_status(run_sweep, mongo_url):
    done = run_sweep(
        *DRAWN, "evaluate_every=4", "--search", "random", "--prune", "halving", "--runs", "4", "-m", mongo_url
    )
    assert done.returncode == 0
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({}, {"status": 1, "info": 1}))

    assert {run["status"] for run in stored} == {"COMPLETED", "PRUNED"}
    assert sorted(run["info"]["search"]["trial"] for run in stored) == list(range(4))
    assert all("pruned_at_step" in run["info"] for run in stored if run["status"] == "PRUNED")


def test_two_searches_at_once_train_each_trial_once(place):
    short = (*DRAWN, "--search", "tpe", "--prune", "none", "--runs", "6", "--jobs", "1")
    first, second = (place.start(*short, script=SWEEP) for _ in range(2))
    printed = [process.communicate(timeout=300) for process in (first, second)]

    assert [process.wait() for process in (first, second)] == [0, 0], printed
    assert trials_of(place) == {number: ["COMPLETED"] for number in range(6)}
    assert sum(out.partition("\n\n")[0].count("  runs/") for out, _ in printed) == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_same_command_goes_on_after_an_interruption(place, number):
    process = place.start(*LONG, "--jobs", "2", script=SWEEP)
    place.await_steps(2, at_once=True)
    process.send_signal(number)
    out, _ = process.communicate(timeout=120)
    if number == signal.SIGINT:
        assert process.wait() == 130
        assert "interrupted; 3 trials have not ended; run the same command again to continue" in out
    before = rates(place)
    done = place.run(*LONG, script=SWEEP)

    assert done.returncode == 0, done.stderr
    found = trials_of(place)
    assert sorted(found) == [0, 1, 2]
    assert all(ends.count("COMPLETED") == 1 for ends in found.values()), found
    assert set(before) <= set(rates(place))
    assert len(rates(place)) == 3
    if number == signal.SIGINT:
        assert found[0] == found[1] == ["INTERRUPTED", "COMPLETED"]
