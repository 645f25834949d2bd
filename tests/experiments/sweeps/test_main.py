"""Sweeps from the command line to the table: recorded like single runs, skipped, refused and reported."""

import json
import os
import re
import signal
from contextlib import suppress
from typing import Any

import pymongo
import pytest

from experiments.pipeline.interrupts import TerminatedInterrupt
from experiments.sweeps.main import _StopBeforeRuns
from tests.experiments.place import SWEEP, Place, entry, points

pytestmark = pytest.mark.slow

TINY = ("parity", "fast", "max_steps=4", "evaluate_every=2", "data_size=40")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A place where two runs of `fast` were swept, and what the sweep printed."""
    place = Place(tmp_path_factory.mktemp("swept"))
    return place, place.run("parity", "fast", "seed=2,5", "--jobs", "2", script=SWEEP, cold=True)


@pytest.fixture
def run_in_sweep(swept):
    place, _ = swept
    return next(run for run in place.runs() if json.loads((run / "config.json").read_text())["seed"] == 5)


@pytest.fixture
def run_alone(two_runs):
    """The same run, started alone."""
    return two_runs.directory / "runs" / "1"


def test_a_sweep_prints_each_run_as_it_ends_and_a_table(swept):
    place, done = swept

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("2 to run, once TensorFlow is imported\n")
    assert len(re.findall(r"^\d/2  seed=\d  accuracy [\d.]+  runs/\d$", done.stdout, re.MULTILINE)) == 2
    assert re.search(
        r"\n +validation: median +test accuracy: median +lowest +highest +runs\n( +[\d.]+){4} +2\n$", done.stdout
    )
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED", "COMPLETED"]


def test_a_dry_run_prints_the_commands_of_the_runs_that_are_missing(tmp_path):
    place = Place(tmp_path)
    done = place.run(*TINY, "hidden=2,3", "-m", "mongodb://name:secret@127.0.0.1:9/x", "--dry-run", script=SWEEP)

    assert done.returncode == 0
    announced, *commands = done.stdout.splitlines()
    assert announced == "2 to run"
    assert re.findall(r"parity\.py with fast .*hidden=(\d)", "\n".join(commands)) == ["2", "3"]
    assert "secret" not in done.stdout
    assert not (tmp_path / "runs").exists()


def test_parts_of_a_sweep_run_each_config_once(run_sweep, place):
    parts = [run_sweep(*TINY, "hidden=2,3", "seed=7,8", "--part", f"{index}/3", "--jobs=1") for index in range(3)]
    whole = run_sweep(*TINY, "hidden=2,3", "seed=7,8", "--jobs=1")

    assert [done.returncode for done in [*parts, whole]] == [0, 0, 0, 0]
    assert [done.stdout.splitlines()[0] for done in [*parts, whole]] == [
        "part 0/3: 2 to run, once TensorFlow is imported",
        "part 1/3: 1 to run, once TensorFlow is imported",
        "part 2/3: 1 to run, once TensorFlow is imported",
        "4 recorded already (--again repeats them)",
    ]
    assert "\npart 0/3 of the sweep\n" in parts[0].stdout
    configs = [json.loads((run / "config.json").read_text()) for run in place.runs()]
    assert sorted((config["hidden"], config["seed"]) for config in configs) == [(2, 7), (2, 8), (3, 7), (3, 8)]


def test_a_part_without_runs_says_so(run_sweep, place):
    done = run_sweep(*TINY, "hidden=2", "--part", "4/5")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("part 4/5: no runs\n")
    assert not place.runs()


def test_a_dry_run_prints_the_commands_of_a_part(run_sweep):
    done = run_sweep(*TINY, "hidden=2..6", "--part", "1/3", "--dry-run")

    assert done.stdout.startswith("part 1/3: 2 to run\n")
    assert re.findall(r"hidden=(\d)", done.stdout) == ["3", "6"]


def test_a_run_has_the_same_sources_alone_and_in_a_sweep(run_in_sweep, run_alone):
    in_sweep, alone = (sorted(entry(run)["experiment"]["sources"]) for run in (run_in_sweep, run_alone))

    assert in_sweep == alone
    assert not [name for name, _ in alone if name.startswith(("experiments/sweeps/", "experiments/sweep.py"))]


def test_a_run_is_recorded_as_if_it_had_been_started_alone(run_in_sweep, run_alone):
    """Everything except times, speed, process, directory and the names of run and model."""
    assert points(run_in_sweep) == points(run_alone)
    for name in ("config.json", "cout.txt"):
        assert (run_in_sweep / name).read_bytes() == (run_alone / name).read_bytes()
    in_sweep, alone = entry(run_in_sweep), entry(run_alone)
    for changing in ("uuid", "directory", "process", "heartbeat", "start_time", "stop_time"):
        assert type(in_sweep.pop(changing)) is type(alone.pop(changing))
    for recorded in (in_sweep, alone):
        recorded["experiment"]["sources"].sort()
        recorded["meta"]["command_line"][0] = os.path.basename(recorded["meta"]["command_line"][0])  # noqa: PTH119
    assert in_sweep == alone
    assert {path.name for path in run_in_sweep.iterdir()} == {path.name for path in run_alone.iterdir()}
    info_in_sweep, info_alone = ((run / "info.json").read_text() for run in (run_in_sweep, run_alone))
    assert info_in_sweep.count('"') == info_alone.count('"')
    weights = next(path.name for path in run_in_sweep.glob("model/model.ckpt-*.data-*"))
    assert (run_in_sweep / "model" / weights).read_bytes() == (run_alone / "model" / weights).read_bytes()


def test_every_combination_is_run_once_and_then_skipped(run_sweep, place):
    first = run_sweep(*TINY, "hidden=4,8", "seed=0..1")
    again = run_sweep(*TINY, "hidden=4,8", "seed=0..1")

    assert first.returncode == again.returncode == 0
    configs = [json.loads((run / "config.json").read_text()) for run in place.runs()]
    assert sorted((config["hidden"], config["seed"]) for config in configs) == [(4, 0), (4, 1), (8, 0), (8, 1)]
    assert len(re.findall(r"^\d/4  hidden=\d seed=\d  accuracy [\d.]+  runs/\d$", first.stdout, re.MULTILINE)) == 4
    assert again.stdout.startswith("4 recorded already (--again repeats them)\n")
    for done in (first, again):
        assert re.search(
            r"hidden +validation: median +test accuracy: median +lowest +highest +runs\n +4 .* 2\n +8 .* 2\n",
            done.stdout,
        )


def test_recorded_runs_are_repeated_with_again(run_sweep, place):
    run_sweep(*TINY, "hidden=4", "seed=0..1")
    done = run_sweep(*TINY, "hidden=4", "seed=0..2", "--again")

    assert done.stdout.startswith("3 to run")
    assert len(place.runs()) == 5


def test_a_refused_run_does_not_end_the_sweep(run_sweep, place):
    uncovered = ("data_size=1000", "validation_fraction=0.49", "test_fraction=0.49", "cover_parts=True,False")
    done = run_sweep("parity", "fast", "max_steps=4", "evaluate_every=2", *uncovered, "seed=1")

    assert done.returncode == 1
    assert "without a result: 1\n  cover_parts=True: refused: parity: cover_parts=True needs" in done.stdout
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED"]


def test_a_diverged_run_is_listed_each_time_and_is_no_failure(run_sweep):
    command = ("parity", "fast", "learning_rate=0.005,1000", "weight_decay=10", "seed=1")
    first = run_sweep(*command)
    again = run_sweep(*command)

    for done in (first, again):
        assert "\nwithout a result: 1\n  learning_rate=1000: DIVERGED  " in done.stdout
        assert done.returncode == 0
    assert again.stdout.startswith("2 recorded already")


def test_warnings_of_a_run_are_printed(run_sweep):
    done = run_sweep(*TINY, "hidden=4", "seed=1", "-m", "mongodb://127.0.0.1:9/x")

    assert done.returncode == 0
    assert re.search("^runs/1: .*MongoDB.*observers sync", done.stderr, re.MULTILINE)


def test_runs_are_delivered_to_mongodb(run_sweep, place, mongo_url):
    done = run_sweep(*TINY, "hidden=4", "seed=0..1", "-m", mongo_url)

    assert done.returncode == 0, done.stdout
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({}, {"status": 1, "info.uuid": 1}))
    assert {run["status"] for run in stored} == {"COMPLETED"}
    assert {run["info"]["uuid"] for run in stored} == {entry(run)["uuid"] for run in place.runs()}


def test_a_refused_sweep_exits_with_one_line(place):
    done = place.run("party", "seed=1", script=SWEEP, cold=True)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "sweep: there is no experiment party: did you mean parity?\n"


def test_a_dry_run_with_an_address_that_is_printed_shows_it_whole_and_one_with_a_password_says_where_it_belongs(
    tmp_path,
):
    place, url = Place(tmp_path), "mongodb://127.0.0.1:9/x?authSource=admin&replicaSet=a"
    shown = place.run(*TINY, "hidden=2", "-m", url, "--dry-run", script=SWEEP).stdout
    hidden = place.run(*TINY, "hidden=2", "-m", url.replace("//", "//name:secret@"), "--dry-run", script=SWEEP).stdout

    assert shown.endswith(f" -m '{url}'\n")
    assert hidden.endswith("set MONGO_URL to the address of 127.0.0.1:9/x, with its user and password\n")


def test_a_signal_that_is_swallowed_while_a_sweep_is_planned_ends_it_before_its_runs():
    stop = _StopBeforeRuns()
    with suppress(KeyboardInterrupt):  # as a finalizer does
        stop(signal.SIGTERM, None)
    stop(signal.SIGTERM, None)

    with pytest.raises(TerminatedInterrupt):
        stop.end()


def test_a_signal_after_the_start_of_the_runs_is_not_for_the_plan():
    stop = _StopBeforeRuns()
    stop.end()
    stop(signal.SIGTERM, None)
    stop.end()
