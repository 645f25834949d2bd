import os

import pytest

from observers.maintenance.delete.sources import copies_of, delete_unused
from observers.system.files import write_json


def entry(*copies):
    return {"status": "COMPLETED", "experiment": {"sources": [["name", copy] for copy in copies]}}


@pytest.fixture
def place(tmp_path):
    """A run that has the source a.py, and two sources that no run has."""
    runs = tmp_path / "runs"
    for name in ("1", "_sources"):
        (runs / name).mkdir(parents=True)
    for name in ("a.py", "b.py", "c.py"):
        (runs / "_sources" / name).touch()
    write_json(runs / "1" / "run.json", entry("_sources/a.py"))
    (tmp_path / "victim").touch()
    return runs


def left(runs):
    return sorted(path.name for path in (runs / "_sources").iterdir())


def make_old(path):
    os.utime(path, (path.stat().st_mtime - 600,) * 2)


@pytest.mark.parametrize(
    ("sources", "copies"),
    [
        ([["x", "_sources/a.py"], ["y", "_sources/b.py"]], {"a.py", "b.py"}),
        ([["x", "/etc/shadow"], ["x", "../../victim"], ["x", "../runs/_sources/a.py"], ["x", "_sources/.."]], set()),
        ([["x", "_sources/d/a.py"], ["x", "1/run.json"], ["x", ""]], set()),
        ([], set()),
    ],
)
def test_only_files_in_the_directory_of_sources_are_copies(sources, copies):
    assert copies_of({"experiment": {"sources": sources}}) == copies


@pytest.mark.parametrize("sources", [[["x", 7]], [7], ["x"], 7, [["x"]], {"a": 1}])
def test_what_does_not_name_sources_is_an_error(sources):
    with pytest.raises(ValueError, match=r"run.json does not name the sources of a run"):
        copies_of({"experiment": {"sources": sources}})


def test_a_run_without_sources_has_no_copies():
    assert copies_of({}) == copies_of({"experiment": None}) == copies_of({"experiment": {"sources": None}}) == set()


def test_copies_that_no_run_needs_are_deleted(place):
    delete_unused(place, {"a.py", "b.py"}, set())

    assert left(place) == ["a.py", "c.py"]


def test_the_copies_of_the_deleted_runs_themselves_are_not_needed(place):
    (place / "1").rename(place / ".deleted-1-0123abcd")
    delete_unused(place, {"a.py"}, {place / ".deleted-1-0123abcd"})

    assert left(place) == ["b.py", "c.py"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"experiment": {"sources": 7}}', '{"experiment": {"sources": [["x", 7]]}}', None]
)
@pytest.mark.parametrize("name", ["2", ".deleted-2-0123abcd"])
def test_no_copy_is_deleted_while_a_run_that_may_need_it_cannot_be_read(place, name, content):
    (place / name).mkdir()
    if content is None:
        os.mkfifo(place / name / "run.json")
    else:
        (place / name / "run.json").write_text(content)
    delete_unused(place, {"a.py", "b.py"}, set())

    assert left(place) == ["a.py", "b.py", "c.py"]


def test_copies_of_an_unfinished_deletion_stay(place):
    (place / "1").rename(place / ".deleted-1-0123abcd")
    delete_unused(place, {"a.py", "b.py"}, set())

    assert left(place) == ["a.py", "c.py"]


def test_no_copy_is_deleted_while_a_run_may_be_starting(place):
    (place / "2").mkdir()
    delete_unused(place, {"b.py"}, set())
    assert "b.py" in left(place)

    make_old(place / "2")
    delete_unused(place, {"b.py"}, set())
    assert "b.py" not in left(place)


def test_nothing_is_deleted_through_a_link(place, tmp_path):
    (place / "_sources").rename(tmp_path / "elsewhere")
    (place / "_sources").symlink_to(tmp_path / "elsewhere")
    (place / "_sources" / "d").mkdir()
    delete_unused(place, {"b.py", "d"}, set())

    assert (tmp_path / "elsewhere" / "b.py").exists()


def test_a_link_among_the_sources_is_removed_itself(place, tmp_path):
    (place / "_sources" / "b.py").unlink()
    (place / "_sources" / "b.py").symlink_to(tmp_path / "victim")
    delete_unused(place, {"b.py"}, set())

    assert left(place) == ["a.py", "c.py"]
    assert (tmp_path / "victim").exists()
