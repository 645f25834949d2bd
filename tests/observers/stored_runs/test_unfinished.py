import os

import pytest

from observers.stored_runs.unfinished import (
    delete_command,
    deleted_id,
    may_be_starting,
    unfinished_deletions,
    was_never_recorded,
)


@pytest.mark.parametrize(
    ("name", "run_id"),
    [
        (".deleted-7-0123abcd", "7"),
        (".deleted-a-b-0123abcd", "a-b"),
        (".deleted-7", None),
        (".deleted--0123abcd", None),
        ("7", None),
        (".deleted-7-0123abcd.txt", None),
    ],
)
def test_the_name_of_an_unfinished_deletion_has_the_id(name, run_id):
    assert deleted_id(name) == run_id


def test_unfinished_deletions_are_directories(tmp_path):
    (tmp_path / ".deleted-8-0123abcd").mkdir()
    (tmp_path / ".deleted-7-0123abcd").mkdir()
    (tmp_path / ".deleted-6-0123abcd").touch()
    (tmp_path / ".deleted-5-0123abcd").symlink_to(".deleted-7-0123abcd")

    assert [path.name for path in unfinished_deletions(tmp_path)] == [".deleted-7-0123abcd", ".deleted-8-0123abcd"]


def test_the_command_finishes_the_deletion_where_the_run_is(tmp_path):
    assert delete_command(tmp_path / ".deleted-7-0123abcd").endswith(f"python -m observers delete 7 -F {tmp_path}")
    assert delete_command(tmp_path.__class__("runs/7")).endswith("python -m observers delete 7")


@pytest.mark.parametrize(
    ("files", "never"),
    [
        ([], True),
        (["config.json", ".run.json.0123", ".reserve", "info.json"], True),
        (["metrics.jsonl"], False),
        (["config.json", "model"], False),
        (["run.json"], False),
    ],
)
def test_a_directory_with_nothing_but_the_first_files_was_never_recorded(tmp_path, files, never):
    for name in files:
        (tmp_path / name).touch()

    assert was_never_recorded(tmp_path) is never


def test_a_run_may_be_starting_for_a_minute(tmp_path):
    run = tmp_path / "7"
    run.mkdir()
    assert may_be_starting(run)
    for seconds in (-90, 90):
        os.utime(run, (run.stat().st_mtime + seconds,) * 2)
        assert not may_be_starting(run)
        os.utime(run)
    assert not may_be_starting(tmp_path / "8")
