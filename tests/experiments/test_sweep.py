"""Sweeps as a person starts them: recorded as single runs are, skipped, refused, told of."""

import functools
import json
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pymongo
import pytest

from experiments.parity import experiment
from experiments.planning import Store, plan
from experiments.quiet_run import train
from experiments.scores import Scoreboard
from experiments.sources import digests
from experiments.sweeping import reason_of, run_all
from experiments.warm import WarmExecutor
from tests.experiments.conftest import ROOT, SCRIPT, SWEEP, Place, entry, points

pytestmark = pytest.mark.slow

GRID = ("parity", "fast", "hidden=8,16", "seed=0..1")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A place where four small runs were swept, and what the sweep printed."""
    place = Place(tmp_path_factory.mktemp("swept"))
    return place, place.run(*GRID, "--jobs", "2", script=SWEEP)


def test_every_combination_is_run_and_told(swept):
    place, done = swept

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    configs = [json.loads((run / "config.json").read_text()) for run in place.runs()]
    assert sorted((config["hidden"], config["seed"]) for config in configs) == [(8, 0), (8, 1), (16, 0), (16, 1)]
    assert done.stdout.startswith("4 to be run, as soon as TensorFlow is imported\n")
    assert len(re.findall(r"^\d/4  hidden=\d+ seed=\d  accuracy [\d.]+  runs/\d$", done.stdout, re.MULTILINE)) == 4
    assert re.search(r"hidden +accuracy: median +least +most +runs\n +8 .* 2\n +16 .* 2\n", done.stdout)


def test_a_run_is_recorded_as_if_it_had_been_started_alone(swept, place):
    """Everything but times, speed, process and the names of run and model."""
    swept_place, _ = swept
    run = next(run for run in swept_place.runs() if entry(run)["meta"]["command_line"][-2:] == ["hidden=16", "seed=1"])
    alone_done = place.run("with", "fast", "hidden=16", "seed=1")
    alone = place.directory / "runs" / "1"

    assert alone_done.returncode == 0
    assert points(run) == points(alone)
    for name in ("config.json", "cout.txt"):
        assert (run / name).read_bytes() == (alone / name).read_bytes()
    ours, theirs = entry(run), entry(alone)
    assert sorted(ours["experiment"].pop("sources")) == sorted(theirs["experiment"].pop("sources"))
    for changing in ("uuid", "process", "heartbeat", "start_time", "stop_time"):
        assert type(ours.pop(changing)) is type(theirs.pop(changing))
    for both in (ours, theirs):
        both["meta"]["command_line"][0] = os.path.basename(both["meta"]["command_line"][0])  # noqa: PTH119
    assert ours == theirs
    assert {path.name for path in run.iterdir()} == {path.name for path in alone.iterdir()}
    assert (run / "info.json").read_text().count('"') == (alone / "info.json").read_text().count('"')
    best = next(path.name for path in run.glob("model/model.ckpt-*.data-*"))
    assert (run / "model" / best).read_bytes() == (alone / "model" / best).read_bytes()


def test_what_is_there_is_not_run_again_unless_asked_for(swept):
    place, _ = swept
    skipped = place.run(*GRID, script=SWEEP)
    more = place.run(*GRID[:3], "seed=0..2", "--again", script=SWEEP) if len(place.runs()) == 4 else None

    assert skipped.returncode == 0
    assert skipped.stdout.startswith("4 there already (--again repeats them)\n")
    assert re.search(r"\n +8 .* 2\n +16 .* 2\n", skipped.stdout)
    assert more is not None
    assert more.stdout.startswith("6 to be run")
    assert len(place.runs()) == 10


def test_a_run_that_is_refused_does_not_end_the_sweep(place):
    uncovered = ("data_size=1000", "validation_fraction=0.49", "test_fraction=0.49")
    done = place.run("parity", "fast", *uncovered, "cover_parts=True,False", "seed=1", script=SWEEP)

    assert done.returncode == 1
    assert "without a result: 1\n  cover_parts=True: refused: parity: cover_parts=True needs" in done.stdout
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED"]


def test_a_run_that_diverges_is_listed_each_time_and_is_no_failure(place):
    command = ("parity", "fast", "learning_rate=0.005,1000", "weight_decay=10", "seed=1")
    first = place.run(*command, script=SWEEP)
    again = place.run(*command, script=SWEEP)

    for done in (first, again):
        assert "\nwithout a result: 1\n  learning_rate=1000: DIVERGED  " in done.stdout
        assert done.returncode == 0
    assert again.stdout.startswith("2 there already")


TENSORFLOWS = """tensorflow.python.framework.errors_impl.ResourceExhaustedError: Graph execution error:

Detected at node 'gradients/lstm' defined at (most recent call last):
    File "core/encoder.py", line 60, in encode_word
Node: 'gradients/lstm'
OOM when allocating tensor with shape[768,8208]
\t [[{{node gradients/lstm}}]]

Original stack trace for 'gradients/lstm':
"""


@pytest.mark.parametrize(
    ("trace", "reason"),
    [
        (["Traceback", "  File 1", "ValueError: on purpose\n"], "ValueError: on purpose"),
        (["Traceback", "ValueError: on\npurpose\n"], "ValueError: on"),
        (["Traceback", TENSORFLOWS], "ResourceExhaustedError: OOM when allocating tensor with shape[768,8208]"),
        (["Node: '1'\n"], "Node: '1'"),
        ([], ""),
        (None, ""),
        ("text", ""),
    ],
)
def test_why_a_run_failed_is_said_in_a_line(trace, reason):
    assert reason_of(trace) == reason


def test_sources_that_change_during_a_sweep_are_not_recorded_for_what_was_imported_before(place):
    changed = {**digests(ROOT), "core/encoder.py": "0" * 32}
    with WarmExecutor(1, []) as executor:
        outcome = executor.submit(train, "parity", str(SCRIPT), ["with", "fast"], changed).result()

    assert outcome.exit_status == 1
    assert outcome.said == "core/encoder.py has changed since the sweep began: begin it again"


def test_what_a_run_has_to_say_is_said(place):
    done = place.run("parity", "fast", "seed=1", "-m", "mongodb://127.0.0.1:9/x", script=SWEEP)

    assert done.returncode == 0
    assert re.search("^runs/1: .*wait for MongoDB.*observers sync", done.stderr, re.MULTILINE)


def test_the_runs_are_in_mongo_as_well(place, mongo_url):
    done = place.run("parity", "fast", "seed=0..1", "-m", mongo_url, script=SWEEP)

    assert done.returncode == 0, done.stdout
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({}, {"status": 1, "info.uuid": 1}))
    assert {run["status"] for run in stored} == {"COMPLETED"}
    assert {run["info"]["uuid"] for run in stored} == {entry(run)["uuid"] for run in place.runs()}


def test_another_executor_can_take_the_place_of_the_forks(place, monkeypatch):
    """Processes that are spawned, and import everything themselves."""
    monkeypatch.chdir(place.directory)
    points = [{"hidden": 8, "seed": 1}, {"hidden": 8, "seed": 2}]
    call = functools.partial(train, "parity", str(SCRIPT), sources=digests(ROOT))
    planned = plan(experiment, points, named_configs=["fast"], options=[], store=Store([], str(SCRIPT), {}))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, max_tasks_per_child=1) as executor:
        board = Scoreboard(2, ["seed"])
        scores, stopped = run_all(executor, call, planned, board)

    assert stopped is None
    done = [score for score in scores if score is not None]
    assert [score.values["seed"] for score in done] == [1, 2]
    assert all(score.trouble is None and score.result is not None for score in done)
    assert [entry(run)["status"] for run in place.runs()] == ["COMPLETED", "COMPLETED"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "EXPERIMENT"),
        (("party", "seed=1"), "there is no experiment party: did you mean parity?\n"),
        (("parity", "hiden=8,16"), "hiden=8 is no entry of the config: did you mean hidden?"),
        (("parity", "hidden=8,none"), "hidden='none' is not a whole number from 1 to 4096"),
        (("parity", "fats", "seed=1"), "fats is neither a file nor a named config"),
        (("parity", "hidden~uniform(1,9)"), "hidden is drawn: say how often with --runs NUMBER"),
        (("parity", "hidden=8", "--runs", "5"), "--runs 5 is for draws, and nothing is drawn"),
        (("parity", "--jobs", "0"), "0 is not a whole number from 1"),
        (("parity", "--jbos", "2"), "--jbos"),
        (("sweeping", "seed=1"), "there is no experiment sweeping: there are number, parity\n"),
        (("parity", "--draw-seed=-1"), "-1 is not a whole number from 0"),
        (("parity", "head={[]:1}"), "head"),
        (("parity", "hidden=1..4000", "seed=0..99999"), "a sweep of 400000000 runs is more than"),
        (("parity", "-m", "http://x"), "the address of MongoDB names no database: it is mongodb://"),
        (("parity", "-F", "/dev/null/runs"), "/dev/null/runs cannot hold runs: /dev/null is no directory"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line_before_anything_is(place, arguments, message):
    done = place.run(*arguments, script=SWEEP)

    assert done.returncode == 1
    assert done.stderr.startswith("sweep: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(place.directory.iterdir())


def test_help_tells_what_there_is(place):
    done = place.run("--help", script=SWEEP)

    assert done.returncode == 0
    assert "learning_rate~loguniform(1e-4,1e-1)" in done.stdout
    assert ROOT.name not in done.stdout
