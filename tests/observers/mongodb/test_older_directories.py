"""Directories that lack, or have changed, what a real database holds of their run."""

import pytest

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from observers.maintenance.reap import reap
from observers.mongodb.delivery import Delivery
from observers.mongodb.restoring.restoration import Restoration
from observers.system.files import read_json, write_json

pytestmark = pytest.mark.slow


@pytest.fixture
def run(database, recorded):
    directory = recorded(8)
    Delivery(directory, database, pytest.fail).deliver()
    return directory


def deliver(run, database, **options):
    warnings: list[str] = []
    Delivery(run, database, warnings.append).deliver(**options)
    return [line.partition(": ")[2] for line in warnings]


def restore(run, database, plain):
    restoration = Restoration(run, run.parent, plain.runs.find_one(), database, pytest.fail)
    restoration.restore()
    return restoration.restored


def test_an_emptied_config_replaces_nothing_and_is_restored(run, database, plain):
    write_json(run / "config.json", {})

    assert deliver(run, database) == ["config.json lacks hidden, seed; MongoDB keeps it"]
    assert plain.runs.find_one()["config"] == {"hidden": 8, "seed": 1}
    assert restore(run, database, plain) == ["config.json"]
    assert read_json(run / "config.json") == {"hidden": 8, "seed": 1}
    assert deliver(run, database) == []


def test_an_entry_that_info_has_lost_is_restored(run, database, plain):
    info = read_json(run / "info.json")
    write_json(run / "info.json", {name: value for name, value in info.items() if name != "best_step"})

    assert deliver(run, database) == ["info.json lacks best_step; MongoDB keeps it"]
    assert restore(run, database, plain) == ["info.json"]
    assert read_json(run / "info.json") == info


@pytest.mark.parametrize("delivered", [5, 8])
def test_a_corrupt_line_costs_no_other_point(recorded, database, plain, delivered):
    run = recorded(8)
    lines = (run / JOURNAL).read_bytes().splitlines(keepends=True)
    (run / JOURNAL).write_bytes(b"".join(lines[:delivered]))
    deliver(run, database)
    (run / JOURNAL).write_bytes(b"".join([*lines[:2], b"xx\n", *lines[3:]]))
    for verify in (False, True):
        assert "corrupt line" in deliver(run, database, compare_contents=verify)[0]
    steps = [step for metric in plain.metrics.find() for step in metric["steps"]]

    assert sorted(steps) == sorted([10, 20, *range(8)])
    assert JOURNAL in restore(run, database, plain)
    assert len(list(read_points(run / JOURNAL))) == 10
    assert deliver(run, database) == []


def test_a_run_json_of_an_earlier_moment_is_told_and_restored(run, database, plain):
    entry = read_json(run / "run.json")
    older = {**entry, "status": "RUNNING", "result": None, "heartbeat": entry["start_time"]}
    older["process"] = {**entry["process"], "started": 1}
    write_json(run / "run.json", older)

    assert deliver(run, database) == ["run.json says RUNNING, and is older than what MongoDB keeps: COMPLETED"]
    warnings: list[str] = []
    assert list(reap(run.parent, database, warnings.append)) == []
    assert "restore writes it back" in warnings[0]
    assert restore(run, database, plain) == ["run.json"]
    assert read_json(run / "run.json")["result"] == 0.75


def test_an_output_that_somebody_changed_in_the_database_is_delivered_again(run, database, plain):
    (run / "cout.txt").write_text("as it was\n")
    deliver(run, database)
    plain.runs.update_one({}, {"$set": {"captured_out": "xyz"}})

    assert deliver(run, database, compare_contents=True) == []
    assert plain.runs.find_one()["captured_out"] == "as it was\n"
