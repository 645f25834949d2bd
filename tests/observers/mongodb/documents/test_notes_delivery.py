"""Tags and notes that are changed on disk, in Omniboard, or in both."""

import shutil

import pytest

from observers.mongodb.delivery import Delivery
from observers.mongodb.documents.notes_delivery import deliver_notes, merge_notes
from observers.stored_runs.notes import Notes, change_notes, read_notes

slow = pytest.mark.slow


@pytest.fixture
def delivered(database, plain, recorded):
    """A run in the database with the tags a and b and a text, and what it takes to change both sides of it."""
    run = recorded()

    class Sides:
        directory = run

        def tag(self, *add, remove=()):
            return change_notes(run, lambda notes: notes.with_tags(add, remove))

        def write(self, text):
            change_notes(run, lambda notes: notes.with_text(text))

        def deliver(self, directory=run):
            delivery = Delivery(directory, database, pytest.fail)
            delivery.deliver()
            return self.omniboard

        def in_omniboard(self, **fields):
            plain.runs.update_one({}, {"$set": {f"omniboard.{name}": value for name, value in fields.items()}})

        @property
        def omniboard(self):
            return plain.runs.find_one().get("omniboard")

    sides = Sides()
    sides.tag("a", "b")
    sides.write("text")
    assert sides.deliver() == {"tags": ["a", "b"], "notes": "text"}
    return sides


@slow
def test_a_run_without_notes_gets_no_fields(database, plain, recorded):
    Delivery(recorded(), database, pytest.fail).deliver()

    assert {"omniboard", "delivered_notes"} & set(plain.runs.find_one()) == set()


@slow
def test_changes_on_disk_are_delivered(delivered):
    delivered.tag("c", remove=["a"])
    delivered.write("more")

    assert delivered.deliver() == delivered.deliver() == {"tags": ["b", "c"], "notes": "text\nmore"}


@slow
def test_changes_in_omniboard_are_taken_over(delivered):
    delivered.in_omniboard(tags=["two words", "b"], notes="edited")

    assert delivered.deliver() == delivered.deliver() == {"tags": ["b", "two words"], "notes": "edited"}
    assert read_notes(delivered.directory) == Notes(("b", "two words"), "edited", ("a",))


@slow
def test_changes_on_both_sides_are_both_kept(delivered):
    delivered.tag("disk", remove=["a"])
    delivered.write("on disk")
    delivered.in_omniboard(tags=["a", "omniboard"], notes="in Omniboard")

    assert delivered.deliver() == {"tags": ["disk", "omniboard"], "notes": "text\non disk\nin Omniboard"}
    assert read_notes(delivered.directory).tags == ("disk", "omniboard")


@slow
def test_what_omniboard_had_before_the_first_tag_is_kept(database, plain, recorded):
    run = recorded()
    Delivery(run, database, pytest.fail).deliver()
    plain.runs.update_one({}, {"$set": {"omniboard": {"tags": ["theirs"], "notes": "theirs"}}})
    change_notes(run, lambda notes: notes.with_tags(["ours"]))
    Delivery(run, database, pytest.fail).deliver()

    assert plain.runs.find_one()["omniboard"] == {"tags": ["ours", "theirs"], "notes": "theirs"}
    assert read_notes(run) == Notes(("ours", "theirs"), "theirs")


@slow
def test_an_earlier_copy_of_the_run_removes_nothing(delivered, tmp_path):
    copy = shutil.copytree(delivered.directory.parent, tmp_path / "copies") / "1"
    (copy / "notes.json").unlink()

    assert delivered.deliver(copy) == {"tags": ["a", "b"], "notes": "text"}
    assert read_notes(copy) == Notes(("a", "b"), "text")


@slow
def test_an_emptied_database_gets_everything_again(delivered, plain):
    plain.runs.delete_many({})

    assert delivered.deliver() == {"tags": ["a", "b"], "notes": "text"}


@slow
def test_a_change_in_omniboard_at_the_same_moment_is_not_overwritten(delivered, database, monkeypatch):
    delivered.tag("c")
    find_one = database.runs.find_one

    def find_and_change(*arguments):
        found = find_one(*arguments)
        monkeypatch.setattr(database.runs, "find_one", find_one)
        delivered.in_omniboard(tags=["a", "b", "d"])
        return found

    monkeypatch.setattr(database.runs, "find_one", find_and_change)

    assert deliver_notes(delivered.directory, 1, database).tags == ("a", "b", "c", "d")
    assert delivered.omniboard["tags"] == ["a", "b", "c", "d"]


@slow
def test_a_corrupt_file_of_notes_is_reported_and_the_run_is_delivered(delivered, database, plain):
    (delivered.directory / "notes.json").write_text("{")
    warnings: list[str] = []
    delivery = Delivery(delivered.directory, database, warnings.append)
    delivery.deliver()

    assert delivery.complete
    assert delivered.omniboard == {"tags": ["a", "b"], "notes": "text"}
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{delivered.directory}: tags and notes: notes.json is not JSON")


@pytest.mark.parametrize(
    ("here", "there", "delivered", "text"),
    [
        (None, None, None, None),
        ("a", None, None, "a"),
        (None, "b", None, "b"),
        ("a", "b", None, "a\nb"),
        ("a", "b", "b", "a"),
        ("a", "b", "a", "b"),
        ("a", "b", "c", "a\nb"),
        ("a\nb", "b", "c", "a\nb"),
        ("not bad", "bad", "c", "not bad\nbad"),
        ("", "b", "b", ""),
        ("a", "", "a", ""),
        ("a", "", "b", "a"),
        (None, "b", "b", "b"),
        (None, "", None, ""),
    ],
)
def test_two_texts_are_merged(here, there, delivered, text):
    assert merge_notes(Notes(text=here), Notes(text=there), Notes(text=delivered)).text == text


@pytest.mark.parametrize(
    ("here", "there", "delivered", "tags"),
    [
        (Notes(), "", "", ""),
        (Notes(("a",)), "", "", "a"),
        (Notes(), "a", "", "a"),
        (Notes(), "a", "a", "a"),
        (Notes(removed=("a",)), "a", "a", ""),
        (Notes(removed=("a",)), "a", "", "a"),
        (Notes(("a",)), "", "a", ""),
        (Notes(("a", "b")), "ac", "a", "abc"),
    ],
)
def test_tags_of_both_sides_are_merged(here, there, delivered, tags):
    assert merge_notes(here, Notes(tuple(there)), Notes(tuple(delivered))).tags == tuple(tags)
