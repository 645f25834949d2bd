"""Tells whether a run directory has changed since it was delivered."""

import hashlib

from observers.directory.journal import JOURNAL
from observers.directory.recording import NOTES, OUTPUT
from observers.mongodb.documents.gridfs_files import artifacts_of
from observers.stored_runs.stored_run import StoredRun
from observers.system.untrusted.opening import read_inside, size_inside


def fingerprint_of(run: StoredRun) -> str:
    """Return a digest of what a run directory holds; files that only grow count by their size."""
    digest = hashlib.sha256()
    for name in ("run.json", "config.json", "info.json", NOTES):
        try:
            content = read_inside(run.directory, name)
        except OSError:
            content = b""
        digest.update(f"{name} {len(content)}\n".encode() + content)
    for name in (JOURNAL, OUTPUT, *artifacts_of(run)):
        digest.update(f"{name!a} {size_inside(run.directory, name)}\n".encode())
    return digest.hexdigest()
