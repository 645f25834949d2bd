"""Runs whose server or process is killed, and many at once: `tests.benchmarks.recording`, for less long."""

import pytest

from tests.benchmarks.recording import crowd, million, run_killed, server_killed, server_late

pytestmark = pytest.mark.slow


def test_a_server_that_is_killed_three_times_has_every_point_in_the_end(own_server, tmp_path):
    found = server_killed(own_server, tmp_path / "runs", 5000, 5.0)

    assert found.logged == 5000
    assert found.stored == list(range(5000))
    assert found.status == ("COMPLETED", "COMPLETED")


def test_a_server_that_is_started_after_the_run_has_every_point_in_the_end(own_server, tmp_path):
    found = server_late(own_server, tmp_path / "runs", 5000, 0.5)

    assert found.stored == list(range(5000))
    assert found.status == ("COMPLETED", "COMPLETED")


def test_a_run_that_is_killed_is_delivered_with_every_point_as_dead(own_server, tmp_path):
    found = run_killed(own_server, tmp_path / "runs", 20_000, 4.0)

    assert found.logged >= 100
    assert found.whole
    assert found.status == ("DEAD", "DEAD")


def test_sixteen_runs_at_once_have_sixteen_directories_and_ids(own_server, tmp_path):
    names, ids, errors = crowd(own_server, tmp_path / "runs", 16)

    assert names == [str(number) for number in range(1, 17)]
    assert ids == list(range(1, 17))
    assert errors == []


def test_memory_does_not_grow_with_the_points(own_server, tmp_path):
    found = million(own_server, tmp_path / "runs", 400_000)

    assert found["journalled"] == found["covered in MongoDB"] == 400_000
    assert found["kept in MongoDB"] == 200_000
    assert found["MB grown between 100,000 and the end"] < 50
