from typing import Any

import pandas as pd
import pymongo
import pytest

from analysis.loading import load_runs
from analysis.tables import overview, table


def test_runs_are_loaded_in_order_and_an_incomplete_run_is_named(runs, capsys):
    loaded = load_runs(runs)

    assert [run.id for run in loaded] == [2, 10]
    assert loaded[0].metrics["train/loss"].tolist() == [2.0, 1.0]
    assert f"left out {runs / '11'}" in capsys.readouterr().err


def test_deleted_runs_and_directories_without_a_run_are_ignored(runs, capsys):
    (runs / "10").rename(runs / ".deleted-10")
    (runs / "11").rename(runs / "_11")
    (runs / "12").mkdir()

    assert [run.id for run in load_runs(runs)] == [2]
    assert capsys.readouterr().err == ""


def test_the_points_of_a_run_under_way_are_those_of_its_journal(runs):
    (runs / "10" / "run.json").write_text('{"status": "RUNNING"}')
    (runs / "10" / "metrics.jsonl").write_text(
        '{"name":"train/loss","step":7,"value":0.5,"timestamp":"2026-01-01T00:00:00"}\n{"name":"tr'
    )

    assert load_runs(runs)[1].metrics["train/loss"].to_dict() == {7: 0.5}


def test_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere is not a directory of runs"):
        load_runs(tmp_path / "nowhere")


def test_a_url_without_a_database_is_an_error():
    with pytest.raises(ValueError, match="names no database"):
        load_runs("mongodb://name:secret@localhost")


def test_a_database_that_does_not_answer_is_an_error_without_the_password(monkeypatch):
    monkeypatch.setattr("analysis.loading._TIMEOUT_MS", 100)

    with pytest.raises(ConnectionError, match="MongoDB does not answer") as raised:
        load_runs("mongodb://name:secret@127.0.0.1:9/runs")
    assert "secret" not in str(raised.value)


@pytest.mark.slow
def test_a_run_is_the_same_from_mongodb_and_from_its_directory(mongo_url, tmp_path, run_recorded):
    run_recorded(tmp_path, mongo_url)
    here, there = table(load_runs(tmp_path)), table(load_runs(mongo_url))

    pd.testing.assert_frame_equal(here, there)


@pytest.mark.slow
def test_runs_are_loaded_from_mongodb_in_order_without_queued_ones(mongo_url):
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        entry: dict[str, Any] = {"config": {}, "info": {}, "artifacts": []}
        for number, status in ((10, "COMPLETED"), (9, "FAILED"), (1, "QUEUED"), (100, "COMPLETED")):
            runs.insert_one({"_id": number, "status": status, **entry})

    assert [run.id for run in load_runs(mongo_url)] == [9, 10, 100]


@pytest.mark.slow
def test_what_another_tool_stored_in_the_database_takes_no_other_run_away(mongo_url):
    """Sacred's own observer, other projects and people write to the same collection."""
    strange: list[dict[str, Any]] = [
        {"result": {"accuracy": 1}},
        {"result": [1], "info": {"parent": "runs/1"}},
        {"result": "good", "info": {"best_step": "last"}},
        {"info": [1, 2]},
        {"config": ["hidden"]},
        {"config": None, "info": None},
        {"experiment": {"name": "x", "repositories": [{"url": "x"}]}},
    ]
    entry: dict[str, Any] = {"status": "COMPLETED", "config": {}, "info": {}, "artifacts": []}
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        runs: Any = client.get_default_database().runs
        runs.insert_many([{"_id": number, **entry, **each} for number, each in enumerate(strange)])
        runs.insert_one({"_id": 100, **entry, "result": 0.5})
    loaded = table(load_runs(mongo_url))

    assert loaded.loc[100, "result"] == 0.5
    assert loaded.drop(index=100)["result"].isna().all()
    assert overview(load_runs(mongo_url)).loc[100, "status"] == "COMPLETED"
