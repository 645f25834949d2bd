"""What `python -m observers` does to recorded runs, on disk and in a real MongoDB."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pymongo
import pytest

from observers.__main__ import main
from observers.files import read_json, write_json
from observers.journal import JOURNAL

MINUTE = timedelta(minutes=1)


@pytest.fixture
def runs(tmp_path, run_recorded):
    """Three runs that are completed, the third with an artifact."""
    directory = tmp_path / "runs"
    for _ in range(2):
        run_recorded(directory)
    source = tmp_path / "weights.bin"
    source.write_bytes(b"123")
    run_recorded(directory, body=lambda run: run.add_artifact(source))
    return directory


@pytest.fixture
def plain(mongo_url):
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        yield client.get_default_database()


def pretend(run, **entries):
    """Have a run say something else of itself."""
    write_json(run / "run.json", {**read_json(run / "run.json"), **entries})


def now(back=timedelta(0)):
    return (datetime.now(UTC).replace(tzinfo=None) - back).isoformat()


def test_list_shows_status_result_and_points(runs, capsys, monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)
    pretend(runs / "2", status="FAILED", result=None)
    (runs / "3" / "run.json").write_text("{")

    assert main(["list", str(runs)]) == 0
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()] == [
        ["run", "status", "result", "points", "in", "MongoDB"],
        ["1", "COMPLETED", "0.75", "2", "?"],
        ["2", "FAILED", "2", "?"],
    ]
    assert err.startswith(f"skipped {runs / '3'}: run.json is no JSON")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "nowhere"], "observers: nowhere is no directory of runs\n"),
        (["sync"], "observers: where is MongoDB? -m URL or the variable MONGO_URL says\n"),
        (["sync", "-m", "mongodb://a:secret@b"], "observers: the address of MongoDB names no database"),
        (["sync", "-m", "mongodb://a:secret@127.0.0.1:9/b"], "observers: MongoDB at 127.0.0.1:9/b does not answer"),
        (["delete", "9", "-F", "nowhere"], "observers: there is no run=9 in nowhere (nothing is recorded there)\n"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, message, capsys, monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)

    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert "secret" not in err


def test_list_shows_what_is_on_disk_when_the_server_is_away(runs, capsys):
    assert main(["list", "-F", str(runs), "-m", "127.0.0.1:9:runs"]) == 0
    out, err = capsys.readouterr()

    assert [line.split()[-1] for line in out.splitlines()] == ["MongoDB", "?", "?", "?"]
    assert err.startswith("observers: MongoDB at 127.0.0.1:9/runs does not answer")


@pytest.mark.parametrize(
    ("heard", "entries", "status"),
    [
        (6 * MINUTE, {"process": {"hostname": "elsewhere"}}, "DEAD"),
        (4 * MINUTE, {"process": {"hostname": "elsewhere"}}, "RUNNING"),
        (6 * MINUTE, {"process": None}, "DEAD"),
        (6 * MINUTE, {}, "RUNNING"),
    ],
    ids=["elsewhere and silent", "elsewhere and heard", "of nobody", "of this process"],
)
def test_a_run_is_dead_without_a_process_or_elsewhere_without_a_heartbeat(
    runs, capsys, monkeypatch, heard, entries, status
):
    monkeypatch.delenv("MONGO_URL", raising=False)
    pretend(runs / "1", status="RUNNING", heartbeat=now(heard), **entries)

    assert main(["reap", str(runs)]) == 0
    assert read_json(runs / "1" / "run.json")["status"] == status
    assert capsys.readouterr().out == (f"{runs / '1'} is DEAD\n" if status == "DEAD" else "nothing was dead\n")


@pytest.mark.slow
def test_the_dead_of_other_machines_are_found_in_mongodb(runs, plain, mongo_url, capsys):
    elsewhere = {"hostname": "elsewhere"}
    heartbeats = {1: 6 * MINUTE, 2: 4 * MINUTE}
    for number, back in heartbeats.items():
        heartbeat = datetime.fromisoformat(now(back))
        plain.runs.insert_one(
            {"_id": number, "status": "RUNNING", "heartbeat": heartbeat, "process": elsewhere, "info": {}}
        )

    assert main(["reap", str(runs), "-m", mongo_url]) == 0
    assert capsys.readouterr().out == "1 in MongoDB is DEAD\n"
    assert [run["status"] for run in plain.runs.find()] == ["DEAD", "RUNNING"]


@pytest.mark.slow
def test_sync_delivers_what_is_missing_and_list_says_what_is_there(runs, plain, mongo_url, capsys):
    pretend(runs / "2", status="DEAD")
    assert main(["sync", str(runs), "-m", mongo_url]) == 0
    with (runs / "1" / JOURNAL).open("a") as journal:
        journal.write('{"name":"a","step":1,"value":1,"timestamp":"2026-01-01T00:00:00"}\n')
    capsys.readouterr()
    assert main(["list", str(runs), "-m", mongo_url]) == 0
    before = [line.split()[-2:] for line in capsys.readouterr().out.splitlines()[1:]]
    for _ in range(2):
        assert main(["sync", str(runs), "-m", mongo_url]) == 0
    capsys.readouterr()
    assert main(["list", str(runs), "-m", mongo_url]) == 0
    after = [line.split()[-2:] for line in capsys.readouterr().out.splitlines()[1:]]

    assert before == [["2", "points"], ["2:", "all"], ["3:", "all"]]
    assert after == [["1:", "all"], ["2:", "all"], ["3:", "all"]]
    assert [run["status"] for run in plain.runs.find()] == ["COMPLETED", "DEAD", "COMPLETED"]


@pytest.mark.slow
def test_a_run_that_cannot_be_delivered_is_named_and_the_others_are(runs, plain, mongo_url, capsys):
    (runs / "2" / "run.json").write_bytes(b"\0")

    assert main(["sync", str(runs), "-m", mongo_url]) == 1
    assert f"skipped {runs / '2'}: " in capsys.readouterr().err
    assert plain.runs.count_documents({}) == 2


@pytest.mark.slow
def test_delete_removes_a_run_with_what_is_its_own_alone(runs, plain, mongo_url, capsys):
    main(["sync", str(runs), "-m", mongo_url])
    sources = plain.runs.find_one({"_id": 1})["experiment"]["sources"]
    capsys.readouterr()

    assert main(["delete", "3", "-F", str(runs), "-m", mongo_url, "--yes"]) == 0
    out = capsys.readouterr().out
    assert f"{runs / '3'} (COMPLETED): 7 files; as 3 in MongoDB with metrics and 1 artifact(s)\n" in out
    assert not (runs / "3").exists()
    assert [run["_id"] for run in plain.runs.find()] == [1, 2]
    assert sorted(plain.metrics.distinct("run_id")) == [1, 2]
    assert plain["fs.files"].count_documents({}) == len(sources)
    assert list((runs / "_sources").iterdir())
    assert main(["delete", "1", "2", "-F", str(runs), "-m", mongo_url, "--yes"]) == 0
    assert [plain[name].count_documents({}) for name in ("runs", "metrics", "fs.files", "fs.chunks")] == [0, 0, 0, 0]
    assert [path for path in runs.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("", True), ("y", False), ("yes", False)])
def test_delete_asks(runs, answer, left):
    done = subprocess.run(
        [sys.executable, "-m", "observers", "delete", "1", "-F", str(runs)],
        input=answer,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "MONGO_URL"},
    )

    assert (runs / "1").exists() == left
    assert done.returncode == int(left)
    assert "delete all of this? [y/N]" in done.stdout


def test_a_question_that_is_interrupted_deletes_nothing(runs):
    command = [sys.executable, "-m", "observers", "delete", "1", "-F", str(runs)]
    environment = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "files" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err == "observers: interrupted\n"
    assert (runs / "1").exists()


def test_a_run_that_goes_on_is_not_deleted(runs, capsys, monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)
    pretend(runs / "1", status="RUNNING")

    assert main(["delete", "1", "-F", str(runs), "--yes"]) == 1
    assert capsys.readouterr().err == f"observers: {runs / '1'} still runs: end it first\n"
    assert json.loads((runs / "1" / "run.json").read_text())["status"] == "RUNNING"
