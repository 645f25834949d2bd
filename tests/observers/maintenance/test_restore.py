"""Directories of runs that are restored from a real MongoDB."""

import shutil

import pytest

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from observers.maintenance.restore import restore
from observers.maintenance.sync import sync
from observers.stored_runs.notes import change_notes, read_notes
from observers.system.files import read_json
from tests.observers.maintenance.conftest import change

pytestmark = pytest.mark.slow


@pytest.fixture
def delivered(runs, database):
    """Three runs that were recorded in this directory and delivered, and copies of their files."""
    for run in runs.glob("[0-9]"):
        change(run, directory=str(run.resolve()))
        (run / "cout.txt").write_text("a line\n" * 100)
    change_notes(runs / "3", lambda notes: notes.with_tags(["good"]).with_text("the best"))
    assert len(list(sync(runs, database, pytest.fail))) == 3
    return shutil.copytree(runs, runs.parent / "before")


def restored(runs, database, *ids, **options):
    return {run.directory.name: run for run in restore(runs, ids, database, pytest.fail, **options)}


def same(runs, before, name):
    """Tell whether a run is as it was, with its times in milliseconds."""
    here, there = runs / name, before / name
    points = [[(point.name, point.step, point.value) for point in read_points(run / JOURNAL)] for run in (here, there)]
    assert points[0] == points[1]
    assert read_notes(here) == read_notes(there)
    entry, earlier = read_json(here / "run.json"), read_json(there / "run.json")
    for time in ("start_time", "stop_time", "heartbeat"):
        assert entry[time][:23] == earlier[time][:23]
        entry[time] = earlier[time]
    assert entry == {**earlier, "format": entry.get("format", earlier.get("format"))} or entry == earlier
    for file in ("config.json", "info.json"):
        assert read_json(here / file) == read_json(there / file)
    return (here / "cout.txt").read_bytes() == (there / "cout.txt").read_bytes()


def test_a_run_that_is_gone_is_restored_under_its_id(runs, delivered, database):
    shutil.rmtree(runs / "3")
    shutil.rmtree(runs / "_sources")
    found = restored(runs, database)

    assert found["3"].is_new
    assert same(runs, delivered, "3")
    assert (runs / "3" / "weights.bin").read_bytes() == b"123"
    assert {path.name: path.read_bytes() for path in (runs / "_sources").iterdir()} == {
        path.name: path.read_bytes() for path in (delivered / "_sources").iterdir()
    }
    assert all(synced.points == 2 for synced in sync(runs, database, pytest.fail))
    assert restored(runs, database) == {}


def test_a_whole_directory_that_is_gone_is_restored(runs, delivered, database):
    shutil.rmtree(runs)

    assert restored(runs, database).keys() == {"1", "2", "3"}
    assert all(same(runs, delivered, name) for name in ("1", "2", "3"))


@pytest.mark.parametrize("file", ["run.json", "config.json", "info.json", "cout.txt", "metrics.jsonl", "metrics.json"])
@pytest.mark.parametrize("damage", ["gone", "empty", "torn"])
def test_a_damaged_file_is_restored_and_what_was_left_of_it_is_kept(runs, delivered, database, file, damage):
    path = runs / "2" / file
    whole = path.read_bytes()
    torn = whole[: len(whole) // 2]
    path.unlink() if damage == "gone" else path.write_bytes(torn if damage == "torn" else b"")
    found = restored(runs, database, "2")

    assert file in found["2"].files
    assert same(runs, delivered, "2")
    kept = [old.read_bytes() for old in (runs / "2").glob(f".damaged-{file}-*")]
    assert kept == ([torn] if damage == "torn" and file != "metrics.json" else [])


def test_sync_repairs_nothing_on_disk_and_says_what_mongodb_keeps(runs, delivered, database, plain):
    (runs / "1" / "config.json").unlink()
    shutil.rmtree(runs / "_sources")
    warnings: list[str] = []
    list(sync(runs, database, warnings.append))

    assert not (runs / "1" / "config.json").exists()
    assert [run["config"] for run in plain.runs.find()] == [{"hidden": 8, "seed": 1}] * 3
    assert all(len(run["experiment"]["sources"]) == 1 for run in plain.runs.find())
    assert sum("MongoDB keeps" in line for line in warnings) == 4


def test_a_run_of_another_directory_is_restored_by_its_id_in_mongodb(runs, delivered, database, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    assert restored(elsewhere, database) == {}
    assert restored(elsewhere, database, mongodb_ids=[2, 3]).keys() == {"2", "3"}
    assert same(elsewhere, delivered, "2")

    with pytest.raises(ValueError, match="MongoDB has no run with the id 9"):
        restored(elsewhere, database, mongodb_ids=[9])
    with pytest.raises(ValueError, match="MongoDB has no run 7 of"):
        restored(runs, database, "7")


def test_names_in_a_database_lead_nowhere_outside(runs, delivered, database, plain, tmp_path):
    shutil.rmtree(runs / "1")
    (runs / "1").mkdir()
    (runs / "1" / "link").symlink_to(tmp_path)
    file_id = database.files.put(b"planted", filename="artifact://runs/1/x")
    names = ["../../planted", str(tmp_path / "planted"), "link/planted", "a/../../../planted"]
    artifacts = [{"name": name, "file_id": file_id} for name in names]
    plain.runs.update_one({"_id": 1}, {"$set": {"artifacts": artifacts}})
    warnings: list[str] = []
    list(restore(runs, ["1"], database, warnings.append))

    assert not list(tmp_path.rglob("planted"))
    assert len(warnings) == 4
    assert same(runs, delivered, "2")


def test_an_artifact_that_mongodb_has_lost_as_well_is_named(runs, delivered, database, plain):
    (runs / "3" / "weights.bin").unlink()
    plain["fs.chunks"].delete_many({})
    warnings: list[str] = []
    list(restore(runs, ["3"], database, warnings.append))

    assert len(warnings) == 1
    assert "weights.bin: MongoDB has lost it" in warnings[0]
    assert not (runs / "3" / "weights.bin").exists()


def test_a_run_whose_id_another_one_has_by_now_gets_the_next(runs, delivered, database, run_recorded):
    shutil.rmtree(runs)
    run_recorded(runs)

    found = restored(runs, database)
    assert {name: run.former for name, run in found.items()} == {"2": "2", "3": "3", "4": "1"}
    assert read_json(runs / "4" / "run.json")["uuid"] == read_json(delivered / "1" / "run.json")["uuid"]
    assert restored(runs, database) == {}
