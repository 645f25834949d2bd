"""Which runs a sweep hands out while others on other machines share its grid."""

import socket
from pathlib import Path

import pytest

from experiments.sweeps.planning.claims import Claims
from experiments.sweeps.results import RunResult
from experiments.sweeps.runner import PlannedRuns
from experiments.sweeps.shared_runs import SharedRuns, describe_elsewhere
from observers.mongodb.reading.runs import RunInMongoDB
from tests.experiments.sweeps.documents import age_claims, insert_run, make_plan, make_recorded

pytestmark = pytest.mark.slow

HOST = socket.gethostname()


class Machine:
    """The sweep of a machine, whose runs end when a test says so."""

    def __init__(self, url, *words, draws=0):
        self.recorded = make_recorded(url, pytest.fail)
        self.planned = make_plan(*words, draws=draws, stored=self.recorded.read(()))
        self.source = PlannedRuns(self.planned)
        self.claims = Claims(self.recorded, pytest.fail)
        self.runs = SharedRuns(self.source, self.planned, self.recorded, self.claims)

    def take(self):
        run = self.runs.take()
        return run and self.planned.index(run)

    def end(self, place, run=None, error=None):
        self.runs.end(self.planned[place], RunResult(self.planned[place].values, run, error))


@pytest.fixture
def machine(mongo_url):
    """Begin the sweep of a machine."""
    begun = []

    def begin(*words, **how):
        begun.append(Machine(mongo_url, *words, **how))
        begun[-1].claims.__enter__()
        return begun[-1]

    yield begin
    for each in begun:
        each.claims.__exit__()
        each.recorded.close()


@pytest.fixture
def record(plain):
    """Record a planned run in the database, and return it as the machine that has trained it sees it."""

    def record(machine, place, status="COMPLETED"):
        uuid = insert_run(plain, machine.planned[place].config, status)
        recorded = make_recorded(machine.recorded.address.url, pytest.fail)
        [run] = [run for run in recorded.read(()) if run.uuid == uuid] or [None]
        recorded.close()
        return run

    return record


def test_each_machine_takes_what_the_others_have_not(machine):
    first, second = machine("seed=0..3"), machine("seed=0..3")

    assert [first.take(), second.take(), first.take(), second.take()] == [0, 1, 2, 3]
    assert (first.take(), second.take()) == (None, None)
    assert [result.error for result in second.source.results] == [f"runs on {HOST}"] * 2
    assert all(result.goes_on for result in second.source.results)


def test_a_result_of_another_machine_is_found_when_nothing_else_is_left(machine, record):
    first, second = machine("seed=0..1"), machine("seed=0..1")
    assert (first.take(), second.take(), second.take()) == (0, 1, None)
    first.end(0, record(first, 0))

    assert second.take() is None
    [result] = second.source.results
    assert (str(result.location), result.value, result.error, result.goes_on) == ("MongoDB run 1", 0.25, None, False)


def test_a_run_that_another_machine_records_after_the_plan_is_not_started(machine, record):
    late = machine("seed=0")
    first = machine("seed=0")
    assert first.take() == 0
    first.end(0, record(first, 0))

    assert late.take() is None
    assert [result.value for result in late.source.results] == [0.25]
    assert late.claims.living() == {}


def test_the_claim_stays_until_the_end_of_the_run_is_in_the_database(machine, record, plain):
    first, second = machine("seed=0"), machine("seed=0")
    assert first.take() == 0
    run = record(first, 0)
    plain.runs.update_one(
        {}, {"$set": {"status": "RUNNING", "seen": None}}
    )  # as after the last delivery that succeeded
    first.end(0, run)

    assert second.take() is None
    assert [result.error for result in second.source.results] == [f"runs on {HOST}"]


def test_a_run_that_failed_on_another_machine_is_not_repeated_and_told(machine, plain):
    first, second = machine("seed=0"), machine("seed=0")
    assert (first.take(), second.take()) == (0, None)
    insert_run(plain, first.planned[0].config, "FAILED")
    first.end(0, None, "FAILED")

    assert second.take() is None
    assert [(result.error, result.goes_on) for result in second.source.results] == [
        ("FAILED: OSError: the disk is full", False)
    ]


def test_a_run_that_was_never_recorded_is_free_again(machine):
    first, second = machine("seed=0"), machine("seed=0")
    assert (first.take(), second.take()) == (0, None)
    first.end(0, None, "refused")

    assert second.take() == 0


def test_what_a_killed_sweep_had_claimed_is_taken_up(machine, plain):
    killed, other = machine("seed=0..1"), machine("seed=0..1")
    assert (killed.take(), other.take(), other.take()) == (0, 1, None)
    age_claims(plain)

    assert other.take() == 0


def test_a_run_that_outlives_its_sweep_is_not_started_again(machine, plain):
    killed, other = machine("seed=0"), machine("seed=0")
    assert killed.take() == 0
    insert_run(plain, killed.planned[0].config, "RUNNING")
    age_claims(plain)

    assert other.take() is None
    [result] = other.source.results
    assert (result.error, str(result.location), result.goes_on) == ("runs on elsewhere", "MongoDB run 1", True)
    plain.runs.update_one({}, {"$set": {"status": "COMPLETED"}})
    assert other.take() is None
    assert [result.value for result in other.source.results] == [0.25]


def test_a_run_that_went_on_when_the_sweep_was_planned_is_taken_up_if_it_dies(machine, plain):
    insert_run(plain, make_plan("seed=0")[0].config, "RUNNING")
    later = machine("seed=0..1")
    assert (later.take(), later.take()) == (1, None)
    plain.runs.update_one({}, {"$set": {"status": "DEAD"}})

    assert later.take() == 0


def test_equal_draws_are_trained_as_often_as_they_are_drawn(machine, record):
    """A run of one machine answers any draw that no machine has begun, and none is trained for it."""
    first, second = (machine("hidden~choice(16,16)", draws=4) for _ in range(2))
    assert (first.take(), second.take()) == (0, 1)
    second.end(1, record(second, 1))
    begun = [first.take(), second.take(), first.take(), second.take()]

    assert sum(place is not None for place in begun) == 2
    for sweep, place in zip((first, second, first, second), begun, strict=True):
        if place is not None:
            sweep.end(place, record(sweep, place))
    first.end(0, record(first, 0))
    for sweep in (first, second):
        assert sweep.take() is None
        runs = {result.run.uuid for result in sweep.source.results if result.run}
        assert (len(runs), [result.error for result in sweep.source.results]) == (4, [None] * 4)


def test_what_other_machines_have_is_counted():
    done, going = (
        RunResult({}, RunInMongoDB(Path("MongoDB run 7"), {}, {}, {}, ())),
        RunResult({}, None, "runs on anna", goes_on=True),
    )
    here = RunResult({}, None)

    assert describe_elsewhere([here]) == ""
    assert describe_elsewhere([here, done, done]) == "recorded elsewhere, in MongoDB: 2 of 3 runs"
    assert describe_elsewhere([going]) == "still running: 1, whose results the same command shows later"
