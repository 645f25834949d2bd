import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from observers.stored_runs.liveness import age_of, is_running, read_time, seems_running, status_now
from observers.system.process import this_process

NOON = datetime(2026, 11, 23, 12)


@pytest.mark.parametrize(("seconds", "running"), [(0, True), (299, True), (300, False), (86_400, False), (-60, True)])
@pytest.mark.parametrize("process", [None, {}, "torn", {**this_process(), "hostname": "another"}])
def test_a_run_on_another_host_is_running_until_five_minutes_after_its_heartbeat(seconds, running, process):
    heartbeat = NOON - timedelta(seconds=seconds)

    assert is_running({"process": process, "heartbeat": heartbeat.isoformat()}, now=NOON) is running
    assert is_running({"process": process, "heartbeat": heartbeat}, now=NOON) is running
    assert (
        is_running({"process": process, "start_time": heartbeat.isoformat(), "heartbeat": None}, now=NOON) is running
    )


def test_a_run_on_this_host_is_running_while_its_process_is_alive():
    assert is_running({"process": this_process(), "heartbeat": "2000-01-01T00:00:00"}, now=NOON)
    assert not is_running({"process": {**this_process(), "started": 1}, "heartbeat": NOON.isoformat()}, now=NOON)


def test_a_run_without_process_and_heartbeat_is_not_running():
    assert not is_running({})
    assert not is_running({"heartbeat": "noon", "start_time": 12})


def test_the_current_time_is_utc():
    now = datetime.now(UTC).replace(tzinfo=None)

    assert is_running({"heartbeat": now.isoformat()})
    assert not is_running({"heartbeat": (now - timedelta(minutes=6)).isoformat()})


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-23T12:00:00", NOON),
        (NOON, NOON),
        (NOON.replace(tzinfo=UTC), NOON),
        ("2026-11-23T12:00:00Z", NOON),
        ("", None),
        (None, None),
        (12, None),
    ],
)
def test_a_time_is_read_from_text_or_a_datetime(value, read):
    assert read_time(value) == read


DAYS = timedelta(days=3).total_seconds()


@pytest.fixture
def place(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "run.json").touch()
    return tmp_path / "1"


def set_age(place, seconds):
    file = place / "run.json"
    os.utime(file, (file.stat().st_mtime - seconds,) * 2)


def set_clock(monkeypatch, seconds):
    """Set the clock of this machine ahead, or back."""
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + seconds)


@pytest.mark.parametrize("of_reader", [-DAYS, 0, DAYS])
@pytest.mark.parametrize("of_writer", [-DAYS, 0, DAYS])
@pytest.mark.parametrize(("seconds", "running"), [(0, True), (290, True), (310, False)])
def test_a_run_on_disk_is_judged_by_the_clock_of_the_file_system(
    place, monkeypatch, of_reader, of_writer, seconds, running
):
    """The clocks of the machine that runs it and of the one that looks may be wrong by days."""
    shown = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=of_writer - seconds)
    set_age(place, seconds)
    set_clock(monkeypatch, of_reader)

    assert is_running({"heartbeat": shown.isoformat()}, directory=place) is running


def test_a_heartbeat_from_before_the_clock_was_set_back_is_old(place):
    set_age(place, -DAYS)

    assert not is_running({}, directory=place)


def test_where_nothing_can_be_created_the_clock_of_this_machine_counts(place, monkeypatch):
    assert age_of(place / "run.json", place / "missing") != age_of(place / "missing", place)
    set_clock(monkeypatch, DAYS)
    assert (age_of(place / "run.json", place / "missing") or timedelta()) > timedelta(days=2)
    assert age_of(place / "missing", place) is None


def test_looking_leaves_nothing_behind(place):
    age_of(place / "run.json", place.parent)

    assert [path.name for path in place.parent.iterdir()] == ["1"]


def test_a_process_that_can_be_seen_counts_more_than_its_silence(place):
    assert seems_running(this_process(), None)
    assert not seems_running({**this_process(), "started": 1}, timedelta(0))
    assert seems_running({"hostname": "elsewhere"}, timedelta(minutes=4))
    assert not seems_running("torn", timedelta(minutes=5))
    assert not seems_running(None, None)
    assert not is_running({"process": {**this_process(), "started": 1}}, directory=place)


@pytest.mark.parametrize(
    ("content", "status"), [('{"status": "COMPLETED"}', "RUNNING"), ('{"status": "RUNNING"}', "DEAD"), ("{", "DEAD")]
)
def test_a_run_that_has_ended_since_its_entry_was_read_is_not_dead(place, content, status):
    entry = {"status": "RUNNING", "process": {**this_process(), "started": 1}}
    (place / "run.json").write_text(content)

    assert status_now(entry, directory=place) == status
    assert status_now(entry) == "DEAD"
