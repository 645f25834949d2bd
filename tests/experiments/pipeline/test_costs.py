import time
from typing import Any

import pytest

from experiments.pipeline.costs import Phases, costs


def test_each_phase_ends_when_the_next_begins():
    seconds: dict[str, float] = {}
    start = time.perf_counter()
    phases = Phases(seconds)
    phases.enter("data")
    assert seconds == {}
    phases.enter("training")
    assert seconds.keys() == {"data"}
    phases.enter(None)
    assert seconds.keys() == {"data", "training"}
    phases.enter("evaluation")

    assert seconds.keys() == {"data", "training"}
    assert all(value >= 0 for value in seconds.values())
    assert sum(seconds.values()) <= time.perf_counter() - start + 0.001  # they are rounded


def test_a_failed_run_has_costs_as_well():
    info: dict[str, Any] = {"seconds": {"import": 1.5}}

    def fail():
        with costs(info) as phases:
            phases.enter("training")
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()

    assert info["seconds"].keys() == {"import", "training"}
    assert info["cpu_seconds"] > 0
    assert info["peak_memory"] > 10**7


def test_a_run_in_a_process_with_others_counts_its_own_processor_time_alone():
    info: dict[str, Any] = {}
    with costs(info, of_process=False):
        pass

    assert info["cpu_seconds"] < 0.1 < time.process_time()
