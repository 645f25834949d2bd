"""A place ends what was started there."""

from pathlib import Path

import pytest

from tests.experiments.place import SWEEP, entry

LONG = ("max_steps=1000000", "patience=1000000", "evaluate_every=1000", "hidden=8", "data_size=60")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except FileNotFoundError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("cold", [True, False])
def test_a_sweep_and_its_runs_end_with_the_place(place, cold):
    sweep = place.start("parity", *LONG, "seed=0..1", "--jobs", "2", script=SWEEP, cold=cold)
    place.await_steps(2)
    pids = [sweep.pid, *(entry(run)["process"]["pid"] for run in place.runs())]
    assert all(is_alive(pid) for pid in pids)
    place.end()

    assert not any(is_alive(pid) for pid in pids)
    place.end()  # there is nothing left
