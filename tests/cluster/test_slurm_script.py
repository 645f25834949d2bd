"""experiments/slurm.sh on a real Slurm: parts, time limits, cancelled jobs."""

import math
import os
import time

import pytest

from experiments.recording.resume import can_be_resumed
from tests.cluster.grid import GRID, SMALL, bits
from tests.cluster.slurm import ENDED, Slurm
from tests.experiments.place import ROOT, Place, entry

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "experiments" / "slurm.sh"
LONG = ("parity", "max_steps=1000000", "patience=1000000", "evaluate_every=100")


def printed(place: Place, job: str) -> str:
    """What a job has printed, empty before it starts."""
    path = place.directory / f"slurm-{job}.out"
    return path.read_text() if path.exists() else ""


def await_line(place: Place, job: str, line: str) -> None:
    deadline = time.monotonic() + 60
    while line not in printed(place, job):
        assert time.monotonic() < deadline, printed(place, job)
        time.sleep(0.1)


def restarts(slurm: Slurm, task: str) -> int:
    """How often a task has been started again."""
    return int(slurm.run("scontrol", "show", "job", task).partition("Restarts=")[2].split()[0])


def test_an_array_runs_each_config_once_with_the_bits_of_a_local_sweep(slurm, place, local_bits):
    array = slurm.submit("--array=0-2", SCRIPT, *GRID, directory=place.directory)
    states = slurm.await_state(array, *ENDED)

    assert states == {f"{array}_{task}": "COMPLETED" for task in range(3)}, printed(place, f"{array}_0")
    assert printed(place, f"{array}_1").startswith("part 1/3: 2 to run, once TensorFlow is imported\n")
    assert bits(place.runs()) == local_bits


def test_a_job_without_an_array_runs_the_whole_sweep_on_its_processors(slurm, place):
    """Submitted from another directory, by a relative path."""
    script = os.path.relpath(SCRIPT, place.directory)
    job = slurm.submit("--cpus-per-task=2", script, *SMALL, "seed=4,5", directory=place.directory)

    assert slurm.await_state(job, *ENDED) == {job: "COMPLETED"}
    assert printed(place, job).startswith("2 to run")
    first, second = (entry(run) for run in place.runs())
    assert max(first["start_time"], second["start_time"]) < min(first["stop_time"], second["stop_time"])


@pytest.mark.parametrize(
    ("array", "announced"),
    [("3-7:2", ["part 0/3: 1 to run", "part 1/3: 1 to run", "part 2/3: 1 to run"]), ("5", ["3 to run"])],
)
def test_an_array_may_start_anywhere_and_have_steps(slurm, place, array, announced):
    job = slurm.submit(f"--array={array}", SCRIPT, *SMALL, "seed=1..3", "--dry-run", directory=place.directory)
    slurm.await_state(job, "COMPLETED")
    files = sorted(place.directory.glob("slurm-*.out"))

    assert [text.read_text().splitlines()[0] for text in files] == announced


def test_an_array_with_gaps_is_refused_in_one_line(slurm, place):
    array = slurm.submit("--array=0,1,5", SCRIPT, *SMALL, "seed=1..3", directory=place.directory)

    assert set(slurm.await_state(array, *ENDED).values()) == {"FAILED"}
    assert printed(place, f"{array}_5") == "slurm.sh: the array has gaps: write --array=0-2\n"


def test_a_wrong_sweep_is_refused_in_one_line(slurm, place):
    job = slurm.submit(SCRIPT, "parity", "hiden=2", directory=place.directory)

    assert slurm.await_state(job, *ENDED) == {job: "FAILED"}
    assert printed(place, job) == "sweep: hiden=2 is not an entry of the config: did you mean hidden?\n"


def test_a_job_at_its_time_limit_is_queued_again_and_resumes_its_runs(slurm, place):
    grid = ("parity", "max_steps=40000", "patience=40000", "evaluate_every=1000", "seed=1,2")
    job = slurm.submit("--cpus-per-task=2", "--signal=B:USR1@70", SCRIPT, *grid, directory=place.directory)
    place.await_steps(2)
    limit = math.ceil((slurm.running_time(job) + 40) / 60)  # 40 to 100 s from now; Slurm looks every 30 s
    slurm.run("scontrol", "update", f"JobId={job}", f"TimeLimit={limit}")
    slurm.await_state(job, "PENDING")
    slurm.run("scontrol", "update", f"JobId={job}", "TimeLimit=60")

    assert slurm.await_state(job, *ENDED, timeout=900) == {job: "COMPLETED"}
    assert "2 to run, once TensorFlow is imported; 2 of them resumed\n" in printed(place, job)
    statuses = [entry(run)["status"] for run in place.runs()]
    assert statuses == ["TERMINATED", "TERMINATED", "COMPLETED", "COMPLETED"]
    parents = [place.read(f"runs/{run}/info.json")["parent"]["directory"] for run in (3, 4)]
    assert sorted(parents) == ["runs/1", "runs/2"]


def test_only_the_task_that_receives_sigusr1_is_queued_again(slurm, place):
    """The last task of an array has its id, by which Slurm would queue all tasks again."""
    array = slurm.submit("--array=0-1", SCRIPT, *LONG, "seed=1,2", directory=place.directory)
    place.await_steps(2)
    slurm.run("scancel", "--signal=USR1", "--batch", f"{array}_1")
    slurm.await_state(f"{array}_1", "PENDING")

    assert slurm.states(array)[f"{array}_0"] == "RUNNING"
    assert [restarts(slurm, f"{array}_{task}") for task in (0, 1)] == [0, 1]
    assert sorted(entry(run)["status"] for run in place.runs()) == ["RUNNING", "TERMINATED"]


def test_a_cancelled_job_keeps_the_state_of_its_runs_and_the_same_command_resumes_them(slurm, place):
    command = (SCRIPT, *LONG, "seed=1")
    job = slurm.submit(*command, directory=place.directory)
    place.await_steps(1)
    slurm.run("scancel", job)

    assert slurm.await_state(job, *ENDED) == {job: "CANCELLED"}
    (run,) = place.runs()
    assert entry(run)["status"] == "TERMINATED"
    assert can_be_resumed(run)
    again = slurm.submit(*command, directory=place.directory)
    await_line(place, again, "1 to run, once TensorFlow is imported; 1 of them resumed\n")
