import copy
from types import SimpleNamespace

import pytest
from pyrsistent import PMap, pmap, thaw

from analysis.sources.run_data import RunData, plain


def test_items_are_attributes_and_frozen_as_those_of_incense():
    data = RunData({"config": {"layers": [8, 16]}, "status": "COMPLETED"})

    assert data.config.layers[1] == 16
    assert isinstance(data.config, PMap)
    assert data.config is data["config"]
    assert dict(data) == {"config": pmap(data.config), "status": "COMPLETED"}
    with pytest.raises(AttributeError, match="the run has no result"):
        _ = data.result
    with pytest.raises(KeyError):
        data["result"]


def test_an_item_is_read_once_when_it_is_asked_for():
    reads: list[int] = []

    def read():
        reads.append(1)
        return "text"

    data = RunData({"status": "COMPLETED"}, {"captured_out": read})

    assert set(data) == {"status", "captured_out"}
    assert not reads
    assert (data.captured_out, data.plain("captured_out"), len(data), reads) == ("text", "text", 2, [1])


def test_all_items_can_be_changed_without_changing_the_run():
    data = RunData({"config": {"layers": [8]}})
    data.to_dict()["config"]["layers"].append(16)

    assert thaw(data.config) == {"layers": [8]}


def test_plain_items_are_the_same_of_any_experiment():
    stored = {"config": {"layers": [8]}}

    for data in (RunData(stored), pmap({"config": pmap({"layers": [8]})})):
        experiment = SimpleNamespace(_data=data, config=data.config)
        assert plain(experiment, "config") == stored["config"]
        assert plain(experiment, "result") is None


def test_a_copy_has_the_same_items():
    assert dict(copy.copy(RunData({"status": "FAILED"}))) == {"status": "FAILED"}
