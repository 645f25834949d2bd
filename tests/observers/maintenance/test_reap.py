import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest

from observers.__main__ import main
from observers.maintenance.reap import reap
from observers.stored_runs.runs_directory import read_runs
from observers.system.files import read_json, write_json
from tests.observers.maintenance.conftest import change, kill

MINUTE = timedelta(minutes=1)


def now(back=timedelta(0)):
    return (datetime.now(UTC).replace(tzinfo=None) - back).isoformat()


def make_silent(run, silence):
    """Change a run so that it looks like one whose last heartbeat was some time ago."""
    file = run / "run.json"
    os.utime(file, (file.stat().st_mtime - silence.total_seconds(),) * 2)


@pytest.mark.parametrize(
    ("silence", "entries", "status"),
    [
        (6 * MINUTE, {"process": {"hostname": "elsewhere"}}, "DEAD"),
        (4 * MINUTE, {"process": {"hostname": "elsewhere"}}, "RUNNING"),
        (6 * MINUTE, {"process": None}, "DEAD"),
        (6 * MINUTE, {}, "RUNNING"),
    ],
    ids=["elsewhere and silent", "elsewhere with a heartbeat", "without a process", "of this process"],
)
def test_a_run_is_dead_without_a_process_or_elsewhere_without_a_heartbeat(runs, capsys, silence, entries, status):
    change(runs / "1", status="RUNNING", **entries)
    make_silent(runs / "1", silence)

    assert main(["reap", str(runs)]) == 0
    assert read_json(runs / "1" / "run.json")["status"] == status
    assert capsys.readouterr().out == (f"{runs / '1'} is DEAD\n" if status == "DEAD" else "no dead runs\n")


@pytest.mark.slow
def test_dead_runs_of_other_machines_are_found_in_mongodb(runs, plain, mongo_url, capsys):
    elsewhere = {"hostname": "elsewhere"}
    for number, silence in {1: 6 * MINUTE, 2: 4 * MINUTE}.items():
        heartbeat = datetime.fromisoformat(now(silence))
        plain.runs.insert_one(
            {"_id": number, "status": "RUNNING", "heartbeat": heartbeat, "process": elsewhere, "info": {}}
        )

    assert main(["reap", str(runs), "-m", mongo_url]) == 0
    assert capsys.readouterr().out == "1 in MongoDB is DEAD\n"
    assert [run["status"] for run in plain.runs.find()] == ["DEAD", "RUNNING"]


def test_a_run_that_ends_while_it_is_checked_is_not_marked_dead(runs, monkeypatch):
    path = runs / "1" / "run.json"
    completed = read_json(path)
    kill(runs / "1")

    def end_meanwhile(*arguments):
        write_json(path, completed)

    monkeypatch.setattr("observers.maintenance.reap.write_metrics", end_meanwhile)

    assert list(reap(runs, None, pytest.fail)) == []
    assert read_json(path)["status"] == "COMPLETED"


@pytest.mark.slow
def test_nothing_is_restored_of_a_run_that_has_ended_since_it_was_read(runs, database, monkeypatch):
    completed = read_json(runs / "1" / "run.json")
    kill(runs / "1")

    def read_and_end(*arguments):
        found = list(read_runs(*arguments))
        write_json(runs / "1" / "run.json", completed)
        return found

    monkeypatch.setattr("observers.maintenance.reap.read_runs", read_and_end)
    database.runs.insert_one({"_id": 1, "status": "COMPLETED", "info": {"uuid": completed["uuid"]}})

    assert list(reap(runs, database, pytest.fail)) == []


def test_reap_removes_no_artifact(tmp_path, run_recorded):
    source = tmp_path / "source"
    source.write_text("a=1")
    run_recorded(tmp_path / "runs", body=lambda run: run.add_artifact(source, ".env"))
    kill(tmp_path / "runs" / "1")

    assert list(reap(tmp_path / "runs", None, pytest.fail)) == [f"{tmp_path / 'runs' / '1'} is DEAD"]
    assert (tmp_path / "runs" / "1" / ".env").read_text() == "a=1"


@pytest.mark.slow
def test_a_completed_run_that_mongodb_shows_as_running_is_delivered_and_not_marked_dead(
    tmp_path, mongo_url, run_recorded
):
    run_recorded(tmp_path)
    path = tmp_path / "1" / "run.json"
    completed = read_json(path)
    gone = {**completed["process"], "started": 1}
    write_json(path, {**completed, "status": "RUNNING", "heartbeat": completed["start_time"]})
    main(["sync", str(tmp_path), "-m", mongo_url])
    write_json(path, {**completed, "process": gone})
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        runs.update_one({}, {"$set": {"process": gone}})

        assert main(["reap", str(tmp_path), "-m", mongo_url]) == 0
        assert [run["status"] for run in runs.find()] == ["COMPLETED"]


@pytest.mark.slow
@pytest.mark.parametrize("days", [-3, 0, 3])
def test_the_clock_of_the_server_judges_runs_of_machines_whose_clocks_are_wrong(plain, mongo_url, days, runs, capsys):
    now = plain.client.admin.command("hello")["localTime"]
    heartbeat = now + timedelta(days=days)
    for number, silence in ((7, 1), (8, 10)):
        seen = now - timedelta(minutes=silence)
        plain.runs.insert_one({"_id": number, "status": "RUNNING", "heartbeat": heartbeat, "seen": seen})
    main(["reap", str(runs), "-m", mongo_url])

    assert capsys.readouterr().out == "8 in MongoDB is DEAD\n"
