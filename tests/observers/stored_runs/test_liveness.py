from datetime import UTC, datetime, timedelta

import pytest

from observers.stored_runs.liveness import is_running, read_time
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
