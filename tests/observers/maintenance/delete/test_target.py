import os
import shutil

import pytest

from observers.maintenance.delete.target import read_target, refusal
from observers.stored_runs.notes import change_notes
from observers.system.process import this_process
from tests.observers.maintenance.conftest import change


def make_old(path):
    os.utime(path, (path.stat().st_mtime - 600,) * 2)


def test_a_run_is_described_by_its_status_and_tags(runs):
    assert read_target(runs / "1").kind == "COMPLETED"
    change_notes(runs / "1", lambda notes: notes.with_tags(["b", "a"]))
    assert read_target(runs / "1").kind == "COMPLETED, tagged a, b"
    (runs / "1" / "notes.json").write_text("{")
    assert read_target(runs / "1").kind == "COMPLETED"


def test_a_run_whose_process_is_gone_is_described_as_dead(runs):
    change(runs / "1", status="RUNNING", process={**this_process(), "started": 1})

    assert read_target(runs / "1").kind == "DEAD"


def test_a_run_that_runs_is_refused_and_a_copy_of_it_is_not(runs):
    change(runs / "1", status="RUNNING", process=this_process(), directory=str(runs / "1"))
    shutil.copytree(runs / "1", runs / "0")

    assert refusal(read_target(runs / "1")) == f"{runs / '1'} is still running: stop it first"
    assert refusal(read_target(runs / "0")) is None


def test_a_directory_without_a_run_is_refused_while_the_run_may_be_starting(runs):
    (runs / "7").mkdir()
    target = read_target(runs / "7")

    assert target.kind == "killed before it was recorded"
    assert refusal(target) == f"{runs / '7'} may be a run that is just starting: try again in a minute"
    make_old(runs / "7")
    assert refusal(target) is None


@pytest.mark.parametrize("content", ["{", "[]", '{"status": ["COMPLETED"]}', "[" * 100_000])
def test_a_damaged_run_takes_its_uuid_from_info_json(runs, content):
    uuid = read_target(runs / "1").uuid
    (runs / "1" / "run.json").write_text(content)
    target = read_target(runs / "1")

    assert (target.kind, target.uuid, refusal(target)) == ("damaged", uuid, None)


def test_an_unfinished_deletion_is_described_as_such(runs):
    (runs / "1").rename(runs / ".deleted-1-0123abcd")
    target = read_target(runs / ".deleted-1-0123abcd")

    assert (target.kind, refusal(target)) == ("its deletion is not finished", None)
    assert target.uuid is not None
