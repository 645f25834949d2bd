"""Addresses of schedulers that cannot be reached."""

import gc
import json
import socket

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster import engines
from experiments.sweeps.cluster.engines import connected


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (
            "http://127.0.0.1:80",
            "http://127.0.0.1:80 is not the address of a scheduler: write tcp://HOST:PORT or tls://HOST:PORT",
        ),
        ("tcp://", "tcp:// is not the address of a scheduler"),
        ("foo:bar", "foo:bar is not the address of a scheduler"),
        ("tls://127.0.0.1:9", "tls://127.0.0.1:9 needs certificates: distributed.comm.tls.ca-file"),
        ("nothing.json", "there is no file nothing.json of a scheduler"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_in_a_line(monkeypatch, tmp_path, address, message):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UserError) as end, connected(address, None, 1):
        pass
    assert str(end.value).startswith(message)


def test_options_are_refused_for_a_scheduler_that_runs(tmp_path):
    with (
        pytest.raises(UserError, match="--cluster-options are for a cluster that starts here"),
        connected("tcp://127.0.0.1:9", "cores=1", 1),
    ):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "scheduler.json").write_text(content)

    with (
        pytest.raises(UserError, match=r"scheduler.json names no address of a scheduler of Dask's"),
        connected(str(tmp_path / "scheduler.json"), None, 1),
    ):
        pass


@pytest.mark.filterwarnings("error")
def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_TIMEOUT", 0.3)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "scheduler.json").write_text(json.dumps({"address": address}))

    with (
        pytest.raises(UserError, match=r"no scheduler of Dask's answers at .*scheduler.json within"),
        connected(str(tmp_path / "scheduler.json"), None, 1),
    ):
        pass
    gc.collect()
