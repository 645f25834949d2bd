import json

import pytest

from observers.stored_runs.copies import find_copies, uuid_of


@pytest.fixture
def place(recorded):
    """Make runs by name, each with a uuid and the directory in which it was recorded."""

    def make(**runs):
        made = []
        for name, (uuid, directory) in runs.items():
            entry = {"status": "COMPLETED", "uuid": uuid} | ({"directory": directory} if directory else {})
            made.append(recorded(name.removeprefix("run"), run=json.dumps(entry)))
        return made

    return make


def names(copies):
    return {copy.name: original.name for copy, original in copies.items()}


def test_runs_of_their_own_are_no_copies(place):
    assert find_copies(place(run1=("a", None), run2=("b", None))) == {}


def test_the_original_has_the_name_under_which_it_was_recorded(place):
    runs = place(run1=("a", "/there/2"), run2=("a", "/there/2"), run3=("a", "/there/2"), run4=("b", None))

    assert names(find_copies(runs)) == {"1": "2", "3": "2"}


@pytest.mark.parametrize("directory", [None, "/there/9", 7, ["/there/2"], ""])
def test_without_that_name_the_original_has_the_lowest_id(place, directory):
    runs = place(run1=("a", directory), run2=("a", directory))

    assert names(find_copies(runs)) == {"2": "1"}


@pytest.mark.parametrize("content", ["{", "[]", '{"uuid": {"a": 1}}', '{"uuid": null}'])
def test_a_run_that_cannot_be_read_is_no_copy(recorded, content):
    assert find_copies([recorded("1", run=content), recorded("2", run=content)]) == {}


def test_the_uuid_of_a_damaged_run_is_that_of_info_json(recorded):
    assert uuid_of(recorded("1")) == "uuid of 1"
    assert uuid_of(recorded("2", run="{", info='{"uuid": "b"}')) == "b"
    assert uuid_of(recorded("3", run="{", info="{")) is None
