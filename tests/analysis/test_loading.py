import shutil
from typing import Any

import pandas as pd
import pymongo
import pytest

from analysis.loading import describe, load_runs, subdirectories_with_runs
from analysis.tables import overview, table


def test_runs_are_loaded_in_order_and_one_without_its_config_is_named(runs, capsys):
    (runs / "11").mkdir()
    (runs / "11" / "run.json").write_text('{"status": "RUNNING"}')
    loaded = load_runs(runs)

    assert [run.id for run in loaded] == [2, 10]
    assert loaded[0].metrics["train/loss"].tolist() == [2.0, 1.0]
    assert f"left out {runs / '11'}: config.json is missing" in capsys.readouterr().err


def test_deleted_runs_and_directories_without_a_run_are_ignored(runs, capsys):
    (runs / "10").rename(runs / ".deleted-10")
    (runs / "12").mkdir()

    assert [run.id for run in load_runs(runs)] == [2]
    assert capsys.readouterr().err == ""


def test_runs_of_several_directories_have_the_directory_before_their_id(runs):
    shutil.copytree(runs / "2", runs / "more" / "2")

    assert [run.id for run in load_runs(runs, runs / "more")] == [f"{runs}/2", f"{runs}/10", f"{runs}/more/2"]
    assert table(load_runs(runs, runs / "more")).index.is_unique
    assert [run.id for run in load_runs(runs / "more", runs / "more")] == [f"{runs}/more/2"]


def test_a_copy_of_a_run_is_left_out_and_named(runs):
    (runs / "2" / "info.json").write_text('{"uuid": "a"}')
    shutil.copytree(runs / "2", runs / "3")
    warnings: list[str] = []

    assert [run.id for run in load_runs(runs, warn=warnings.append)] == [2, 10]
    assert warnings == ["left out 3: it is a copy of 2"]


def test_a_damaged_uuid_makes_no_run_a_copy_of_another(runs):
    for name in ("2", "10"):
        (runs / name / "info.json").write_text('{"uuid": {"a": 1}}')

    assert [run.id for run in load_runs(runs)] == [2, 10]


def test_a_database_is_described_without_its_password():
    assert describe("mongodb://name:secret@127.0.0.1:9/runs?tls=true") == "runs"
    assert describe("runs/study/") == "runs/study"


def test_directories_that_hold_runs_are_found_for_a_message(runs):
    shutil.copytree(runs / "2", runs / "more" / "2")

    assert subdirectories_with_runs(runs) == [str(runs / "more")]
    assert subdirectories_with_runs("mongodb://127.0.0.1:9/runs") == []


def test_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere is not a directory of runs"):
        load_runs(tmp_path / "nowhere")


def test_a_url_without_a_database_is_an_error():
    with pytest.raises(ValueError, match="names no database"):
        load_runs("mongodb://name:secret@localhost")


def test_a_database_that_does_not_answer_is_an_error_without_the_password(monkeypatch):
    monkeypatch.setattr("analysis.sources.mongodb._TIMEOUT_MS", 100)

    with pytest.raises(ConnectionError, match="MongoDB does not answer") as raised:
        load_runs("mongodb://name:secret@127.0.0.1:9/runs")
    assert "secret" not in str(raised.value)


@pytest.mark.usefixtures("patient_delivery")
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
