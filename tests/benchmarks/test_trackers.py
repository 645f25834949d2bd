"""The comparison with other trackers measures what is missing, and shows what it has."""

import itertools
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.benchmarks.trackers import environments
from tests.benchmarks.trackers.catalogue import TRACKERS
from tests.benchmarks.trackers.comparison import Comparison
from tests.benchmarks.trackers.environments import NotInstalledError, find_python, read_pins
from tests.benchmarks.trackers.inside.meter import Meter
from tests.benchmarks.trackers.results import Results
from tests.benchmarks.trackers.table import Sizes, make_table

SIZES = Sizes(points=(10, 20), killed=10, seconds=4, away=1.5, runs=2, metrics=2, points_read=2)


@pytest.fixture
def results(tmp_path):
    return Results(tmp_path / "results.json")


def compare(tmp_path, results, names, repeats):
    trackers = [TRACKERS[name] for name in names]
    nowhere: Any = None
    return Comparison(nowhere, results, trackers, repeats, SIZES, tmp_path / "table.md")


def rows(table):
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line]


def test_trackers_are_measured_in_turn(tmp_path, results):
    order = []
    comparison = compare(tmp_path, results, ("ours", "aim"), 2)

    def measure(bench, tracker):
        order.append(tracker.name)
        return {"lost": 0}

    for repeat, tracker in comparison._rounds():
        comparison._measure(tracker, "kill 10", repeat, measure)

    assert order == ["ours", "aim", "ours", "aim"]


def test_what_an_earlier_call_has_measured_is_not_measured_again(tmp_path, results):
    results.add("ours", "kill 10", {"lost": 3})
    counter = itertools.count(5)
    comparison = compare(tmp_path, Results(tmp_path / "results.json"), ("ours",), 3)
    for repeat, tracker in comparison._rounds():
        comparison._measure(tracker, "kill 10", repeat, lambda *_: {"lost": next(counter)})

    assert [figures["lost"] for figures in Results(tmp_path / "results.json").of("ours", "kill 10")] == [3, 5, 6]


def test_a_tracker_that_cannot_be_installed_is_a_line_with_the_reason(tmp_path, results):
    def measure(bench, tracker):
        raise NotInstalledError("ERROR: No matching distribution found for aim==9")

    comparison = compare(tmp_path, results, ("aim",), 2)
    for repeat, tracker in comparison._rounds():
        comparison._measure(tracker, SIZES.kill, repeat, measure)

    assert len(results.of("aim", SIZES.kill)) == 1
    assert (
        "cannot be installed: ERROR: No matching distribution found for aim==9" in (tmp_path / "table.md").read_text()
    )


def test_the_table_shows_medians_and_what_only_a_service_reads(results):
    for lost in (1, 50, 4):
        results.add("wandb", SIZES.kill, {"lost": lost})

    *_, row = rows(make_table(results, SIZES))

    assert row == ["W&B, offline", "4", "", "only by its service", "only by its service"]


def test_measuring_anew_forgets_one_tracker(tmp_path, results):
    for name in ("ours", "aim"):
        results.add(name, SIZES.kill, {"lost": 1})
    results.forget("ours")

    assert [*json.loads((tmp_path / "results.json").read_text())] == ["aim"]


def test_every_tracker_has_a_module_and_pinned_versions():
    for tracker in TRACKERS.values():
        module = environments._PINS.parent / "peers" / f"{tracker.peer.replace('.', '/')}.py"
        assert module.exists(), tracker
        assert "==" in read_pins()[tracker.environment][0], tracker


@pytest.mark.slow
def test_pip_that_fails_leaves_no_environment(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "read_pins", lambda: {"aim": [str(tmp_path / "nowhere")]})
    for _ in range(2):
        with pytest.raises(NotInstalledError, match="nowhere"):
            find_python("aim", tmp_path)


BUSY = "import time\nwhile time.process_time() < 0.1: pass\nprint(flush=True)\ntime.sleep(60)"


@pytest.mark.parametrize("ended", [True, False])
def test_the_processor_time_of_children_counts(ended, monkeypatch):
    monkeypatch.setattr(os, "getppid", os.getpid)  # children of the process that runs the tests come and go
    meter = Meter()
    meter.first()
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        if ended:
            child.kill()
            child.wait()
        meter.last(1)
        child.kill()

    assert meter.figures["last_cpu"] - meter.figures["first_cpu"] >= 0.09


def test_what_an_empty_run_takes_is_no_cost_of_points(results):
    run = {"thread": 3.0, "start": 0.5, "start_cpu": 0.4, "finish": 0.2, "finish_cpu": 0.1, "bytes": 100.0}
    results.add("aim", SIZES.log(2), {**run, "cpu_after_start": 0.1})
    for seconds in (0.10015, 0.1001, 0.2):
        results.add("aim", SIZES.log(10), {**run, "cpu_after_start": seconds})

    _, _, _, row, *_ = rows(make_table(results, SIZES))

    assert row[2:5] == ["3, 15.0", "", "0.50 (0.40)"]


def test_a_run_that_takes_too_long_is_measured_once(tmp_path, results, monkeypatch):
    measured = []

    def log(bench, tracker, points):
        measured.append((tracker.name, points))
        return {"thread": 1000.0 if tracker.name == "dvclive" else 1.0}

    monkeypatch.setattr("tests.benchmarks.trackers.parts.log", log)
    monkeypatch.setattr(Comparison, "_measure", _measure_without_table)
    compare(tmp_path, results, ("ours", "dvclive"), 3).log(longest=0.015)

    assert [measured.count(("ours", points)) for points in (2, 10, 20)] == [3, 3, 3]
    assert [measured.count(("dvclive", points)) for points in (2, 10, 20)] == [3, 3, 1]


def _measure_without_table(comparison, tracker, part, repeat, measure):
    comparison.results.add(tracker.name, part, comparison._try(measure, tracker))
