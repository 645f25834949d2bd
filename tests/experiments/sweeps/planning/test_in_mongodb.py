"""What a sweep learns of the runs in MongoDB."""

from datetime import timedelta

import pytest

from experiments.sweeps.planning.in_mongodb import RunsInMongoDB
from experiments.sweeps.planning.store import State, Store
from tests.experiments.sweeps.documents import SCRIPT, SOURCES, insert_run, make_plan, make_recorded

pytestmark = pytest.mark.slow

FIRST, SECOND = (run.config for run in make_plan("seed=1,2"))


@pytest.fixture
def recorded(mongo_url):
    recorded = make_recorded(mongo_url, pytest.fail)
    yield recorded
    recorded.close()


def states(recorded, *words, known=()):
    """Return what the store has of each run of a sweep, and where."""
    planned = make_plan(*words, stored=recorded.read(known))
    return [(run.match.state, str(run.match.run.directory) if run.match.run else None) for run in planned]


def find(recorded, config=FIRST, *, any_seed=False):
    return [run.uuid for run in recorded.find(config, any_seed=any_seed)]


@pytest.mark.parametrize("status", ["COMPLETED", "DIVERGED"])
def test_a_run_that_ended_on_another_machine_is_done(recorded, plain, status):
    insert_run(plain, FIRST, status)

    assert states(recorded, "seed=1,2") == [(State.DONE, "MongoDB run 1"), (State.MISSING, None)]


@pytest.mark.parametrize("status", ["FAILED", "INTERRUPTED", "TERMINATED", "DEAD", "PRUNED", "QUEUED"])
def test_a_run_that_left_no_result_there_is_trained_here(recorded, plain, status):
    insert_run(plain, FIRST, status)

    assert states(recorded, "seed=1") == [(State.MISSING, None)]


@pytest.mark.parametrize(("minutes", "state"), [(0, State.RUNNING), (10, State.MISSING)])
def test_a_run_goes_on_there_while_the_server_sees_it(recorded, plain, minutes, state):
    seen = plain.client.admin.command("hello")["localTime"] - timedelta(minutes=minutes)
    insert_run(plain, FIRST, "RUNNING", seen=seen)

    assert states(recorded, "seed=1")[0][0] is state


def test_a_run_from_other_sources_is_outdated(recorded, plain):
    insert_run(plain, FIRST, md5="1" * 32)

    assert states(recorded, "seed=1") == [(State.OUTDATED, None)]
    assert find(recorded) == []


def test_a_run_of_another_script_is_not_read(recorded, plain):
    insert_run(plain, FIRST, experiment={"mainfile": "experiments/number.py", "sources": []})

    assert recorded.read(()) == []


def test_a_run_that_is_in_the_directory_as_well_counts_once(recorded, plain):
    uuid = insert_run(plain, FIRST)

    assert recorded.read({uuid}) == []


def test_any_seed_counts_if_none_is_given(recorded, plain):
    insert_run(plain, SECOND)

    assert states(recorded) == [(State.DONE, "MongoDB run 1")]
    assert find(recorded) == []
    assert len(find(recorded, any_seed=True)) == 1


def test_a_run_is_found_that_was_recorded_after_the_plan(recorded, plain):
    recorded.read(())
    uuid = insert_run(plain, FIRST)

    assert find(recorded) == [uuid]
    assert find(recorded, SECOND) == []


def test_a_run_that_has_failed_since_the_plan_is_found_and_an_earlier_one_is_not(recorded, plain):
    insert_run(plain, FIRST, "FAILED")
    recorded.read(())
    assert find(recorded) == []

    uuid = insert_run(plain, FIRST, "FAILED")
    assert find(recorded) == [uuid]


def test_a_result_comes_before_a_run_that_goes_on(recorded, plain):
    running = insert_run(plain, FIRST, "RUNNING")
    done = insert_run(plain, FIRST)

    assert find(recorded) == [done, running]


@pytest.mark.parametrize(
    "fields",
    [
        {"config": 7},
        {"config": {"seed": [1, {"a": 1}]}},
        {"experiment": {"mainfile": SCRIPT, "sources": [7, [7], [SCRIPT, {"a": 1}], [[], []]]}},
        {"host": {"hostname": "\x1b[2J"}, "process": 7, "seen": "then", "result": "x", "info": {"uuid": 7}},
    ],
)
@pytest.mark.parametrize("status", ["COMPLETED", "RUNNING", "FAILED", ["COMPLETED"]])
def test_a_document_of_another_tool_answers_nothing(recorded, plain, status, fields):
    insert_run(plain, FIRST, status, **fields)

    assert states(recorded, "seed=1", known=["other"])[0][0] in (State.MISSING, State.OUTDATED)
    assert find(recorded) == []


def test_a_run_is_held_by_the_database_once_its_end_is_there(recorded, plain):
    insert_run(plain, FIRST, "RUNNING")
    [running] = recorded.read(())
    plain.runs.update_one({}, {"$set": {"status": "COMPLETED"}})
    [completed] = recorded.read(())

    assert (recorded.holds(running), recorded.holds(completed)) == (False, True)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("mongodb://name:secret@127.0.0.1:9/x", "127.0.0.1:9/x does not answer (connection refused: start the server"),
        ("mongodb+srv://nohost.example.invalid/x", "nohost.example.invalid/x "),
    ],
)
def test_a_server_that_is_away_is_named_once_and_nothing_is_known(url, named):
    lines: list[str] = []
    recorded = make_recorded(url, lines.append, timeout=0.1)

    assert recorded.read(()) == []
    assert find(recorded) == []
    assert recorded.ask(lambda database: database.now(), again=True) is None
    recorded.close()
    [line] = lines
    assert line.startswith(f"MongoDB at {named}")
    assert line.endswith("; the sweep goes on, and may repeat runs of other machines")


def test_without_a_database_nothing_is_known():
    recorded = RunsInMongoDB(None, SCRIPT, SOURCES, pytest.fail)

    assert recorded.read(()) == []
    assert find(recorded) == []
    recorded.close()


def test_ten_thousand_runs_are_read_without_their_output(recorded, plain):
    insert_run(plain, FIRST, captured_out="x" * 1000, _id=0)
    document = plain.runs.find_one()
    plain.runs.insert_many({**document, "_id": i, "info": {"uuid": f"u{i}"}} for i in range(1, 10_000))
    found = recorded.read(())

    assert len(found) == 10_000
    assert Store(found, SCRIPT, SOURCES).take(FIRST, any_seed=False).state is State.DONE
    assert not any("captured_out" in run.entry for run in found)
