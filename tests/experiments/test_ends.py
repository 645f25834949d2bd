"""How runs end that do not come to their end by themselves, and what goes on from there."""

import contextlib
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from observers.journal import read_points

pytestmark = pytest.mark.slow

LONG = ("with", "max_steps=1000000", "patience=1000000", "seed=5")


def points(directory):
    """Names, steps and values of a journal, without what depends on the clock."""
    return [
        (name, step, value)
        for name, step, value, _ in read_points(directory / "metrics.jsonl")
        if name != "train/steps_per_second"
    ]


@pytest.fixture
def start(place):
    """Start a run, wait until it has logged some batches, and see that it does not outlive the test."""
    processes = []

    def start(*arguments, ignored=(), logged=b'"step":50', **environment):
        process = place.start(*arguments, ignored=ignored, **environment)
        processes.append(process)
        journal = place.directory / "runs" / "1" / "metrics.jsonl"
        while not (journal.exists() and logged in journal.read_bytes()):
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        return process

    yield start
    for process in processes:
        process.kill()


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGTERM, "TERMINATED"), (signal.SIGHUP, "TERMINATED"), (signal.SIGINT, "INTERRUPTED")],
)
def test_a_signal_ends_the_run_with_a_status_of_its_own(place, start, number, status):
    process = start(*LONG)
    process.send_signal(number)
    process.send_signal(number)  # as impatient people do
    out, err = process.communicate(timeout=120)

    assert process.returncode == 128 + number
    assert "Traceback" not in err
    assert f"{status.lower()}; recorded in runs/1" in out
    assert "with resume=1" in out
    assert place.read("runs/1/run.json")["status"] == status
    logged = points(place.directory / "runs" / "1")
    assert logged[0] == ("validation/accuracy", 0, logged[0][2])
    stored = place.read("runs/1/metrics.json")
    assert stored["train/loss"]["values"] == [value for name, _, value in logged if name == "train/loss"]
    assert place.read("runs/1/info.json")["cpu_seconds"] > 1


def test_under_nohup_a_closed_terminal_does_not_end_the_run(start):
    process = start(*LONG, ignored=[signal.SIGHUP])
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)

    assert process.returncode == 128 + signal.SIGTERM


def test_a_run_that_was_terminated_goes_on_to_the_same_weights_as_one_that_was_not(place, start):
    config = ("max_steps=400", "patience=400", "seed=5")
    start("with", *config).send_signal(signal.SIGTERM)
    while place.read("runs/1/run.json")["status"] == "RUNNING":
        time.sleep(0.05)
    resumed = place.run("with", "resume=1")
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resume=1"], "runs/1 is COMPLETED"),
        (["resume=7"], "there is no run=7 in runs (recorded there: 1, 2)"),
        (["resume=2"], "runs/2 was ended before it kept a state"),
        (["resume=2", "hidden=3"], "hidden with it would be another run"),
        (["fast", "resume=2"], "fast with it would be another run"),
    ],
)
def test_what_cannot_go_on_is_refused(place, arguments, message):
    for number, status in (("1", "COMPLETED"), ("2", "TERMINATED")):
        run = place.directory / "runs" / number
        run.mkdir(parents=True)
        entry = {"status": status, "uuid": number, "experiment": {"mainfile": "experiments/parity.py"}}
        for name, content in (("run", entry), ("config", {}), ("info", {})):
            (run / f"{name}.json").write_text(json.dumps(content))
    done = place.run("with", *arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in (place.directory / "runs").iterdir()) == ["1", "2"]


def test_a_run_of_another_script_does_not_go_on(place):
    (place.directory / "runs" / "1").mkdir(parents=True)
    entry = {"status": "TERMINATED", "uuid": "1", "experiment": {"mainfile": "experiments/number.py"}}
    (place.directory / "runs" / "1" / "run.json").write_text(json.dumps(entry))
    done = place.run("with", "resume=1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "parity: runs/1 is a run of experiments/number.py, which can go on with it\n"


def test_a_run_that_was_killed_is_declared_dead_and_keeps_every_point(place, start):
    process = start(*LONG)
    before = points(place.directory / "runs" / "1")
    process.kill()
    process.communicate()
    reap = [sys.executable, "-m", "observers", "reap"]
    first, second = (subprocess.run(reap, cwd=place.directory, capture_output=True, text=True) for _ in range(2))

    assert first.stdout == "runs/1 is DEAD\n"
    assert second.stdout == "nothing was dead\n"
    assert place.read("runs/1/run.json")["status"] == "DEAD"
    logged = points(place.directory / "runs" / "1")
    assert logged[: len(before)] == before
    stored = place.read("runs/1/metrics.json")
    assert stored["train/loss"]["values"] == [value for name, _, value in logged if name == "train/loss"]


def test_a_run_that_lives_is_not_declared_dead(place, start):
    start(*LONG)
    reap = subprocess.run(
        [sys.executable, "-m", "observers", "reap"], cwd=place.directory, capture_output=True, text=True
    )

    assert reap.stdout == "nothing was dead\n"
    assert place.read("runs/1/run.json")["status"] == "RUNNING"


def fill(disk):
    """Write to a file system until nothing fits any more."""
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))


def test_a_disk_that_is_full_fails_the_run_with_every_point_before(place, start):
    """On a file system of six megabytes, filled while the run trains."""
    disk = place.directory / "runs"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a file system can only be mounted by root")
    try:
        process = start(*LONG)
        before = points(disk / "1")
        fill(disk)
        out, err = process.communicate(timeout=120)
        run = json.loads((disk / "1" / "run.json").read_text())
        logged = points(disk / "1")
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    assert process.returncode == 1
    assert run["status"] == "FAILED"
    assert "space" in "".join(run["fail_trace"])
    assert logged[: len(before)] == before
    assert err == "parity: No space left on device\n"
    assert "failed; recorded in runs/1" in out


def test_a_directory_that_cannot_be_written_to_after_all_is_one_line(place):
    """A directory of the kernel, which says that it can be written to."""
    done = place.run("-F", "/proc/runs", "with", "fast")

    assert (done.returncode, done.stdout) == (1, "")
    assert "/proc/runs cannot hold" in done.stderr
    assert done.stderr.count("\n") == 1
