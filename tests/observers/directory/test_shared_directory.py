"""A second user records in a directory of runs that belongs to the first."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from observers.directory.artifacts import store_by_content
from observers.directory.observer import RecordError
from observers.stored_runs.stored_run import read_run

NOBODY = 65534


@pytest.fixture
def shared():
    """A directory of root's that everybody may write to, in a place that everybody can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    (place / "runs").mkdir()
    (place / "runs").chmod(0o1777)
    yield place / "runs"
    shutil.rmtree(place)


@contextmanager
def another_user():
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_the_second_user_of_a_shared_directory_can_record(shared, run_recorded):
    run_recorded(shared)
    with another_user():
        run_recorded(shared)
    run_recorded(shared)

    assert [read_run(shared / run_id).status for run_id in ("1", "2", "3")] == ["COMPLETED"] * 3
    assert (shared / "2" / "run.json").stat().st_uid == NOBODY


def test_the_sources_are_shared_as_the_runs_are(shared, run_recorded):
    run_recorded(shared)
    (shared.parent / "new.py").write_text("new = 1\n")
    with another_user():
        stored = store_by_content(shared / "_sources", shared.parent / "new.py")

    assert (shared / "_sources").stat().st_mode & 0o7777 == 0o1777
    assert stored.read_text() == "new = 1\n"


def test_sources_that_are_stored_already_need_no_right_to_write(shared, run_recorded):
    run_recorded(shared)
    (shared / "_sources").chmod(0o755)
    with another_user():
        run_recorded(shared)

    assert read_run(shared / "2").status == "COMPLETED"


def test_a_new_source_without_the_right_to_write_is_refused_in_a_line_that_says_what_to_do(shared, run_recorded):
    (shared / "_sources").mkdir(mode=0o755)
    with another_user(), pytest.raises(RecordError) as raised:
        run_recorded(shared)

    assert str(raised.value) == (
        f"cannot record the run in {shared}: {shared}/_sources belongs to root and cannot be written to; "
        f"its owner can run: chmod --reference={shared} {shared}/_sources"
    )
    assert [path.name for path in shared.iterdir()] == ["_sources"]
    assert list((shared / "_sources").iterdir()) == []


def test_a_source_that_cannot_be_read_is_refused_in_a_line_that_says_what_to_do(shared, run_recorded):
    run_recorded(shared)
    [source] = (shared / "_sources").iterdir()
    source.chmod(0o600)
    with another_user(), pytest.raises(RecordError, match="belongs to root and cannot be read; its owner can run: "):
        run_recorded(shared)

    assert not (shared / "2").exists()


def test_a_copy_of_a_source_that_was_damaged_is_replaced(tmp_path):
    source = tmp_path / "run.py"
    source.write_text("run = 1\n")
    stored = store_by_content(tmp_path / "_sources", source)
    stored.write_bytes(b"")

    assert store_by_content(tmp_path / "_sources", source) == stored
    assert stored.read_text() == "run = 1\n"
