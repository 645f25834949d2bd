import os
import time

import pytest

from observers.maintenance.listing import ListedRun, dead_line, format_table, list_runs
from observers.stored_runs.notes import change_notes
from observers.stored_runs.stored_run import StoredRun
from observers.system.process import this_process
from tests.observers.maintenance.conftest import change


def test_runs_are_listed_with_status_result_and_points(runs):
    change(runs / "2", status="FAILED", result=None)
    (runs / "3" / "run.json").write_text("{")
    warnings: list[str] = []

    assert format_table(list_runs(runs, None, warnings.append)).splitlines() == [
        "run    status     result    points",
        "1      COMPLETED  0.75      2",
        "2      FAILED               2",
    ]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"skipped {runs / '3'}: run.json is not JSON")


def test_a_result_is_shortened(tmp_path):
    def line(result):
        run = StoredRun(tmp_path / "1", {"status": "COMPLETED", "result": result}, {}, {}, ())
        return format_table([ListedRun(run, "COMPLETED", 2, "no")]).splitlines()[1].split()

    assert line(1 / 3)[2] == "0.333333"
    assert line("NaN")[2] == "NaN"
    assert line("0123456789" * 3)[2] == "01234567890123456789"
    assert line(7)[2:] == ["7", "2", "no"]


def test_a_run_whose_process_is_gone_is_listed_as_dead_and_nothing_is_written(runs):
    """Run 1 has no process, and was silent for ten minutes; run 2 is this process."""
    change(runs / "1", status="RUNNING", process=None)
    change(runs / "2", status="RUNNING", process=this_process())
    before = (runs / "1" / "run.json").read_bytes()
    os.utime(runs / "1" / "run.json", (time.time() - 600,) * 2)
    listed = list(list_runs(runs, None, pytest.fail))

    assert [line.split()[1] for line in format_table(listed).splitlines()[1:]] == ["DEAD", "RUNNING", "COMPLETED"]
    assert (dead_line(listed) or "").startswith(f"{runs / '1'} no longer runs; to record that: ")
    assert (dead_line(listed) or "").endswith(f" -m observers reap {runs}")
    assert dead_line(listed[1:]) is None
    assert (runs / "1" / "run.json").read_bytes() == before


def test_a_run_that_ends_while_runs_are_read_needs_no_reaping(runs):
    directory = runs / "1"
    run = StoredRun(directory, {"status": "RUNNING"}, {}, {}, ())

    assert dead_line([ListedRun(run, "COMPLETED", 2, None)]) is None


def test_a_list_without_runs_has_its_headings():
    assert format_table([]).split() == ["run", "status", "result", "points"]


def test_tags_have_a_column_if_there_are_any(runs):
    change_notes(runs / "2", lambda notes: notes.with_tags(["good", "baseline"]))

    assert [line.split()[4:] for line in format_table(list_runs(runs, None, pytest.fail)).splitlines()] == [
        ["tags"],
        [],
        ["baseline,", "good"],
        [],
    ]
