"""What a sweep prints: warnings on standard error, and results, as far as a terminal shows them."""

import io
from pathlib import Path

import pytest

from experiments.sweeps.printer import MOST_ON_TERMINAL, ResultPrinter, print_lines, print_results
from experiments.sweeps.results import RunResult
from observers.stored_runs.stored_run import StoredRun
from tests.experiments.commands.runs import write_run
from tests.experiments.place import SWEEP, Place


def test_a_warning_of_many_runs_is_printed_once(capsys):
    printer = ResultPrinter(3, ["seed"])
    for seed, warnings in enumerate(("the disk is old", "the disk is old\nrun 2 is late", "the disk is old")):
        printer.add(RunResult({"seed": seed}, None, stderr=warnings))

    assert capsys.readouterr().err.splitlines() == ["-: the disk is old", "-: run 2 is late"]


def test_runs_that_cannot_be_read_are_told_before_their_configs_are_trained_anew(tmp_path):
    place = Place(tmp_path)
    (write_run(tmp_path / "runs", "1") / "run.json").write_bytes(b"")
    (write_run(tmp_path / "runs", "2") / "config.json").unlink()
    done = place.run("parity", "fast", "--dry-run", script=SWEEP)

    skipped, damaged, *_ = done.stderr.splitlines()
    assert skipped.startswith("skipped runs/1: run.json is not JSON")
    assert damaged == "runs/2: config.json is missing"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def ended(value, **values):
    entry = {"status": "COMPLETED", "result": value, "uuid": "u"}
    return RunResult(values, StoredRun(Path("runs/1"), entry, {"task": "parity"}, {"best_validation": value}, ()))


def printed(monkeypatch, stream, function, *arguments, **options):
    monkeypatch.setattr("sys.stdout", stream)
    function(*arguments, **options)
    return stream.getvalue().splitlines()


def test_a_terminal_shows_the_best_of_many_configurations_the_best_first(monkeypatch):
    results = [ended(hidden / 1000, hidden=hidden, seed=seed) for hidden in range(1, 101) for seed in (1, 2)]
    lines = printed(monkeypatch, Terminal(), print_results, results, ["hidden", "seed"], is_complete=True)

    shown = [line.split()[0] for line in lines[2:-2]]
    assert shown == [str(hidden) for hidden in range(100, 100 - MOST_ON_TERMINAL, -1)]
    assert lines[-2] == "... the best 40 of 100 by validation; to see all, repeat the command with | less"
    assert lines[-1].startswith("best by validation, median accuracy 0.1: hidden=100")


def test_anything_but_a_terminal_gets_all_in_the_order_of_the_sweep(monkeypatch):
    results = [ended(hidden / 1000, hidden=hidden) for hidden in range(1, 101)]
    lines = printed(monkeypatch, io.StringIO(), print_results, results, ["hidden"], is_complete=True)

    assert [line.split()[0] for line in lines[2:-1]] == [str(hidden) for hidden in range(1, 101)]


def test_a_terminal_shows_a_table_that_is_not_long_in_the_order_of_the_sweep(monkeypatch):
    results = [ended(hidden / 1000, hidden=hidden) for hidden in range(1, MOST_ON_TERMINAL + 1)]
    lines = printed(monkeypatch, Terminal(), print_results, results, ["hidden"], is_complete=True)

    assert [line.split()[0] for line in lines[2:-1]] == [str(hidden) for hidden in range(1, MOST_ON_TERMINAL + 1)]


@pytest.mark.parametrize(("stream", "count"), [(Terminal(), MOST_ON_TERMINAL), (io.StringIO(), 100)])
def test_a_terminal_shows_the_beginning_of_a_long_list(monkeypatch, stream, count):
    lines = printed(monkeypatch, stream, print_lines, [f"  {number}" for number in range(100)])

    assert lines[:count] == [f"  {number}" for number in range(count)]
    assert lines[count:] == ["  ... and 60 more; to see all, repeat the command with | less"][: 100 - count]


def test_a_list_without_lines_prints_nothing(capsys):
    print_lines([])

    assert capsys.readouterr().out == ""
