"""Sweeps as a person starts them: recorded as single runs are, skipped, gone on with, interrupted."""

import functools
import json
import multiprocessing
import os
import pty
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pymongo
import pytest

from experiments.parity import experiment
from experiments.planning import plan
from experiments.quiet_run import train
from experiments.scores import Scoreboard
from experiments.sources import digests
from experiments.sweeping import run_all
from experiments.warm import WarmExecutor
from tests.experiments.conftest import ROOT, SCRIPT, SWEEP, Place

pytestmark = pytest.mark.slow

GRID = ("parity", "fast", "hidden=8,16", "seed=0..1")
LONG = ("parity", "fast", "max_steps=1000000", "patience=1000000", "evaluate_every=1000", "seed=0..3", "--jobs", "2")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A place where four small runs were swept, and what the sweep printed."""
    place = Place(tmp_path_factory.mktemp("swept"))
    return place, place.run(*GRID, "--jobs", "2", script=SWEEP)


def runs(place):
    return sorted(
        (path for path in (place.directory / "runs").iterdir() if path.name.isdigit()), key=lambda p: int(p.name)
    )


def entry(run):
    return json.loads((run / "run.json").read_text())


def points(run):
    """What was logged, without times and speed."""
    logged = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [
        (point["name"], point["step"], point["value"]) for point in logged if point["name"] != "train/steps_per_second"
    ]


def await_steps(place, count):
    """Wait until so many runs train."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        journals = (
            (place.directory / "runs").glob("[0-9]*/metrics.jsonl") if (place.directory / "runs").is_dir() else ()
        )
        if sum('"step":100,' in journal.read_text() for journal in journals) >= count:
            return
        time.sleep(0.05)
    pytest.fail(f"no {count} runs train")


def test_every_combination_is_run_and_told(swept):
    place, done = swept

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    configs = [json.loads((run / "config.json").read_text()) for run in runs(place)]
    assert sorted((config["hidden"], config["seed"]) for config in configs) == [(8, 0), (8, 1), (16, 0), (16, 1)]
    assert done.stdout.startswith("4 to be run, as soon as TensorFlow is imported\n")
    assert len(re.findall(r"^\d/4  hidden=\d+ seed=\d  accuracy [\d.]+  runs/\d$", done.stdout, re.MULTILINE)) == 4
    assert re.search(r"hidden +accuracy: median +least +most +runs\n +8 .* 2\n +16 .* 2\n", done.stdout)


def test_a_run_is_recorded_as_if_it_had_been_started_alone(swept, place):
    """Everything but times, speed, process and the names of run and model."""
    swept_place, _ = swept
    run = next(run for run in runs(swept_place) if entry(run)["meta"]["command_line"][-2:] == ["hidden=16", "seed=1"])
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
    more = place.run(*GRID[:3], "seed=0..2", "--again", script=SWEEP) if len(runs(place)) == 4 else None

    assert skipped.returncode == 0
    assert skipped.stdout.startswith("4 there already (--again repeats them)\n")
    assert re.search(r"\n +8 .* 2\n +16 .* 2\n", skipped.stdout)
    assert more is not None
    assert more.stdout.startswith("6 to be run")
    assert len(runs(place)) == 10


def test_a_run_that_is_refused_does_not_end_the_sweep(place):
    uncovered = ("data_size=1000", "validation_fraction=0.49", "test_fraction=0.49")
    done = place.run("parity", "fast", *uncovered, "cover_parts=True,False", "seed=1", script=SWEEP)

    assert done.returncode == 1
    assert "without a result: 1\n  cover_parts=True: refused: parity: cover_parts=True needs" in done.stdout
    assert [entry(run)["status"] for run in runs(place)] == ["COMPLETED"]


def test_a_run_that_is_killed_does_not_end_the_sweep_and_is_begun_again(place):
    grid = ("parity", "fast", "max_steps=400", "patience=400", "seed=0..1")
    process = place.start(*grid, "--jobs", "1", script=SWEEP)
    await_steps(place, 1)
    os.kill(entry(runs(place)[0])["process"]["pid"], signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    again = place.run(*grid, script=SWEEP)

    assert process.returncode == 1
    assert "seed=0: its process ended with exit status -9" in out
    assert again.stdout.startswith("1 to be run, as soon as TensorFlow is imported; 1 there already")
    assert [entry(run)["status"] for run in runs(place)] == ["RUNNING", "COMPLETED", "COMPLETED"]


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, "INTERRUPTED"), (signal.SIGTERM, "TERMINATED"), (signal.SIGHUP, "TERMINATED")],
)
def test_a_signal_ends_every_run_as_it_would_alone(place, number, status):
    process = place.start(*LONG, script=SWEEP)
    await_steps(place, 2)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert [entry(run)["status"] for run in runs(place)] == [status, status]
    assert "interrupted; not begun: 2; the same command goes on" in out
    assert err == ""


def test_an_interrupted_sweep_goes_on_to_the_same_weights(place, tmp_path_factory):
    grid = ("parity", "fast", "max_steps=600", "patience=600", "seed=0..1", "--jobs", "1")
    process = place.start(*grid, script=SWEEP)
    await_steps(place, 1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    done = place.run(*grid, script=SWEEP)
    whole = place.run(*grid, "-F", "whole", script=SWEEP)

    assert done.returncode == whole.returncode == 0
    assert done.stdout.startswith(
        "2 to be run, as soon as TensorFlow is imported; 1 of them from where it was interrupted\n"
    )
    assert [entry(run)["status"] for run in runs(place)] == ["INTERRUPTED", "COMPLETED", "COMPLETED"]
    resumed, uninterrupted = runs(place)[1], place.directory / "whole" / "1"
    assert entry(resumed)["result"] == entry(uninterrupted)["result"]
    assert points(resumed) == points(uninterrupted)[-len(points(resumed)) :]


def has_server(pid):
    """Whether a process has started the server of its forks."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return any(b"forkserver" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


def test_a_signal_in_the_first_moments_ends_it_as_well(place):
    """The server still imports TensorFlow, and has forked none of the runs."""
    process = place.start(*LONG, script=SWEEP)
    while not has_server(process.pid):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "interrupted" in out + err
    assert "Traceback" not in err
    assert not [run for run in place.directory.glob("runs/[0-9]*") if entry(run)["status"] == "RUNNING"]


def test_sources_that_change_during_a_sweep_are_not_recorded_for_what_was_imported_before(place):
    changed = {**digests(ROOT), str(ROOT / "core" / "encoder.py"): "0" * 32}
    with WarmExecutor(1, []) as executor:
        outcome = executor.submit(train, "parity", str(SCRIPT), ["with", "fast"], changed).result()

    assert outcome.exit_status == 1
    assert outcome.said == "core/encoder.py has changed since the sweep began: begin it again"


def test_a_reader_that_goes_away_ends_neither_runs_nor_sweep(place):
    process = place.start(*GRID, script=SWEEP)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()

    assert process.wait(timeout=300) == 0
    assert len(runs(place)) == 4


def test_what_a_run_has_to_say_is_said(place):
    done = place.run("parity", "fast", "seed=1", "-m", "mongodb://127.0.0.1:9/x", script=SWEEP)

    assert done.returncode == 0
    assert re.search("^runs/1: .*wait for MongoDB.*observers sync", done.stderr, re.MULTILINE)


def control_c(place, moment):
    """Start a sweep on a terminal of its own, press Ctrl-C at a moment, and return its exit status and the screen.

    The terminal sends the signal to the whole group of processes.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, str(SWEEP), *LONG]
    take_terminal = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", take_terminal, *command],
        cwd=place.directory,
        env={name: value for name, value in os.environ.items() if name != "MONGO_URL"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    moment(process.pid)
    os.write(ours, b"\x03")
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # the end of a terminal whose programs are gone
        pass
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def test_control_c_on_a_terminal_keeps_the_state_of_every_run(place):
    status, shown = control_c(place, lambda _: await_steps(place, 2))

    assert status == 130
    assert "Traceback" not in shown
    assert [entry(run)["status"] for run in runs(place)] == ["INTERRUPTED", "INTERRUPTED"]
    assert all((run / "model" / "last" / "state.json").is_file() for run in runs(place))


def test_control_c_while_tensorflow_is_imported_is_no_crash(place):
    def server_imports(pid):
        while not has_server(pid):
            time.sleep(0.01)
        time.sleep(1)  # into the import, whatever part of it that is

    status, shown = control_c(place, server_imports)

    assert status == 130
    assert "Traceback" not in shown
    assert "could not be started" not in shown


def test_the_runs_are_in_mongo_as_well(place, mongo_url):
    done = place.run("parity", "fast", "seed=0..1", "-m", mongo_url, script=SWEEP)

    assert done.returncode == 0, done.stdout
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        stored: list[Any] = list(client.get_default_database().runs.find({}, {"status": 1, "info.uuid": 1}))
    assert {run["status"] for run in stored} == {"COMPLETED"}
    assert {run["info"]["uuid"] for run in stored} == {entry(run)["uuid"] for run in runs(place)}


def test_another_executor_can_take_the_place_of_the_forks(place, monkeypatch):
    """Processes that are spawned, and import everything themselves."""
    monkeypatch.chdir(place.directory)
    points = [{"hidden": 8, "seed": 1}, {"hidden": 8, "seed": 2}]
    call = functools.partial(train, "parity", str(SCRIPT), sources=digests(ROOT))
    planned = plan(experiment, points, named_configs=["fast"], options=[], store=None)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn, max_tasks_per_child=1) as executor:
        board = Scoreboard(2, ["seed"])
        scores, stopped = run_all(executor, call, planned, board)

    assert stopped is None
    done = [score for score in scores if score is not None]
    assert [score.values["seed"] for score in done] == [1, 2]
    assert all(score.trouble is None and score.result is not None for score in done)
    assert [entry(run)["status"] for run in runs(place)] == ["COMPLETED", "COMPLETED"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "EXPERIMENT"),
        (("party", "seed=1"), "there is no experiment party: there are number, parity"),
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
