"""Commands for runs beside the documents of other tools, in a real MongoDB."""

import shutil

import pytest

from observers.__main__ import main
from tests.observers.maintenance.conftest import change

pytestmark = pytest.mark.slow

FOREIGN = [
    {"_id": {"a": 1}, "info": {"uuid": "1"}, "artifacts": 7, "experiment": {"sources": 7}},
    {"_id": 101, "info": [{"uuid": "2"}], "artifacts": {"name": "x"}},
    {"_id": 102, "info": "text"},
    {"_id": 103, "info": {"uuid": ["3"]}},
    {"_id": 104, "info": {"uuid": "4"}, "resources": [1], "heartbeat": "yesterday"},
]


@pytest.fixture
def command(runs, plain, mongo_url, capsys):
    """Run a command, and return its exit status and what it printed."""
    for run in runs.glob("[0-9]"):
        change(run, directory=str(run.resolve()))
    assert main(["sync", str(runs), "-m", mongo_url]) == 0
    plain.runs.insert_many([{"status": "RUNNING", **document} for document in FOREIGN])
    capsys.readouterr()

    def execute(*words):
        status = main([*words, "-m", mongo_url])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return execute


def test_documents_of_other_tools_end_no_command(runs, command, plain):
    assert command("list", str(runs))[0] == 0
    assert command("sync", str(runs), "--verify")[0] == 0
    assert command("restore", "-F", str(runs)) == (
        0,
        "nothing to restore: no run is damaged or gone that MongoDB has from here\n",
    )
    assert command("collect", "--yes") == (0, "nothing to collect\n")
    assert command("reap", str(runs))[0] == 0
    assert command("delete", "1", "--yes", "-F", str(runs))[0] == 0
    assert plain.runs.count_documents({}) == 2 + len(FOREIGN)


def test_a_run_that_cannot_be_restored_is_named_and_the_others_are_restored(runs, command, plain):
    shutil.rmtree(runs / "1")
    shutil.rmtree(runs / "2")
    plain.runs.update_one({"_id": 1}, {"$set": {"resources": [1]}})
    status, printed = command("restore", "-F", str(runs))

    assert status == 1
    assert f"{runs / '1'}: it cannot be restored" in printed
    assert f"{runs / '2'}: restored the run" in printed
    assert sorted(path.name for path in runs.iterdir() if not path.name.startswith(".")) == ["2", "3", "_sources"]
    assert not list(runs.glob(".new-*"))


@pytest.mark.parametrize("minutes", ["-1", "nan", "inf", "1e300", "soon"])
def test_an_age_that_is_none_is_refused(command, minutes):
    with pytest.raises(SystemExit):
        command("collect", "--yes", f"--minutes={minutes}")
