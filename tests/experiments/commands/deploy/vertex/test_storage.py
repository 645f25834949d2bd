"""Uploads to a bucket."""

import http.server
import threading

import google.cloud.storage as storage
import pytest
from google.auth.credentials import AnonymousCredentials

from experiments.commands.deploy.vertex.storage import content_digest, files_of, upload
from experiments.pipeline.errors import UserError

pytestmark = pytest.mark.slow


@pytest.fixture
def directory(tmp_path):
    directory = tmp_path / "export"
    (directory / "variables").mkdir(parents=True)
    (directory / "saved_model.pb").write_bytes(b"model")
    (directory / "variables" / "zwölf").write_bytes(b"12")
    return directory


@pytest.fixture
def proxy(bucket, storage_url, monkeypatch):
    """A server in front of Cloud Storage that answers the statuses in a list before it redirects; the list."""
    statuses: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(statuses.pop(0) if statuses else 307)
            self.send_header("Location", f"{storage_url}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_PUT = do_POST  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{server.server_port}")
    yield statuses
    server.shutdown()
    server.server_close()


def uploaded(prefix):
    client = storage.Client("zahlen-1", AnonymousCredentials())
    return {blob.name: blob.download_as_bytes() for blob in client.list_blobs("zahlen", prefix=prefix)}


def test_a_directory_is_uploaded_with_its_files(directory, bucket):
    upload(directory, "gs://zahlen/whole/1", project="zahlen-1", credentials=AnonymousCredentials())

    assert uploaded("whole/") == {"whole/1/saved_model.pb": b"model", "whole/1/variables/zwölf": b"12"}


def test_an_upload_is_retried_after_a_temporary_error(directory, proxy, monkeypatch):
    monkeypatch.setattr("experiments.commands.deploy.vertex.storage.FIRST_PAUSE", 0.01)
    proxy[:] = [503, 429, 500]
    upload(directory, "gs://zahlen/retried", project="zahlen-1", credentials=AnonymousCredentials())

    assert not proxy
    assert uploaded("retried/") == {"retried/saved_model.pb": b"model", "retried/variables/zwölf": b"12"}


def test_a_missing_bucket_takes_one_line_with_the_command_that_creates_it(bucket, directory):
    with pytest.raises(UserError, match="gcloud storage buckets create gs://no-such-bucket --project=zahlen-1"):
        upload(directory, "gs://no-such-bucket/1", project="zahlen-1", credentials=AnonymousCredentials())


def test_nothing_is_registered_if_the_bucket_is_missing(vertex, deploy):
    done = deploy("bucket=gs://no-such-bucket")

    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "gcloud storage buckets create gs://no-such-bucket" in line
    assert not vertex.models


def test_the_digest_depends_on_names_and_contents(directory):
    digests = {content_digest(directory)}
    (directory / "saved_model.pb").write_bytes(b"other")
    digests.add(content_digest(directory))
    (directory / "saved_model.pb").rename(directory / "renamed.pb")
    digests.add(content_digest(directory))

    assert len(digests) == 3
    assert [path.name for path in files_of(directory)] == ["renamed.pb", "zwölf"]
