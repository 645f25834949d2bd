"""Errors of Google's APIs and of the network: temporary ones are retried, others take one line."""

import pytest

from experiments.commands.deploy.vertex import calls
from experiments.commands.deploy.vertex.service import ENDPOINT_OVERRIDE
from experiments.pipeline.errors import UserError
from tests.experiments.commands.deploy.deployments import NO_ACCOUNT

pytestmark = pytest.mark.slow


def test_temporary_errors_are_retried(vertex, deploy):
    vertex.operations.faults[:] = [503, 500, 429]
    done = deploy()

    assert (done.returncode, done.stderr, vertex.operations.faults) == (0, "", [])


def test_a_refused_call_takes_one_line(vertex, deploy):
    vertex.refused = "models:upload"
    done = deploy()

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "the account has no permission" in line


def test_a_server_that_cannot_be_reached_takes_one_line(vertex, deploy, monkeypatch):
    monkeypatch.setenv(ENDPOINT_OVERRIDE, "http://127.0.0.1:1")
    monkeypatch.setattr(calls, "READ_SECONDS", 0.5)
    done = deploy()

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "refused" in line


def test_an_operation_that_takes_longer_than_an_hour_is_given_up(monkeypatch):
    monkeypatch.setattr(calls, "OPERATION_SECONDS", 0.0)
    with pytest.raises(UserError, match="operations/7 is not done after an hour"):
        calls.poll_until_done("operations/7", lambda: {"done": False})


@pytest.mark.parametrize("content", ["", "[]", "3", "{", '{"type": "service_account"}', '{"type": "nobody"}', None])
def test_a_corrupt_key_takes_one_line(bucket, deploy, tmp_path, monkeypatch, content):
    key = tmp_path if content is None else tmp_path / "key.json"
    if content is not None:
        key.write_text(content)
    for name, value in {**NO_ACCOUNT, "GOOGLE_APPLICATION_CREDENTIALS": str(key)}.items():
        monkeypatch.setenv(name, value)
    done = deploy()

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert "there are no credentials for Google" in line


def test_without_credentials_a_line_tells_how_to_get_some(bucket, deploy, monkeypatch):
    for name, value in NO_ACCOUNT.items():
        monkeypatch.setenv(name, value)
    done = deploy()

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "gcloud auth login --update-adc" in line
