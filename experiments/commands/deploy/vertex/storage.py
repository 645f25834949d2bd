"""Uploads a directory to a bucket of Cloud Storage."""

import hashlib
from pathlib import Path
from typing import Any

from experiments.commands.deploy.vertex.calls import CALL_TIMEOUT, errors_in_one_line

UPLOAD_SECONDS = 120.0
"""Seconds for which the upload of a file is repeated while it fails; it replaces a file that has arrived."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts; the pause doubles each time."""


def make_upload_retry() -> Any:
    """Make the retry of an upload: it repeats the upload while the error is temporary."""
    from google.cloud.storage.retry import DEFAULT_RETRY

    return DEFAULT_RETRY.with_delay(FIRST_PAUSE, LONGEST_PAUSE, multiplier=2.0).with_timeout(UPLOAD_SECONDS)


def upload(directory: Path, uri: str, *, project: str, credentials: Any) -> None:
    """Copy a directory to gs://bucket/prefix.

    Raises:
        UserError: if there is no such bucket, or the upload fails.
    """
    import google.cloud.storage as storage

    bucket_name, _, prefix = uri.removeprefix("gs://").partition("/")
    hint = f"; create it with: gcloud storage buckets create gs://{bucket_name} --project={project}"
    with errors_in_one_line(f"gs://{bucket_name}", hint):
        bucket = storage.Client(project, credentials).bucket(bucket_name)
        for path in files_of(directory):
            blob = bucket.blob(f"{prefix}/{path.relative_to(directory).as_posix()}")
            blob.upload_from_filename(str(path), timeout=CALL_TIMEOUT, retry=make_upload_retry())


def files_of(directory: Path) -> list[Path]:
    """List the files below a directory, sorted."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


def content_digest(directory: Path) -> str:
    """Return a digest of the names and contents of the files below a directory."""
    digest = hashlib.sha256()
    for path in files_of(directory):
        digest.update(f"{path.relative_to(directory).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
