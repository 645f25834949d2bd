"""A database that is dropped or restored from a backup during a run, and one that gives few rights."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pymongo

from tests.benchmarks.disturbed.place import Place, make_place
from tests.benchmarks.measuring.forks import Fork
from tests.benchmarks.measuring.tally import Tally, Try, try_all
from tests.benchmarks.recorded import small_run
from tests.benchmarks.recorded.stored import points_on_disk
from tests.mongod import Mongod, mongod_program
from tests.observers.directory.small_run import POINTS

_COLLECTIONS = ("runs", "metrics", "fs.files", "fs.chunks", "run_ids")
_WRITABLE = _COLLECTIONS[:4]
_READ_AND_WRITE = ("find", "insert", "update", "remove")
_POINTS, _SECONDS = 3000, 6.0
_TIMEOUT = 60.0  # seconds


def replaced_database(server: str, scale: float) -> Iterator[Tally]:
    """Drop or restore the database of a run, and deliver as a user with few rights."""
    count = max(1, round(5 * scale))
    for fault, is_restored in (("dropped", False), ("restored from an older backup", True)):
        tries = try_all(try_replacement, [(server, is_restored)] * count)
        yield Tally(f"the database is {fault} during a run", tries)
    yield Tally("the user may create no index, and later gets that right", [try_few_rights()])


def try_replacement(server: str, is_restored: bool) -> Try:
    """Replace the database of a run; the run itself delivers again what is gone."""
    with make_place(server) as place:
        attempt = Try("the run itself delivers every point again", logged=_POINTS)
        run = Fork(_record, str(place.runs), place.url)
        client: pymongo.MongoClient
        with pymongo.MongoClient(place.url) as client:
            database: Any = client.get_default_database()
            attempt.expect(_await_points(database, 1), "nothing is delivered")
            backup = {name: list(database[name].find()) for name in _COLLECTIONS}
            attempt.expect(_await_points(database, _POINTS // 3), "too little is delivered")
            client.drop_database(database)
            for name in _COLLECTIONS if is_restored else ():
                if backup[name]:
                    database[name].insert_many(backup[name])
        ended = run.wait()
        attempt.expect(ended.status == 0 and "not in MongoDB yet" not in ended.printed, ended.printed[-500:])
        place.expect_all_delivered(attempt)
        attempt.expect(attempt.kept == _POINTS, f"{points_on_disk(place.runs)} points on disk")
        place.sync_and_expect_all(attempt)
        return attempt


def try_few_rights() -> Try:
    """Deliver as a user who may read and write four collections; then as one who may create indexes, too."""
    attempt = Try("told, then every run whole", logged=POINTS)
    program = mongod_program()
    assert program is not None
    with tempfile.TemporaryDirectory() as directory:
        server = Mongod(program, Path(directory) / "server")
        place = Place(Path(directory), server.url.replace("//", "//lab:secret@") + "/faults")
        place.record()
        try:
            server.start()
            _command(server, "createRole", _READ_AND_WRITE)
            _command(server, "createUser", None)
            server.kill()
            server.start("--auth")
            synced, listed = place.run("sync"), place.run("list")
            attempt.expect(synced.status == 1 and "cannot create the index" in synced.printed, synced.printed)
            attempt.expect("secret" not in synced.printed and "Traceback" not in synced.printed, synced.printed)
            attempt.expect(": all" not in listed.printed, f"list says all: {listed.printed}")
            server.kill()
            server.start()
            _command(server, "updateRole", (*_READ_AND_WRITE, "createIndex", "listIndexes"))
            server.kill()
            server.start("--auth")
            attempt.expect("Traceback" not in place.run("sync").printed, "sync")
            place.expect_all_delivered(attempt)
        finally:
            server.kill()
    return attempt


def _command(server: Mongod, name: str, actions: Sequence[str] | None) -> None:
    """Create or change a role with these rights, or create a user who has that role."""
    privileges = [{"resource": {"db": "faults", "collection": each}, "actions": actions} for each in _WRITABLE]
    how = {"privileges": privileges, "roles": []} if actions else {"pwd": "secret", "roles": ["few"]}
    client: pymongo.MongoClient
    with pymongo.MongoClient(server.url) as client:
        client["faults"].command(name, "few" if actions else "lab", **how, writeConcern={"w": 1, "j": True})


def _record(runs: str, url: str) -> int:
    small_run.main(runs, url, _POINTS, _SECONDS)
    return 0


def _await_points(database: Any, count: int) -> bool:
    end = time.monotonic() + _TIMEOUT
    while time.monotonic() < end:
        if any(metric.get("points", 0) >= count for metric in database.metrics.find({}, {"points": 1})):
            return True
        time.sleep(0.02)
    return False
