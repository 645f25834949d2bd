"""Runs and directories of runs that the user may not read or write."""

import shutil
import tempfile
from pathlib import Path

import pytest

from observers.__main__ import main
from observers.stored_runs.runs_directory import find_run
from observers.system.files import read_json, write_json
from tests.observers.other_user import as_other_user

DENIED = "Permission denied; ask its owner for the right (ls -ld shows owner and mode), or name another place"


@pytest.fixture
def shared(runs):
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        yield shutil.copytree(runs, Path(directory) / "runs")


def list_runs(runs):
    return main(["list", str(runs)])


def test_a_run_that_cannot_be_read_is_told_and_the_others_are_listed(shared):
    (shared / "2").chmod(0o700)
    status, out, err = as_other_user(list_runs, shared)

    assert status == 1
    assert [line.split()[0] for line in out.splitlines()] == ["run", "1", "3"]
    assert err == f"skipped {shared / '2'}: run.json: {DENIED}\n"


def test_a_file_of_a_run_that_cannot_be_read_is_told_with_what_to_do(shared):
    for name in ("config.json", "metrics.jsonl"):
        (shared / "2" / name).chmod(0o600)
    _, _, err = as_other_user(list_runs, shared)

    assert err.splitlines() == [f"{shared / '2'}: {name}: {DENIED}" for name in ("config.json", "metrics.jsonl")]


def test_a_run_that_cannot_be_read_is_not_said_to_be_missing(shared):
    (shared / "2").chmod(0o700)

    def find(run_id):
        with pytest.raises(ValueError, match=r"2|4") as raised:
            find_run(shared, run_id)
        return str(raised.value)

    assert as_other_user(find, "2")[0] == f"{shared / '2'}: run.json: {DENIED}"
    assert "(recorded there: 1, 3)" in as_other_user(find, "4")[0]


def test_a_directory_that_cannot_be_read_is_told(shared):
    shared.chmod(0o700)
    status, out, err = as_other_user(list_runs, shared)

    assert (status, out) == (1, "")
    assert "Permission denied" in err
    assert len(err.splitlines()) == 1


def test_a_directory_that_cannot_be_entered_is_told_run_by_run(shared):
    shared.chmod(0o744)
    status, _, err = as_other_user(list_runs, shared)

    assert status == 1
    assert len(err.splitlines()) == 3


def test_reap_names_the_file_that_it_may_not_write(shared):
    entry = read_json(shared / "1" / "run.json")
    write_json(shared / "1" / "run.json", {**entry, "unrecorded": {"metrics.json": "No space left on device"}})
    (shared / "1" / "run.json").chmod(0o644)
    status, _, err = as_other_user(lambda: main(["reap", str(shared)]))

    assert (status, err) == (1, f"{shared / '1'}: metrics.json: {shared / '1' / 'metrics.json'}: {DENIED}\n")


def test_another_users_runs_are_listed_without_writing(shared):
    status, out, err = as_other_user(list_runs, shared)

    assert (status, len(out.splitlines()), err) == (0, 4, "")
