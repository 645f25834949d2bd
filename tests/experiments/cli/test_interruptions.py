"""How signals, a kill and a full disk end a run, and how it is resumed."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from observers.errors import with_advice
from tests.experiments.place import entry, points

LONG = ("with", "max_steps=1000000", "patience=1000000", "seed=5")


@pytest.fixture
def start(place):
    """Start a run, and wait until it has logged some batches."""

    def start(*arguments, logged=b'"step":50', **how):
        process = place.start(*arguments, **how)
        journal = place.directory / "runs" / "1" / "metrics.jsonl"
        while not (journal.exists() and logged in journal.read_bytes()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        return process

    return start


def losses(run):
    """The training losses in metrics.json."""
    return json.loads((run / "metrics.json").read_text())["train/loss"]["values"]


def reap(place):
    command = [sys.executable, "-m", "observers", "reap"]
    return subprocess.run(command, cwd=place.directory, capture_output=True, text=True).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status", "cold"),
    [
        (signal.SIGTERM, "TERMINATED", True),
        (signal.SIGHUP, "TERMINATED", False),
        (signal.SIGINT, "INTERRUPTED", False),
        (signal.SIGUSR1, "TERMINATED", False),
        (signal.SIGXCPU, "TERMINATED", False),
        (signal.SIGQUIT, "TERMINATED", False),
    ],
)
def test_each_signal_ends_the_run_with_its_status(place, start, number, status, cold):
    process = start(*LONG, cold=cold)
    while process.poll() is None:  # impatient users press Ctrl-C many times
        process.send_signal(number)
        time.sleep(0.02)
    out, err = process.communicate(timeout=120)
    [run] = place.runs()

    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert f"{status.lower()}; recorded in runs/1" in out
    assert "with resume=1" in out
    assert list(run.glob("model/last/state-*.json"))
    assert entry(run)["status"] == status
    logged = points(run)
    assert logged[0] == ("validation/accuracy", 0, logged[0][2])
    assert losses(run) == [value for name, _, value in logged if name == "train/loss"]
    assert place.read("runs/1/info.json")["cpu_seconds"] > (1 if cold else 0.1)  # TensorFlow's import takes a second


@pytest.mark.slow
@pytest.mark.parametrize("library", ["numpy", "tensorflow"])
def test_a_signal_while_a_library_is_imported_ends_the_script_without_a_traceback(place, library):
    process = place.start(*LONG, cold=True)
    while process.poll() is None and f"/{library}/" not in Path(f"/proc/{process.pid}/maps").read_text():
        time.sleep(0.01)
    for _ in range(4):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, err = process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGINT
    assert "Traceback" not in err
    assert "RUNNING" not in [entry(run)["status"] for run in place.runs()]


@pytest.mark.slow
def test_under_nohup_a_closed_terminal_does_not_end_the_run(start):
    process = start(*LONG, ignored=[signal.SIGHUP])
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.slow
def test_a_terminated_run_is_resumed_to_the_weights_of_an_uninterrupted_one(place, start):
    config = ("max_steps=600", "patience=600", "seed=5")
    start("with", *config).send_signal(signal.SIGTERM)
    while place.read("runs/1/run.json")["status"] == "RUNNING":
        time.sleep(0.05)
    resumed = place.run("with", "resume=1", cold=True)
    whole = place.run("with", *config, "-F", "whole")

    assert resumed.returncode == whole.returncode == 0, resumed.stderr
    first, second, third = (place.directory / path for path in ("runs/1", "runs/2", "whole/1"))
    assert points(first) + points(second) == points(third)
    assert place.read("runs/2/config.json") == place.read("runs/1/config.json") == place.read("whole/1/config.json")
    assert place.read("runs/2/info.json")["parent"] == {
        "directory": "runs/1",
        "uuid": place.read("runs/1/info.json")["uuid"],
    }
    checkpoints = [tf.train.load_checkpoint(str(path / "model")) for path in (second, third)]
    for name in checkpoints[0].get_variable_to_shape_map():
        assert np.array_equal(checkpoints[0].get_tensor(name), checkpoints[1].get_tensor(name)), name
    assert not (second / "model" / "last").exists()


def write_run(place, run_id, **recorded):
    """Write the files of a run without a state."""
    run = place.directory / "runs" / run_id
    run.mkdir(parents=True)
    for name, content in (("run", {"uuid": run_id, **recorded}), ("config", {}), ("info", {})):
        (run / f"{name}.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resume=1"], "runs/1 is COMPLETED"),
        (["resume=7"], "there is no run=7 in runs (recorded there: 1, 2)"),
        (["resume=2"], "runs/2 has no saved state; start it anew: "),
        (["resume=2", "hidden=3"], "remove hidden"),
        (["fast", "resume=2"], "remove fast"),
    ],
)
def test_a_run_that_cannot_be_resumed_is_refused(place, run_in_process, arguments, message):
    for run_id, status in (("1", "COMPLETED"), ("2", "TERMINATED")):
        write_run(place, run_id, status=status, experiment={"mainfile": "experiments/parity.py"})
    done = run_in_process(place, "with", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in (place.directory / "runs").iterdir()) == ["1", "2"]


def test_a_run_of_another_script_is_not_resumed(place, run_in_process):
    write_run(place, "1", status="TERMINATED", experiment={"mainfile": "experiments/number.py"})
    done = run_in_process(place, "with", "resume=1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "parity: runs/1 is a run of experiments/number.py: resume it with that script\n"


@pytest.mark.slow
def test_a_killed_run_is_declared_dead_and_keeps_every_point(place, start):
    process = start(*LONG)
    [run] = place.runs()
    before = points(run)
    process.kill()
    process.communicate()

    assert reap(place) == "runs/1 is DEAD\n"
    assert reap(place) == "no dead runs\n"
    assert entry(run)["status"] == "DEAD"
    logged = points(run)
    assert logged[: len(before)] == before
    assert losses(run) == [value for name, _, value in logged if name == "train/loss"]


@pytest.mark.slow
def test_a_living_run_is_not_declared_dead(place, start):
    start(*LONG)

    assert reap(place) == "no dead runs\n"
    assert place.read("runs/1/run.json")["status"] == "RUNNING"


def fill(disk):
    """Write to a file system until it is full."""
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))


@pytest.mark.slow
def test_a_full_disk_fails_the_run_and_every_earlier_point_is_kept(place, start):
    """A file system of six megabytes is filled while the run trains."""
    disk = place.directory / "runs"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only root can mount a file system")
    try:
        process = start(*LONG)
        before = points(disk / "1")
        fill(disk)
        out, err = process.communicate(timeout=120)
        run = entry(disk / "1")
        logged = points(disk / "1")
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert process.returncode == 1
    assert run["status"] == "FAILED"
    assert "space" in "".join(run["fail_trace"])
    assert logged[: len(before)] == before
    [reason] = [line for line in err.splitlines() if not line.startswith("runs/1: ")]
    assert reason.startswith("parity: ")
    assert reason.endswith(": No space left on device; make room on its disk")
    assert "failed; recorded in runs/1" in out


@pytest.mark.slow
def test_a_run_whose_end_cannot_be_recorded_has_an_exit_status_that_says_so(place, start):
    process = start("with", "max_steps=1500", "patience=1000000", "log_every=10", "seed=5")
    run = place.directory / "runs" / "1"
    process.send_signal(signal.SIGSTOP)  # a heartbeat would write run.json again
    (run / "run.json").rename(run / "saved")
    (run / "run.json" / "in the way").mkdir(parents=True)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=120)

    is_directory = with_advice(os.strerror(errno.EISDIR), errno.EISDIR)
    assert process.returncode == 1
    assert sorted(err.splitlines()) == [  # a heartbeat may be the first to find out
        f"runs/1: artifact export.zip is not recorded: runs/1/run.json: {is_directory}",  # which cannot name it
        f"runs/1: run.json is not recorded: runs/1/run.json: {is_directory}",
    ]
    [recorded] = [line for line in out.splitlines() if line.startswith("completed; recorded in runs/1, except ")]
    assert set(recorded.partition("except ")[2].split(", ")) == {"artifact export.zip", "run.json"}
