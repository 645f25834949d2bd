import multiprocessing
from functools import partial

import pytest

from observers.directory.artifacts import store_artifact
from observers.directory.recording import OWN_FILES
from observers.stored_runs.notes import Notes, change_notes, read_notes
from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json


def tag(directory, words):
    for word in words:
        change_notes(directory, partial(Notes.with_tags, add=[word]))


def test_a_run_without_a_file_has_no_notes(recorded):
    assert read_notes(recorded("1")) == read_run(recorded("2")).notes == Notes()


def test_tags_and_text_are_written_and_read(recorded):
    directory = recorded("1")
    change_notes(directory, lambda notes: notes.with_tags(add=["good", "baseline", "good"]))
    written = change_notes(directory, lambda notes: notes.with_text("first").with_text("second"))

    assert written == read_notes(directory) == read_run(directory).notes
    assert (written.tags, written.text) == (("baseline", "good"), "first\nsecond")
    assert read_json(directory / "notes.json") == {
        "tags": ["baseline", "good"],
        "notes": "first\nsecond",
        "removed_tags": [],
    }


def test_a_removed_tag_is_remembered_until_it_is_added_again():
    notes = Notes(("a", "b")).with_tags(remove=["a", "never there"])

    assert notes == Notes(("b",), None, ("a",))
    assert notes.with_tags(add=["a"]) == Notes(("a", "b"))


def test_a_change_that_changes_nothing_writes_nothing(recorded):
    directory = recorded("1")
    change_notes(directory, lambda notes: notes.with_tags(remove=["a"]))

    assert not (directory / "notes.json").exists()


def test_two_processes_lose_no_tag_of_each_other(recorded):
    directory = recorded("1")
    context = multiprocessing.get_context("fork")
    words = [[f"{process}-{number}" for number in range(50)] for process in range(2)]
    processes = [context.Process(target=tag, args=(directory, mine)) for mine in words]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert read_notes(directory).tags == tuple(sorted(words[0] + words[1]))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tags": [1], "notes": null, "removed_tags": []}'])
def test_a_file_that_holds_no_notes_is_damage_and_stays_as_it_is(recorded, content):
    directory = recorded("1", notes=content)
    [damage] = read_run(directory).damage

    assert damage.startswith("notes.json ")
    with pytest.raises(ValueError, match=r"^notes\.json "):
        change_notes(directory, lambda notes: notes.with_tags(add=["a"]))
    assert (directory / "notes.json").read_text() == content


def test_an_artifact_of_an_earlier_run_that_has_the_name_is_no_damage(recorded):
    run = '{"status": "COMPLETED", "uuid": "a", "artifacts": ["notes.json"]}'

    assert read_run(recorded("1", run=run, notes="artifact")).damage == ()


def test_no_artifact_takes_the_name(recorded, tmp_path):
    (tmp_path / "source").touch()

    with pytest.raises(ValueError, match="not a name for an artifact"):
        store_artifact(recorded("1"), "notes.json", tmp_path / "source", reserved=OWN_FILES)
