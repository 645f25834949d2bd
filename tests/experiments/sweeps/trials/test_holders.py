"""Which process works on a trial, and whether it is alive."""

import time

import pytest

from experiments.sweeps.trials.holders import HOLDER, is_held, new_holder


def test_this_process_holds_what_it_holds():
    assert is_held({HOLDER: new_holder()})


@pytest.mark.parametrize("attributes", [{}, {HOLDER: None}, {HOLDER: "damaged"}])
def test_nobody_holds_what_names_no_process(attributes):
    assert not is_held(attributes)


def test_a_dead_process_holds_nothing(dead_process):
    assert not is_held({HOLDER: {**new_holder(), **dead_process}})


def test_a_process_on_another_machine_counts_as_alive_for_the_first_minutes():
    elsewhere = {**new_holder(), "hostname": "another"}

    assert is_held({HOLDER: elsewhere})
    assert not is_held({HOLDER: {**elsewhere, "since": time.time() - 3600}})
