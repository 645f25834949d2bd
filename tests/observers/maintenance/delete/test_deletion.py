import json
import shutil
from pathlib import Path

import pytest

from observers.__main__ import main
from observers.maintenance.delete.deletion import Deletion
from observers.stored_runs.notes import change_notes
from observers.system.files import write_json
from tests.observers.maintenance.conftest import change


@pytest.mark.slow
def test_delete_removes_a_run_and_what_no_other_run_has(runs, plain, mongo_url, capsys):
    main(["sync", str(runs), "-m", mongo_url])
    sources = plain.runs.find_one({"_id": 1})["experiment"]["sources"]
    capsys.readouterr()

    assert main(["delete", "3", "-F", str(runs), "-m", mongo_url, "--yes"]) == 0
    out = capsys.readouterr().out
    assert f"{runs / '3'} (COMPLETED): 7 files; as 3 in MongoDB with metrics and 1 artifact(s), recorded in " in out
    assert not (runs / "3").exists()
    assert [run["_id"] for run in plain.runs.find()] == [1, 2]
    assert sorted(plain.metrics.distinct("run_id")) == [1, 2]
    assert plain["fs.files"].count_documents({}) == len(sources)
    assert list((runs / "_sources").iterdir())
    assert main(["delete", "1", "2", "-F", str(runs), "-m", mongo_url, "--yes"]) == 0
    assert [plain[name].count_documents({}) for name in ("runs", "metrics", "fs.files", "fs.chunks")] == [0, 0, 0, 0]
    assert [path.name for path in runs.rglob("*") if path.is_file()] == [".last_id"]


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("", True), ("y", False), (" Yes ", False), (None, True)])
def test_delete_asks_for_confirmation(runs, capsys, monkeypatch, answer, left):
    def answer_with(question):
        print(question)
        if answer is None:
            raise EOFError
        return answer

    monkeypatch.setattr("builtins.input", answer_with)

    assert main(["delete", "1", "-F", str(runs)]) == int(left)
    assert (runs / "1").exists() == left
    out = capsys.readouterr().out.splitlines()
    assert out == [
        f"{runs / '1'} (COMPLETED): 6 files",
        "nothing in MongoDB: no address was given, so copies there stay",
        "delete all of this? [y/N] ",
        "nothing was deleted" if left else "deleted",
    ]


def test_a_run_that_is_running_is_not_deleted(runs, capsys):
    change(runs / "1", status="RUNNING")

    assert main(["delete", "1", "-F", str(runs), "--yes"]) == 1
    assert capsys.readouterr().err == f"observers: {runs / '1'} is still running: stop it first\n"
    assert json.loads((runs / "1" / "run.json").read_text())["status"] == "RUNNING"


def test_sources_are_kept_if_a_remaining_run_cannot_be_read(runs):
    (runs / "2" / "run.json").write_text("{")
    before = sorted((runs / "_sources").iterdir())

    Deletion([runs / "1", runs / "3"], None).execute()

    assert not (runs / "1").exists()
    assert sorted((runs / "_sources").iterdir()) == before != []


def test_a_damaged_run_can_be_deleted(runs):
    (runs / "2" / "run.json").write_text("{")
    deletion = Deletion([runs / "2"], None)

    assert next(deletion.plan()) == f"{runs / '2'} (damaged): 6 files"
    deletion.execute()
    assert not (runs / "2").exists()


def test_runs_are_deleted_by_range_and_condition(runs, capsys):
    change(runs / "2", status="FAILED")
    change_notes(runs / "2", lambda notes: notes.with_tags(["old"]))

    assert main(["delete", "1..2", "--where", "status=FAILED hidden=8", "-F", str(runs), "--yes"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{runs / '2'} (FAILED, tagged old): 7 files"
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["1", "3"]
    assert main(["delete", "1..9", "-F", str(runs), "--yes"]) == 0
    assert list(runs.glob("[0-9]*")) == []


def test_conditions_that_match_no_run_delete_nothing(runs, capsys):
    assert main(["delete", "--where", "hidden=9", "-F", str(runs), "--yes"]) == 1
    assert capsys.readouterr() == ("", f"observers: no run in {runs} has hidden=9\n")
    assert main(["delete", "-F", str(runs), "--yes"]) == 1
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["1", "2", "3"]


@pytest.mark.slow
def test_a_tagged_run_is_deleted_in_mongodb_as_well(runs, plain, mongo_url):
    places = ["-F", str(runs), "-m", mongo_url]
    main(["tag", "2", "--add", "old", *places])
    main(["sync", *places])

    assert main(["delete", "--where", "tag=old", "--yes", *places]) == 0
    assert [run["_id"] for run in plain.runs.find(sort=[("_id", 1)])] == [1, 3]
    assert not (runs / "2").exists()


def test_a_link_to_a_run_is_not_deleted_as_a_run(runs, capsys):
    (runs / "9").symlink_to("1")

    assert main(["delete", "9", "-F", str(runs), "--yes"]) == 1
    assert f"{runs / '9'} is a link to {runs / '1'}" in capsys.readouterr().err
    assert (runs / "1" / "run.json").exists()
    assert (runs / "9").is_symlink()


@pytest.mark.slow
def test_a_damaged_run_takes_its_document_along(runs, plain, mongo_url, capsys):
    main(["sync", str(runs), "-m", mongo_url])
    plain.runs.update_one({"_id": 1}, {"$unset": {"artifacts": 1}})
    (runs / "1" / "run.json").write_text("{")

    assert main(["delete", "1", "-F", str(runs), "-m", mongo_url, "--yes"]) == 0
    assert "(damaged): 6 files; as 1 in MongoDB" in capsys.readouterr().out
    assert plain.runs.find_one({"_id": 1}) is None


def test_all_conditions_must_hold(runs, capsys):
    assert main(["delete", "-F", str(runs), "--where", "id=1,2", "--where", "id=2,3"]) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if "files" in line] == [
        f"{runs / '2'} (COMPLETED): 6 files"
    ]


def test_one_that_cannot_be_deleted_does_not_keep_the_others(runs, capsys):
    change(runs / "1", status="RUNNING")

    assert main(["delete", "1..3", "-F", str(runs), "--yes"]) == 1
    assert capsys.readouterr().err == f"observers: {runs / '1'} is still running: stop it first\n"
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["1"]


def test_an_id_that_is_named_twice_is_deleted_once(runs, capsys):
    assert main(["delete", "1", "1", "1..2", "-F", str(runs), "--yes"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "deleted"
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["3"]


@pytest.mark.parametrize(
    "sources", [[["x", "../victim"]], [["x", "/etc/hostname"]], [["x", 7]], 7, [["x", "_sources/../../victim"]]]
)
def test_nothing_outside_of_the_runs_is_deleted_for_a_run(runs, sources):
    (runs.parent / "victim").touch()
    (runs / "1" / "link").symlink_to(runs.parent)
    change(runs / "1", experiment={"sources": sources}, artifacts=["/etc/hostname", "../../victim"])

    assert main(["delete", "1", "-F", str(runs), "--yes"]) == 0
    assert (runs.parent / "victim").exists()
    assert Path("/etc/hostname").exists()
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["2", "3"]


def test_control_characters_of_a_run_never_reach_the_terminal(runs, capsys):
    change(runs / "1", status="\x1b]0;title\x07\x1b[2J")
    write_json(runs / "1" / "notes.json", {"tags": ["\x1b[31m"], "notes": None, "removed_tags": []})

    assert main(["delete", "1", "-F", str(runs), "--yes"]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.slow
def test_deleting_a_copy_leaves_the_document_of_the_original(runs, plain, mongo_url, capsys):
    places = ["-F", str(runs), "-m", mongo_url]
    main(["sync", *places])
    shutil.copytree(runs / "1", runs / "9")
    capsys.readouterr()

    assert main(["delete", "9", "--yes", *places]) == 0
    assert f"MongoDB's copy stays, since {runs / '1'} holds the same run" in capsys.readouterr().out
    assert plain.runs.distinct("_id") == plain.metrics.distinct("run_id") == [1, 2, 3]
    assert not (runs / "9").exists()


@pytest.mark.slow
def test_deleting_a_run_with_all_its_copies_deletes_the_document(runs, plain, mongo_url):
    places = ["-F", str(runs), "-m", mongo_url]
    main(["sync", *places])
    shutil.copytree(runs / "1", runs / "9")

    assert main(["delete", "1", "9", "--yes", *places]) == 0
    assert plain.runs.distinct("_id") == plain.metrics.distinct("run_id") == [2, 3]
