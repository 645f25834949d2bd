"""Runs whose server or process is killed, and many at once: `tests.benchmarks.survival`, for less long."""

import pytest

from tests.benchmarks.survival import crowd, million, run_killed, server_killed, server_late

pytestmark = pytest.mark.slow


def test_a_server_that_is_killed_three_times_gets_every_point(own_server, tmp_path):
    found = server_killed(own_server, tmp_path / "runs", 5000, 3.0)

    assert found.logged == 5000
    assert found.stored == list(range(5000))
    assert found.status == ("COMPLETED", "COMPLETED")


def test_a_server_that_is_started_after_the_run_gets_every_point(own_server, tmp_path):
    found = server_late(own_server, tmp_path / "runs", 5000, 0.5)

    assert found.stored == list(range(5000))
    assert found.status == ("COMPLETED", "COMPLETED")


def test_a_run_that_is_killed_is_delivered_as_dead_with_every_point(own_server, tmp_path):
    found = run_killed(own_server, tmp_path / "runs", 20_000, 2.0)

    assert found.logged >= 100
    assert found.is_complete
    assert found.status == ("DEAD", "DEAD")


def test_sixteen_concurrent_runs_have_sixteen_directories_and_ids(own_server, tmp_path):
    names, ids, errors = crowd(own_server, tmp_path / "runs", 16)

    assert names == [str(number) for number in range(1, 17)]
    assert ids == list(range(1, 17))
    assert errors == []


def test_memory_does_not_grow_with_the_number_of_points(own_server, tmp_path):
    found = million(own_server, tmp_path / "runs", 310_000)

    assert found["journalled"] == found["covered in MongoDB"] == 310_000
    assert found["kept in MongoDB"] == 155_000
    assert found["MB grown between 100,000 and the end"] < 50
