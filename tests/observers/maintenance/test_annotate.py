"""`python -m observers tag` and `note`."""

import re
import shutil
import threading

import pytest

from observers.__main__ import main
from observers.maintenance.annotate import check_text, read_tags
from observers.mongodb.delivery import Delivery
from observers.stored_runs.notes import Notes, read_notes
from observers.system.files import read_json


def omniboard(plain):
    return [run.get("omniboard") for run in plain.runs.find(sort=[("_id", 1)])]


def test_tags_are_added_removed_and_shown(runs, capsys):
    assert main(["tag", "1", "2..9", "--add", "good,baseline", "--add", "old", "-F", str(runs)]) == 0
    assert main(["tag", "--add", "new", "2", "--remove", "old", "-F", str(runs)]) == 0
    capsys.readouterr()
    assert main(["tag", "1..3", "-F", str(runs)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{runs / '1'}: baseline, good, old",
        f"{runs / '2'}: baseline, good, new",
        f"{runs / '3'}: baseline, good, old",
    ]


def test_notes_are_added_replaced_removed_and_shown(runs, capsys):
    for options in (["--add", "one"], ["--add", "two\nthree"], [], ["--set", "new"], ["--set", ""]):
        assert main(["note", "1", *options, "-F", str(runs)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{runs / '1'}: one",
        *[f"{runs / '1'}: one", "  two", "  three"] * 2,
        f"{runs / '1'}: new",
        f"{runs / '1'}: no note",
    ]


def test_runs_are_tagged_by_conditions(runs, capsys):
    assert main(["tag", "--where", "hidden=8 id>1", "--add", "small", "-F", str(runs)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{runs / '2'}: small", f"{runs / '3'}: small"]
    assert main(["tag", "--where", "tag=small", "--remove", "small", "-F", str(runs)]) == 0
    assert read_notes(runs / "2") == Notes(removed=("small",))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tag", "1", "--add", "two words"], "'two words' is not a tag: it must be one word, with commas between sev"),
        (["tag", "1", "9", "--add", "good"], "there is no run=9 in "),
        (["tag", "1", "good"], "there is no run=good in .*; to write a tag, give --add$"),
        (["tag", "--add", "good"], "no run is named: give ids, ranges such as 3..9, or --where CONDITIONS$"),
        (["note", "1", "--add", " "], 'the note is empty; --set "" removes a note$'),
        (["note", "1", "--add", "\x1b[1m"], "a note cannot hold the character '\\\\x1b'$"),
        (["tag", "1", "2", "--add", "good"], ".*/2: run.json is not JSON"),
    ],
)
def test_a_command_that_cannot_be_executed_is_refused_and_changes_nothing(runs, capsys, arguments, message):
    (runs / "2" / "run.json").write_text("{")

    assert main([*arguments, "-F", str(runs)]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert re.match(f"observers: {message}", err)
    assert not list(runs.glob("*/notes.json"))


@pytest.mark.parametrize("tag", ["", "a b", "a,", "a\tb", "a\x1b", "\udcff", "a\u2028b", "\u00a0"])
def test_a_tag_is_one_word_of_visible_characters(tag):
    with pytest.raises(ValueError, match="is not a tag"):
        read_tags([tag])


def test_tags_and_texts_may_have_any_letters():
    assert read_tags(["größte", "v1.2,a=b"]) == ["größte", "v1.2", "a=b"]
    assert check_text("zwölf\n\tgrün 🙂") == "zwölf\n\tgrün 🙂"


@pytest.mark.slow
def test_what_is_written_after_a_delivery_is_in_omniboard_at_once(runs, plain, mongo_url, capsys):
    places = ["-F", str(runs), "-m", mongo_url]
    main(["sync", *places])
    assert main(["tag", "1", "2", "--add", "good", *places]) == 0
    assert main(["note", "1", "--add", "best of three", *places]) == 0
    assert omniboard(plain) == [{"tags": ["good"], "notes": "best of three"}, {"tags": ["good"]}, None]
    main(["sync", *places])

    assert omniboard(plain) == [{"tags": ["good"], "notes": "best of three"}, {"tags": ["good"]}, None]
    plain.runs.update_one({"_id": 1}, {"$push": {"omniboard.tags": "theirs"}})
    capsys.readouterr()
    assert main(["tag", "1", "--remove", "good", *places]) == 0
    assert capsys.readouterr().out == f"{runs / '1'}: theirs\n"
    assert omniboard(plain)[0] == {"tags": ["theirs"], "notes": "best of three"}


@pytest.mark.slow
def test_what_is_written_before_a_delivery_is_delivered(runs, plain, mongo_url):
    assert main(["tag", "1", "--add", "good", "-F", str(runs), "-m", mongo_url]) == 0
    assert plain.runs.count_documents({}) == 0
    assert main(["note", "1", "--add", "text", "-F", str(runs)]) == 0
    main(["sync", str(runs), "-m", mongo_url])

    assert omniboard(plain) == [{"tags": ["good"], "notes": "text"}, None, None]


def test_without_an_answer_of_the_server_the_change_is_on_disk(runs, capsys, monkeypatch):
    monkeypatch.setattr("observers.commands.common._TIMEOUT", 0.1)

    assert main(["tag", "1", "--add", "good", "-F", str(runs), "-m", "127.0.0.1:9:runs"]) == 1
    out, err = capsys.readouterr()
    assert out == f"{runs / '1'}: good\n"
    assert err.startswith("observers: MongoDB at 127.0.0.1:9/runs does not answer (")
    assert err.endswith("; the change is on disk, and sync delivers it\n")
    assert read_notes(runs / "1").tags == ("good",)


@pytest.mark.slow
def test_a_run_that_goes_on_keeps_its_tags(tmp_path, run_recorded, database, plain):
    """Its process writes run.json and delivers the run while another one tags it."""
    runs = tmp_path / "runs"

    def body(run):
        Delivery(runs / "1", database, pytest.fail).deliver()
        thread = threading.Thread(target=main, args=(["tag", "1", "--add", "good", "-F", str(runs)],))
        thread.start()
        thread.join()
        run.info["late"] = 1
        run.log_scalar("late", 1, 1)
        Delivery(runs / "1", database, pytest.fail).deliver()
        assert omniboard(plain) == [{"tags": ["good"]}]
        assert plain.runs.find_one()["status"] == "RUNNING"

    run_recorded(runs, body=body)
    Delivery(runs / "1", database, pytest.fail).deliver()

    assert read_json(runs / "1" / "run.json")["status"] == plain.runs.find_one()["status"] == "COMPLETED"
    assert omniboard(plain) == [{"tags": ["good"]}]
    assert read_notes(runs / "1").tags == ("good",)


@pytest.mark.slow
def test_tags_of_a_copied_directory_do_not_change_the_document_of_the_original(runs, plain, mongo_url):
    places = ["-F", str(runs), "-m", mongo_url]
    main(["sync", *places])
    shutil.copytree(runs / "1", runs / "9")

    assert main(["tag", "9", "--add", "copy", *places]) == 0
    assert plain.runs.find_one({"_id": 1}).get("omniboard", {}).get("tags") in (None, [])
    assert main(["tag", "1", "--add", "good", *places]) == 0
    assert plain.runs.find_one({"_id": 1})["omniboard"]["tags"] == ["good"]
