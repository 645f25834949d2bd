"""Deploys a run to a bucket and an endpoint on this machine, with Google's own libraries in between."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import google.cloud.storage as storage
import pytest
from gcp_storage_emulator.server import create_server

from experiments.vertex import ENDPOINT_OVERRIDE
from tests.experiments.conftest import NO_ACCOUNT, WHERE
from tests.vertex import Vertex
from tests.vertex_server import serving

pytestmark = pytest.mark.slow

LOCATION = "projects/zahlen-1/locations/europe-west4"
ENDPOINT = f"{LOCATION}/endpoints/zahlwort-parity"
MODEL = f"{LOCATION}/models/zahlwort-parity"
GCLOUD = """#!{python} -W ignore
import sys
from google.auth import default
from google.auth.transport.requests import Request

assert sys.argv[1:] == ["auth", "print-access-token"]
credentials, _ = default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(Request())
print(credentials.token)
"""


@pytest.fixture
def bucket(monkeypatch):
    """The name of an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    with create_server("127.0.0.1", port, in_memory=True, default_bucket="zahlen"):
        yield "zahlen"


@pytest.fixture
def vertex(bucket, tmp_path, monkeypatch):
    """Vertex AI, with an account that may ask it, and in the place of `gcloud` what prints a token of the account."""
    vertex = Vertex()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gcloud").write_text(GCLOUD.format(python=sys.executable))
    (programs / "gcloud").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    with serving(vertex) as (url, account):
        account.save(tmp_path / "key.json", f"{url}/token")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
        monkeypatch.setenv(ENDPOINT_OVERRIDE, url)
        yield vertex


def deploy(place, *arguments, run=1, **environment):
    return place.run("deploy", "with", f"run={run}", *WHERE, "bucket=gs://zahlen", *arguments, **environment)


def ask(printed):
    """Type the line that was printed into a shell."""
    [line] = re.findall(r"^ask it +(.+)$", printed, re.MULTILINE)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def predicted(place, run):
    """What predict says of the words of the printed line."""
    done = place.run("predict", "with", f"run={run}", "words=vierundvierzig,elf")
    return [row.split()[1:] for row in done.stdout.splitlines()[1:]]


def said(answer):
    return [[str(row["parity"]), f"{row['probability']:.6g}"] for row in answer["predictions"]]


def test_a_run_is_served_and_served_anew_and_taken_down(two_runs, vertex):
    first = deploy(two_runs)

    assert (first.returncode, first.stderr) == (0, "")
    assert said(ask(first.stdout)) == predicted(two_runs, 1)
    assert list(vertex.models) == [f"{MODEL}@1"]
    registered = vertex.models[f"{MODEL}@1"]
    assert list(registered.version_aliases) == ["default"]
    assert registered.labels["run"] == two_runs.read("runs/1/run.json")["uuid"]
    objects = {blob.name for blob in storage.Client("zahlen-1").list_blobs("zahlen")}
    prefix = registered.artifact_uri.removeprefix("gs://zahlen/")
    export = two_runs.directory / "runs" / "1" / "model" / "export" / "1"
    assert objects == {
        f"{prefix}/{path.relative_to(export).as_posix()}" for path in export.rglob("*") if path.is_file()
    }

    second = deploy(two_runs, run=2)

    assert second.returncode == 0, second.stderr
    assert list(vertex.models) == [f"{MODEL}@1", f"{MODEL}@2"]
    [deployed] = vertex.endpoints[ENDPOINT].deployed_models
    assert deployed.model == f"{MODEL}@2"
    assert dict(vertex.endpoints[ENDPOINT].traffic_split) == {deployed.id: 100}
    assert said(ask(second.stdout)) == predicted(two_runs, 2) != predicted(two_runs, 1)

    down = two_runs.run("undeploy", "with", *WHERE)

    assert (down.returncode, down.stderr) == (0, "")
    assert not vertex.endpoints
    assert len(vertex.models) == 2
    again = two_runs.run("undeploy", "with", *WHERE)
    assert again.returncode == 1
    assert again.stderr == f"parity: there is no {ENDPOINT}: nothing is deployed there\n"


@pytest.mark.parametrize("split", [(60, 40), (100, None), (None, 100), (None, None)])
def test_an_endpoint_with_two_versions_is_taken_down_however_the_traffic_is_split(two_runs, vertex, split):
    deploy(two_runs)
    endpoint = vertex.endpoints[ENDPOINT]
    other = type(endpoint.deployed_models[0])(endpoint.deployed_models[0])
    other.id = "7"
    endpoint.deployed_models.append(other)
    shares = dict(zip((endpoint.deployed_models[0].id, "7"), split, strict=True))
    endpoint.traffic_split = {deployed_id: share for deployed_id, share in shares.items() if share is not None}
    down = two_runs.run("undeploy", "with", *WHERE)

    assert down.returncode == 0, down.stderr
    assert not vertex.endpoints


@pytest.mark.parametrize("command", ["deploy", "undeploy"])
def test_an_endpoint_that_serves_another_model_is_left_alone(two_runs, vertex, command):
    deploy(two_runs)
    [deployed] = vertex.endpoints[ENDPOINT].deployed_models
    deployed.model = f"{LOCATION}/models/somebody-elses@1"
    done = deploy(two_runs) if command == "deploy" else two_runs.run("undeploy", "with", *WHERE)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "somebody-elses@1 as well: choose another name=" in line
    assert vertex.endpoints[ENDPOINT].deployed_models == [deployed]


def test_the_old_version_serves_until_the_new_one_is_ready(two_runs, vertex):
    deploy(two_runs)
    vertex.calls.clear()
    deploy(two_runs, run=2)

    changes = [call for call in vertex.calls if call.startswith(("upload", "create", "deploy", "undeploy", "delete"))]
    assert changes == ["upload_model", "deploy_model", "undeploy_model"]


def test_a_deployment_that_is_interrupted_is_told_and_can_be_done_again(two_runs, vertex):
    vertex.endless = "endpoints/zahlwort-parity"
    arguments = ("deploy", "with", "run=1", *WHERE, "bucket=gs://zahlen")
    process = two_runs.start(*arguments)
    while "deploy_model" not in vertex.calls:
        assert process.poll() is None
        time.sleep(0.1)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert re.fullmatch(rf"{ENDPOINT}/operations/\d+ goes on at Google\n", err)
    vertex.endless = None
    assert deploy(two_runs, run=2).returncode == 0
    assert [deployed.model for deployed in vertex.endpoints[ENDPOINT].deployed_models] == [f"{MODEL}@2"]


def test_what_may_pass_is_waited_for(two_runs, vertex):
    vertex.faults[:] = [503, 500, 429]
    done = deploy(two_runs)

    assert (done.returncode, done.stderr, vertex.faults) == (0, "", [])


@pytest.mark.parametrize("content", ["", "[]", "3", "{", '{"type": "service_account"}', '{"type": "nobody"}', None])
def test_a_key_that_is_none_takes_a_line(two_runs, bucket, tmp_path, content):
    key = tmp_path if content is None else tmp_path / "key.json"
    if content is not None:
        key.write_text(content)
    done = deploy(two_runs, **{**NO_ACCOUNT, "GOOGLE_APPLICATION_CREDENTIALS": str(key)})

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "there are no credentials for Google" in line


def test_without_credentials_a_line_says_how_to_get_some(two_runs, bucket):
    done = deploy(two_runs, **NO_ACCOUNT)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "gcloud auth login --update-adc" in line


def test_a_bucket_that_is_missing_takes_a_line_and_nothing_is_registered(two_runs, vertex):
    done = deploy(two_runs, "bucket=gs://no-such-bucket")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "gcloud storage buckets create gs://no-such-bucket" in line
    assert not vertex.models


def test_what_google_refuses_takes_a_line(two_runs, vertex):
    vertex.refused = "models:upload"
    done = deploy(two_runs)

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "the account has no permission" in line


def test_a_deployment_that_fails_leaves_the_traffic_where_it_was(two_runs, vertex):
    first = deploy(two_runs)
    before = dict(vertex.endpoints[ENDPOINT].traffic_split)
    vertex.failing = ":deployModel"
    done = deploy(two_runs, run=2)

    assert done.returncode == 1
    assert "quotas are exceeded" in done.stderr.splitlines()[-1]
    assert dict(vertex.endpoints[ENDPOINT].traffic_split) == before
    assert said(ask(first.stdout)) == predicted(two_runs, 1)


def test_a_server_that_cannot_be_reached_takes_a_line(two_runs, vertex):
    done = deploy(two_runs, **{ENDPOINT_OVERRIDE: "http://127.0.0.1:1"})

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "refused" in line
