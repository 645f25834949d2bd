"""Deletions that fail or are killed: nothing is lost without a line, and the next one finishes them."""

import json
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

import pytest

from observers.__main__ import main
from observers.errors import not_writable
from tests.observers.other_user import as_other_user

ASK = "ask its owner for the right (ls -ld shows owner and mode), or name another place"


def delete(runs, *arguments):
    return main(["delete", *arguments, "-F", str(runs), "--yes"])


def listed(runs, capsys):
    capsys.readouterr()
    main(["list", str(runs)])
    return capsys.readouterr()


def files(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def aside(runs):
    return list(runs.glob(".deleted-*"))


def test_a_run_of_another_user_is_left_as_it_is(shared_runs):
    before = files(shared_runs)
    status, out, err = as_other_user(delete, shared_runs, "1..2")

    assert (status, out.splitlines()[-1]) == (1, "deleted 0 of 2")
    assert err.splitlines() == [
        f"observers: {run}: it cannot be deleted ({not_writable(run)}), and is left as it is"
        for run in (shared_runs / "1", shared_runs / "2")
    ]
    assert files(shared_runs) == before


def test_a_run_in_another_users_directory_is_left_as_it_is(shared_runs):
    for path in [*(shared_runs / "1").rglob("*"), shared_runs / "1"]:
        os.chown(path, 65534, 65534)
    _, _, err = as_other_user(delete, shared_runs, "1")

    assert err.endswith(f"1: it cannot be deleted (Permission denied; {ASK}), and is left as it is\n")
    assert len(files(shared_runs / "1")) == 6


def test_a_deletion_that_fails_before_anything_is_gone_is_undone(runs, capsys, make_immutable):
    (runs / "1" / "model").mkdir()
    (runs / "1" / "model" / "x").touch()
    make_immutable(runs / "1" / "model" / "x")

    assert delete(runs, "1", "3") == 1
    reason = f"model/x: Operation not permitted; {ASK}"
    assert (
        capsys.readouterr().err == f"observers: {runs / '1'}: it cannot be deleted ({reason}), and is left as it is\n"
    )
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["1", "2"]
    assert len(files(runs / "1")) == 7


def test_a_deletion_that_fails_later_is_shown_and_finished_by_the_next_one(runs, capsys, make_immutable):
    (runs / "1" / "model").mkdir()
    (runs / "1" / "model" / "x").touch()
    make_immutable(runs / "1" / "cout.txt")

    assert delete(runs, "1") == 1
    [left] = aside(runs)
    command = f"python -m observers delete 1 -F {runs}"
    line = f"{left}: its deletion is not finished (cout.txt: Operation not permitted; {ASK}); to finish it: "
    err = capsys.readouterr().err
    assert err.startswith(f"observers: {line}")
    assert err.endswith(f"{command}\n")
    assert f"{left}: its deletion is not finished; to finish it: " in listed(runs, capsys).err
    make_immutable(left / "cout.txt", False)
    assert delete(runs, "1") == 0
    assert aside(runs) == []
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["2", "3"]


def test_another_user_cannot_finish_a_deletion_and_is_told(shared_runs):
    (shared_runs / "1").rename(shared_runs / ".deleted-1-0123abcd")
    status, out, err = as_other_user(delete, shared_runs, "1")

    assert (status, out.splitlines()[-1]) == (1, "deleted 0 of 1")
    assert f"({shared_runs}/.deleted-1-0123abcd is not writable; ask its owner" in err
    assert len(files(shared_runs / ".deleted-1-0123abcd")) == 6


@pytest.mark.slow
def test_a_deletion_that_fails_in_mongodb_is_undone(runs, plain, mongo_url, capsys):
    main(["sync", str(runs), "-m", mongo_url])
    before = files(runs)
    plain.metrics.drop()
    plain.create_collection("metrics", viewOn="runs", pipeline=[])  # nothing can be deleted from a view

    assert delete(runs, "1", "-m", mongo_url) == 1
    assert "it cannot be deleted (MongoDB failed: WriteError)" in capsys.readouterr().err
    assert files(runs) == before


def kill_at(step, function, *arguments):
    """Call a function in a process that is killed before its step-th change of the disk or of MongoDB.

    Returns:
        Whether it was killed.
    """
    child = os.fork()
    if child == 0:
        try:
            count_down(step)
            with Path(os.devnull).open("w") as devnull:
                sys.stdout = sys.stderr = devnull
                function(*arguments)
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def count_down(step):
    from pymongo.collection import Collection

    left = [step]

    def killing(function):
        def call(*arguments, **options):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return call

    for place, names in (
        (os, ("unlink", "rmdir", "rename")),
        (Path, ("rename", "rmdir")),
        (Collection, ("delete_many",)),
    ):
        for name in names:
            setattr(place, name, killing(getattr(place, name)))


def check_kill(runs, step, *places):
    """Kill a deletion of run 1, and check that it is intact or shown, and that the next deletion finishes it."""
    before = files(runs / "1")
    killed = kill_at(step, delete, runs, "1", *places)
    left = aside(runs)
    if (runs / "1").exists():
        assert files(runs / "1") == before
    elif left and list(left[0].iterdir()):
        assert json.loads((left[0] / "run.json").read_text())["uuid"] or step > len(before)
    if killed:
        assert delete(runs, "1", *places) == 0
    assert aside(runs) == []
    assert sorted(path.name for path in runs.glob("[0-9]*")) == ["2", "3"]
    return killed


def test_a_deletion_that_is_killed_at_any_step_is_finished_by_the_next_one(runs, tmp_path):
    steps = 0
    while check_kill(shutil.copytree(runs, tmp_path / f"killed-{steps}"), steps):
        steps += 1

    assert steps >= 7


@pytest.mark.slow
def test_a_deletion_that_is_killed_at_any_step_leaves_nothing_in_mongodb_once_it_is_finished(
    runs, plain, mongo_url, tmp_path
):
    steps, killed = 0, True
    while killed:
        copy = shutil.copytree(runs, tmp_path / f"killed-{steps}")
        main(["sync", str(copy), "-m", mongo_url])
        killed = check_kill(copy, steps, "-m", mongo_url)
        assert sorted(plain.runs.distinct("_id")) == sorted(plain.metrics.distinct("run_id"))
        assert plain.runs.count_documents({}) == 2
        referred = {f for run in plain.runs.find() for _, f in run["experiment"]["sources"]}
        referred |= {artifact["file_id"] for run in plain.runs.find() for artifact in run["artifacts"]}
        assert set(plain["fs.files"].distinct("_id")) == referred
        steps += 1

    assert steps >= 11
