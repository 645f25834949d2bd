"""The journal of a search: shared by processes, whole after a kill, refused if it is damaged."""

import multiprocessing
import resource
import threading
import time
from pathlib import Path

import optuna
import pytest

from experiments.sweeps.trials import journal
from experiments.sweeps.trials.journal import alone, open_journal

LINE = b'{"op_code":4,"study_id":0,"worker_id":"'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs" / "_search" / "a.journal"


def open_study(path):
    return optuna.create_study(study_name="a", storage=open_journal(path), load_if_exists=True)


def ask(path, count):
    study = open_study(path)
    for _ in range(count):
        study.ask().suggest_float("x", 0, 1)


def test_processes_append_to_one_journal(path):
    open_study(path)
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=ask, args=(path, 20)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    trials = open_study(path).get_trials()
    assert [trial.number for trial in trials] == list(range(40))
    assert all("x" in trial.params for trial in trials)


@pytest.mark.parametrize("part", [LINE, LINE * 300, b"\0" * 5000], ids=["short", "long", "zeros"])
def test_a_line_that_a_killed_process_has_left_in_part_is_removed(path, part):
    ask(path, 2)
    with path.open("ab") as file:
        file.write(part)

    assert len(open_study(path).get_trials()) == 2
    ask(path, 1)
    assert len(open_study(path).get_trials()) == 3
    assert part not in path.read_bytes()


def test_a_journal_with_nothing_but_a_part_of_a_line_begins_anew(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(LINE)
    ask(path, 1)

    assert len(open_study(path).get_trials()) == 1


@pytest.mark.parametrize("line", [b"{damage}\n", b"\n", b"7\n", b"[]\n", b"{}\n", b"\xff\n"])
def test_a_journal_that_is_damaged_is_refused_by_its_name(path, line):
    ask(path, 2)
    first, *others = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + line + b"".join(others))

    with pytest.raises(ValueError, match=r"a\.journal is damaged .*: move it away, and the search begins anew"):
        open_journal(path)


def test_a_journal_that_cannot_be_written_is_named(path):
    study = open_study(path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: '.*/a\.journal'"):
            study.ask()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_a_killed_process_has_locked_is_free_after_a_while(path, monkeypatch):
    monkeypatch.setattr(journal, "_GRACE", 3)
    ask(path, 1)
    Path(f"{path}.lock").touch()
    before = time.monotonic()
    ask(path, 1)

    assert 3 < time.monotonic() - before < 30
    assert list(path.parent.iterdir()) == [path]


def test_one_process_at_a_time_is_alone(tmp_path):
    inside, most = 0, []

    def enter():
        nonlocal inside
        for _ in range(5):
            with alone(tmp_path / "asking"):
                inside += 1
                most.append(inside)
                time.sleep(0.002)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 15
