"""Commands over runs that somebody has tampered with: they end, and read, remove and execute nothing of it."""

import os
import re
from functools import partial

import pytest

from observers.__main__ import main
from tests.observers.hostile import SECRET, checked_output, plant


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside").mkdir()
    return tmp_path / "outside"


@pytest.fixture
def hostile(runs, outside):
    """Three good runs, and many that are not."""
    plant(runs / "1", outside)
    return runs


@pytest.fixture
def check(capfd, outside):
    """Run a command, and check what it prints."""

    return partial(checked_output, capfd, outside, main)


def test_list_reap_tag_and_note_survive_hostile_runs(hostile, check):
    listed = check("list", hostile)

    assert re.search(r"^2 .*COMPLETED", listed, re.MULTILINE)
    check("reap", hostile)
    check("tag", "-F", hostile, "--where", "hidden=8 tag!=x")
    check("note", "-F", hostile, "--where", "train/loss<=0.5")
    check("tag", "-F", hostile, "1..3", "--add", "good")


def test_delete_removes_hostile_runs_and_nothing_else(hostile, check):
    for run in hostile.glob("*/run.json"):
        os.utime(run, (run.lstat().st_mtime - 600,) * 2, follow_symlinks=False)  # none is alive
    check("delete", "-F", hostile, "1..9999", "--yes")

    assert {path.name for path in hostile.iterdir()} <= {"_sources", ".last_id"}


@pytest.mark.slow
def test_sync_delivers_nothing_from_outside(hostile, check, plain, mongo_url):
    check("sync", hostile, "-m", mongo_url)
    check("list", hostile, "-m", mongo_url)

    assert {run["info"]["uuid"] for run in plain.runs.find()} >= {"uuid-150", "uuid-180"}
    stored = [str(document) for name in ("runs", "metrics", "fs.files") for document in plain[name].find()]
    assert not [text for text in stored if SECRET in text]
    assert not [chunk for chunk in plain["fs.chunks"].find() if SECRET.encode() in chunk["data"]]
