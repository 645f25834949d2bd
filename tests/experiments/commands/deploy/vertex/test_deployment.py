"""Deploys runs to a bucket and a fake of Vertex AI, with Google's own libraries in between."""

import json
import re
import signal
import subprocess
import time

import google.cloud.storage as storage
import pytest

from tests.experiments.commands.deploy.deployments import BUCKET, ENDPOINT, MODEL, WHERE

pytestmark = pytest.mark.slow


def run_request(printed):
    """Type the printed request into a shell, and return the answers."""
    [line] = re.findall(r"^request +(.+)$", printed, re.MULTILINE)
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return rows(json.loads(done.stdout))


def served(vertex):
    """The answers of the endpoint to the words of the printed request."""
    body = json.dumps({"instances": ["vierundvierzig", "elf"]}).encode()
    return rows(vertex.answer("POST", f"/v1/{ENDPOINT}:predict", body))


def rows(answer):
    return [[str(row["parity"]), f"{row['probability']:.6g}"] for row in answer["predictions"]]


@pytest.fixture
def predicted(two_runs, run_in_process):
    """The answers of predict to the words of the printed request."""

    def predicted(run):
        done = run_in_process(two_runs, "predict", "with", f"run={run}", "words=vierundvierzig,elf")
        return [row.split()[1:3] for row in done.stdout.splitlines()[1:]]

    return predicted


def test_a_run_is_served_replaced_and_stopped(two_runs, vertex, deploy, undeploy, predicted):
    first = two_runs.run("deploy", "with", "run=1", *WHERE, BUCKET, cold=True)

    assert (first.returncode, first.stderr) == (0, "")
    assert run_request(first.stdout) == served(vertex) == predicted(1)
    assert list(vertex.models) == [f"{MODEL}@1"]
    registered = vertex.models[f"{MODEL}@1"]
    assert list(registered.version_aliases) == ["default"]
    assert registered.labels["run"] == two_runs.read("runs/1/run.json")["uuid"]
    prefix = registered.artifact_uri.removeprefix("gs://zahlen/")
    objects = {blob.name for blob in storage.Client("zahlen-1").list_blobs("zahlen", prefix=prefix)}
    export = two_runs.directory / "runs" / "1" / "model" / "export" / "1"
    assert objects == {
        f"{prefix}/{path.relative_to(export).as_posix()}" for path in export.rglob("*") if path.is_file()
    }

    second = deploy(run=2)

    assert second.returncode == 0, second.stderr
    assert list(vertex.models) == [f"{MODEL}@1", f"{MODEL}@2"]
    [deployed] = vertex.endpoints[ENDPOINT].deployed_models
    assert deployed.model == f"{MODEL}@2"
    assert dict(vertex.endpoints[ENDPOINT].traffic_split) == {deployed.id: 100}
    assert run_request(second.stdout) == predicted(2) != predicted(1)

    [line] = re.findall(r"^undeploy +.* (undeploy with .+)$", second.stdout, re.MULTILINE)
    down = two_runs.run(*line.split())

    assert (down.returncode, down.stderr) == (0, "")
    assert not vertex.endpoints
    assert len(vertex.models) == 2
    again = undeploy()
    assert again.returncode == 1
    assert again.stderr == f"parity: there is no {ENDPOINT}: nothing is deployed there\n"


@pytest.mark.parametrize("split", [(60, 40), (100, None), (None, 100), (None, None)])
def test_an_endpoint_with_two_versions_is_deleted_however_its_traffic_is_split(vertex, deploy, undeploy, split):
    deploy()
    endpoint = vertex.endpoints[ENDPOINT]
    other = type(endpoint.deployed_models[0])(endpoint.deployed_models[0])
    other.id = "7"
    endpoint.deployed_models.append(other)
    shares = dict(zip((endpoint.deployed_models[0].id, "7"), split, strict=True))
    endpoint.traffic_split = {deployed_id: share for deployed_id, share in shares.items() if share is not None}
    down = undeploy()

    assert down.returncode == 0, down.stderr
    assert not vertex.endpoints


@pytest.mark.parametrize("command", ["deploy", "undeploy"])
def test_an_endpoint_that_serves_another_model_is_left_alone(vertex, deploy, undeploy, command):
    deploy()
    [deployed] = vertex.endpoints[ENDPOINT].deployed_models
    deployed.model = MODEL.replace("zahlwort-parity", "somebody-elses@1")
    done = deploy() if command == "deploy" else undeploy()

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.endswith("somebody-elses@1: choose another name=")
    assert vertex.endpoints[ENDPOINT].deployed_models == [deployed]


def test_the_old_version_serves_until_the_new_one_is_ready(vertex, deploy):
    deploy()
    vertex.calls.clear()
    deploy(run=2)

    changes = [call for call in vertex.calls if call.startswith(("upload", "create", "deploy", "undeploy", "delete"))]
    assert changes == ["upload_model", "deploy_model", "undeploy_model"]


def test_an_interrupted_deployment_is_reported_and_can_be_repeated(two_runs, vertex, deploy):
    vertex.operations.endless = "endpoints/zahlwort-parity"
    process = two_runs.start("deploy", "with", "run=1", *WHERE, BUCKET)
    while "deploy_model" not in vertex.calls or vertex.calls[-1] != "poll":
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert re.fullmatch(rf"{ENDPOINT}/operations/\d+ continues at Google\n", err)
    vertex.operations.endless = None
    assert deploy(run=2).returncode == 0
    assert [deployed.model for deployed in vertex.endpoints[ENDPOINT].deployed_models] == [f"{MODEL}@2"]


def test_a_failed_deployment_leaves_the_traffic_unchanged(vertex, deploy, predicted):
    deploy()
    before = dict(vertex.endpoints[ENDPOINT].traffic_split)
    vertex.operations.failing = ":deployModel"
    done = deploy(run=2)

    assert done.returncode == 1
    assert "quotas are exceeded" in done.stderr.splitlines()[-1]
    assert dict(vertex.endpoints[ENDPOINT].traffic_split) == before
    assert served(vertex) == predicted(1)
