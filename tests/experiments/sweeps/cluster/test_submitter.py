"""What the workers of a cluster are told of the machine that starts a sweep."""

from types import SimpleNamespace
from typing import Any

import pytest

from experiments.recording.layout import ROOT
from experiments.sweeps.cluster.submitter import KnownSweep, describe_project


def test_runs_get_the_variables_on_which_results_depend_and_no_others(monkeypatch):
    for name, value in {"TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "1", "OTHER": "2"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MONGO_URL", "mongodb://name:secret@host/db")
    project = describe_project({"a.py": "digest"})

    assert (project.root, project.sources) == (str(ROOT), {"a.py": "digest"})
    sent = project.environment.content
    assert (sent["TF_ENABLE_ONEDNN_OPTS"], sent["MONGO_URL"]) == ("0", "mongodb://name:secret@host/db")
    assert not {"CUDA_VISIBLE_DEVICES", "OTHER"} & sent.keys()
    assert "secret" not in repr(project)


@pytest.mark.parametrize(("status", "is_awaited"), [("connecting", True), ("closed", False)])
def test_a_scheduler_whose_connection_is_lost_may_come_back_until_the_client_is_closed(status, is_awaited):
    sweep: Any = object.__new__(KnownSweep)
    sweep._client, sweep._cluster = SimpleNamespace(status=status), "here"

    if is_awaited:
        with pytest.raises(TimeoutError, match=r"^the scheduler here does not answer$"):
            sweep.has_begun("run-0", 2, 1)
    else:
        assert not sweep.has_begun("run-0", 2, 1)
