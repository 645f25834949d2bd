"""Schedulers that cannot be reached, and clusters that start on this machine."""

import gc
import json
import socket
import warnings

import pytest

from experiments.pipeline.errors import UserError
from experiments.sweeps.cluster import engines
from experiments.sweeps.cluster.engines import connected
from tests.experiments.place import SWEEP

SMALL = ("parity", "fast", "hidden=8", "data_size=60", "max_steps=20", "evaluate_every=10")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(engines, "_TIMEOUT", 1.0)


ADVICE = ": start one with `dask scheduler`, or correct the address"


def refusal(name, options=None):
    with pytest.raises(UserError) as refused, connected(name, options, 1):
        pass
    return str(refused.value)


def test_an_address_where_nothing_listens_is_refused_in_a_line():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    assert refusal(f"127.0.0.1:{port}") == f"no scheduler of Dask's answers at 127.0.0.1:{port} within 1 s{ADVICE}"


def test_an_address_where_something_else_listens_is_refused_in_a_line():
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"

        assert refusal(address) == f"no scheduler of Dask's answers at {address} within 1 s{ADVICE}"


@pytest.mark.filterwarnings("error")
def test_a_scheduler_in_a_file_that_does_not_answer_is_named_by_the_file(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": address}))
    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # of what earlier tests have left

    assert refusal(str(file)).startswith(f"no scheduler of Dask's answers at {file} within")
    gc.collect()


@pytest.mark.slow
def test_the_command_that_starts_workers_quotes_the_path_of_a_scheduler(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "_TIMEOUT", 10.0)
    file = tmp_path / "my s.json"
    file.write_text(json.dumps({"address": cluster.address}))

    with connected(str(file), None, 1) as found:
        assert found.advice() == f"start some with `dask worker --scheduler-file '{file}'`"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "{file} names no address of a scheduler of Dask's"),
        ("no JSON", "{file} names no address of a scheduler of Dask's"),
        ("[]", "{file} names no address of a scheduler of Dask's"),
        ("", "{file} names no address of a scheduler of Dask's"),
        ('{"address": "tls://127.0.0.1:1"}', "tls://127.0.0.1:1 needs certificates: distributed.comm.tls.ca-file"),
        ('{"address": "tpc://127.0.0.1:1"}', "tpc://127.0.0.1:1 is not the address of a scheduler: write tcp://"),
    ],
)
def test_a_file_that_names_no_scheduler_that_can_be_reached_is_refused_in_a_line(tmp_path, text, message):
    file = tmp_path / "scheduler.json"
    file.write_text(text)

    assert refusal(str(file)).startswith(message.format(file=file))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nowhere.json", None, "there is no file nowhere.json of a scheduler of Dask's"),
        (
            "127.0.0.1:1",
            "cores=1",
            "--cluster-options are for a cluster that starts here, and 127.0.0.1:1 runs already",
        ),
        ("slum", None, "--cluster slum is neither the address of a scheduler"),
        ("nonsense://host:1", None, "nonsense://host:1 is not the address of a scheduler"),
        (
            "http://127.0.0.1:80",
            None,
            "http://127.0.0.1:80 is not the address of a scheduler: write tcp://HOST:PORT or tls://HOST:PORT",
        ),
        ("tcp://", None, "tcp:// is not the address of a scheduler"),
        ("foo:bar", None, "foo:bar is not the address of a scheduler"),
        ("tls://127.0.0.1:9", None, "tls://127.0.0.1:9 needs certificates: distributed.comm.tls.ca-file"),
    ],
)
def test_what_names_no_cluster_is_refused_in_a_line(name, options, message):
    assert refusal(name, options).startswith(message)


@pytest.mark.slow
def test_without_the_packages_a_line_says_how_to_install_them(place):
    (place.directory / "distributed.py").write_text("raise ModuleNotFoundError('none', name='distributed')")
    path = f"{place.directory}:{SWEEP.parents[1]}"
    done = place.run(*SMALL, "seed=0", "--cluster", "local", script=SWEEP, cold=True, PYTHONPATH=path)

    assert done.returncode == 1
    assert done.stderr == ('sweep: --cluster needs packages: pip install -c constraints.txt -e ".[cluster]" (none)\n')
