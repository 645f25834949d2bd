"""Runs delivered into a real MongoDB by `python -m observers sync`, and listed."""

import shutil

import pytest

from observers.__main__ import main
from observers.directory.journal import JOURNAL
from observers.maintenance.sync import sync
from observers.mongodb.delivery import Delivery
from observers.stored_runs.stored_run import read_run
from tests.observers.maintenance.conftest import change

pytestmark = pytest.mark.slow


def test_sync_delivers_what_is_missing_and_list_shows_how_much_is_there(runs, plain, mongo_url, capsys):
    change(runs / "2", status="DEAD")
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


def test_sync_prints_a_line_for_each_run(runs, mongo_url, capsys):
    assert main(["sync", str(runs), "-m", mongo_url]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{runs / str(number)} is {number} in MongoDB: COMPLETED, 2 points" for number in (1, 2, 3)
    ]


def test_sync_finds_the_database_in_the_environment(runs, plain, mongo_url, monkeypatch):
    monkeypatch.setenv("MONGO_URL", mongo_url)

    assert main(["sync", str(runs)]) == 0
    assert plain.runs.count_documents({}) == 3


def test_a_run_that_cannot_be_delivered_is_named_and_the_others_are_delivered(runs, plain, mongo_url, capsys):
    (runs / "2" / "run.json").write_bytes(b"\0")

    assert main(["sync", str(runs), "-m", mongo_url]) == 1
    assert f"skipped {runs / '2'}: " in capsys.readouterr().err
    assert plain.runs.count_documents({}) == 2


def test_a_run_that_is_deleted_while_it_is_delivered_leaves_nothing(runs, plain, database, monkeypatch):
    deliver = Delivery.deliver

    def delete_first(delivery, **options):
        with monkeypatch.context() as patched:
            if delivery._directory == runs / "2":
                shutil.rmtree(runs / "2")
                patched.setattr("observers.mongodb.delivery.read_run", lambda _: two)  # as it was read before
            deliver(delivery, **options)

    two = read_run(runs / "2")
    monkeypatch.setattr(Delivery, "deliver", delete_first)
    list(sync(runs, database, pytest.fail))

    assert two.uuid not in {run["info"]["uuid"] for run in plain.runs.find()}
    assert not plain.metrics.count_documents({"uuid": two.uuid})
