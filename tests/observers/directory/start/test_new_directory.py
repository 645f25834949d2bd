import os
import time

from observers.directory.start.new_directory import make_directory, remove_leftovers


def make_older(*paths):
    old = time.time() - 2 * 24 * 3600
    for path in paths:
        os.utime(path, (old, old), follow_symlinks=False)


def test_leftovers_of_more_than_a_day_ago_are_removed_and_nothing_else(tmp_path):
    old, young = make_directory(tmp_path), make_directory(tmp_path)
    (old / "run.json").write_text("{}")
    (tmp_path / "_sources").mkdir()
    torn, recent = (tmp_path / "_sources" / name for name in (".run.py.0123456789ab", ".run.py.ba9876543210"))
    others = [tmp_path / name for name in ("1", ".hidden", ".new-mine", ".deleted-3-0123abcd", "_sources/run_ab12.py")]
    for path in (torn, recent, *others):
        path.touch()
    (tmp_path / ".new-aaaaaaaaaaaa").symlink_to(others[0])
    make_older(old, torn, *others, tmp_path / ".new-aaaaaaaaaaaa")

    assert sorted(remove_leftovers(tmp_path)) == sorted([str(old), str(torn)])
    assert not old.exists()
    assert not torn.exists()
    assert all(path.exists() for path in (young, recent, *others, tmp_path / ".new-aaaaaaaaaaaa"))
    assert remove_leftovers(tmp_path) == []


def test_a_start_removes_old_leftovers(tmp_path, run_recorded):
    old = make_directory(tmp_path)
    make_older(old)
    run_recorded(tmp_path)

    assert not old.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".last_id", "1", "_sources"]


def test_a_directory_without_runs_has_no_leftovers(tmp_path):
    assert remove_leftovers(tmp_path / "missing") == []
