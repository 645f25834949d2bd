"""A bucket and a fake of Vertex AI on this machine, and an account that may call it."""

import os
import socket
import sys
from collections.abc import Iterator

import pytest
from gcp_storage_emulator.server import create_server

from experiments.commands.deploy.vertex import calls
from experiments.commands.deploy.vertex.service import ENDPOINT_OVERRIDE
from tests.experiments.commands.deploy.deployments import BUCKET, WHERE
from tests.experiments.commands.deploy.vertex.fake.server import serve
from tests.experiments.commands.deploy.vertex.fake.vertex import FakeVertex

GCLOUD = """#!{python} -W ignore
import sys
from google.auth import default
from google.auth.transport.requests import Request

assert sys.argv[1:] == ["auth", "print-access-token"]
credentials, _ = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(Request())
print(credentials.token)
"""


@pytest.fixture(scope="package")
def storage_url() -> Iterator[str]:
    """The URL of Cloud Storage with the bucket zahlen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        with create_server("127.0.0.1", port, in_memory=True, default_bucket="zahlen"):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(storage_url, monkeypatch) -> str:
    """The name of a bucket."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage_url)
    return "zahlen"


@pytest.fixture
def vertex(bucket, tmp_path, monkeypatch) -> Iterator[FakeVertex]:
    """Vertex AI, an account that may call it, and a `gcloud` that prints a token of the account."""
    vertex = FakeVertex()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gcloud").write_text(GCLOUD.format(python=sys.executable))
    (programs / "gcloud").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(calls, "FIRST_POLL_PAUSE", 0.01)
    with serve(vertex) as (url, account):
        account.save(tmp_path / "key.json", f"{url}/token")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        monkeypatch.setenv(ENDPOINT_OVERRIDE, url)
        yield vertex


@pytest.fixture
def deploy(two_runs, run_in_process):
    """Deploy one of two runs, in this process."""

    def deploy(*arguments, run=1):
        return run_in_process(two_runs, "deploy", "with", f"run={run}", *WHERE, BUCKET, *arguments)

    return deploy


@pytest.fixture
def undeploy(two_runs, run_in_process):
    """Undeploy, in this process."""

    def undeploy():
        return run_in_process(two_runs, "undeploy", "with", *WHERE)

    return undeploy
