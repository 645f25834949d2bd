"""The lines and the table of a sweep."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import (
    RunResult,
    format_best,
    format_missing,
    format_table,
)
from observers.stored_runs.stored_run import StoredRun


def result(value, error=None, directory="runs/1", task="parity", validation=None, **values):
    entry = {"status": "FAILED" if error else "COMPLETED", "result": value, "uuid": "u"}
    info = {"best_validation": value if validation is None else validation}
    return RunResult(values, StoredRun(Path(directory), entry, {"task": task}, info, ()), error)


def test_a_row_has_the_varied_entries_the_result_and_the_run():
    results = [result(0.5, hidden=8), result(0.25, hidden=16, directory="runs/12")]

    assert format_table(results, ["hidden"]) == (
        "  hidden    validation    test accuracy      run\n"
        "       8           0.5              0.5   runs/1\n"
        "      16          0.25             0.25  runs/12"
    )


def test_seeds_share_a_row():
    results = [result(value, hidden=8, seed=seed) for seed, value in enumerate([0.5, 0.75, 1.0])]

    assert format_table(results, ["hidden", "seed"]).splitlines() == [
        "  hidden    validation: median    test accuracy: median    lowest    highest    runs",
        "       8                  0.75                     0.75       0.5          1       3",
    ]


def test_results_of_several_tasks_stand_beside_their_measures():
    results = [result(0.5, task="parity"), result(12.0, validation=3, task="number")]
    table = format_table([replace(each, values={"task": each.run.config["task"]}) for each in results], ["task"])

    assert [line.split() for line in table.splitlines()] == [
        ["task", "validation", "test", "result", "run", "measure"],
        ["parity", "0.5", "0.5", "runs/1", "accuracy"],
        ["number", "3", "12", "runs/1", "mean", "absolute", "error"],
    ]


def test_numbers_are_printed_as_they_were_typed():
    [_, row] = format_table([result(0.5, learning_rate=0.001, head="1e5")], ["learning_rate", "head"]).splitlines()

    assert row.split() == ["0.001", "1e5", "0.5", "0.5", "runs/1"]


def test_runs_without_a_result_are_not_in_the_table():
    assert format_table([result(None, "FAILED: no", hidden=8)], ["hidden"]) == "no run has a result"


@pytest.mark.parametrize(
    ("task", "best"), [("parity", "accuracy 0.75: hidden=16"), ("number", "mean absolute error 0.5: hidden=8")]
)
def test_the_best_configuration_has_the_highest_accuracy_or_the_lowest_error(task, best):
    results = [
        result(0.5, task=task, hidden=8),
        result(0.75, task=task, hidden=16),
        result(None, "FAILED", task=task, hidden=32),
    ]

    assert format_best(results, ["hidden"]).startswith(f"best by validation, {best} (test ")
    assert format_best(results[1:], ["hidden"]) == "", "one configuration is not the best of anything"


def test_validation_chooses_and_the_test_reports():
    results = [result(0.9, validation=0.6, hidden=8), result(0.7, validation=0.8, hidden=16)]

    assert format_best(results, ["hidden"]) == "best by validation, accuracy 0.8: hidden=16 (test 0.7)"


def test_a_configuration_whose_runs_diverge_is_not_the_best():
    def diverged(seed):
        failed = result(None, validation=0.9, hidden=16, seed=seed)
        return replace(failed, run=replace(failed.run, entry={**failed.run.entry, "status": "DIVERGED"}))

    results = [result(0.5, hidden=8, seed=seed) for seed in range(3)]
    results += [result(0.9, hidden=16, seed=0), diverged(1), diverged(2)]

    assert format_best(results, ["hidden", "seed"]) == "best by validation, median accuracy 0.5: hidden=8 (test 0.5)"


def test_the_median_over_seeds_chooses_and_not_the_luckiest_seed():
    lucky = [result(value, hidden=8, seed=seed) for seed, value in enumerate([0.1, 0.2, 1.0])]
    steady = [result(value, hidden=16, seed=seed) for seed, value in enumerate([0.6, 0.7, 0.8])]

    assert format_best([*lucky, *steady], ["hidden", "seed"]) == (
        "best by validation, median accuracy 0.7: hidden=16 (test 0.7)"
    )


def test_equals_are_named():
    results = [result(0.5, hidden=8, validation=1.0), result(1.0, hidden=16), result(0.2, hidden=32)]

    assert format_best(results, ["hidden"]) == (
        "best by validation, accuracy 1: hidden=8 (test 0.5), hidden=16 (test 1)"
    )


def test_runs_of_different_tasks_have_no_best_configuration():
    assert format_best([result(0.5, task="parity", hidden=1), result(0.5, task="number", hidden=2)], ["hidden"]) == ""


@pytest.mark.parametrize("strange", [{"a": 1}, [1], "0.5", True, float("nan")])
def test_a_result_that_is_no_number_is_none(strange):
    assert result(strange, hidden=8).value is None


def test_runs_without_a_result_are_listed_with_their_reason():
    results = [
        result(0.5, hidden=8),
        result(None, "FAILED: no", hidden=16, directory="runs/2"),
        RunResult({"hidden": 32}, None, "refused: no"),
    ]

    assert format_missing(results, ["hidden"]) == (
        "without a result: 2\n  hidden=16: FAILED: no  runs/2\n  hidden=32: refused: no"
    )
    assert format_missing(results[:1], ["hidden"]) == ""


def test_a_line_is_printed_for_each_run_that_ends(capsys):
    printer = ResultPrinter(12, ["hidden", "seed"])
    printer.add(result(0.5, hidden=8, seed=3))
    printer.add(result(None, "FAILED: what went wrong", hidden=8, seed=4, directory="runs/2"))
    printer.close()

    assert capsys.readouterr().out == (
        " 1/12  hidden=8 seed=3  accuracy 0.5  runs/1\n 2/12  hidden=8 seed=4  FAILED: what went wrong  runs/2\n"
    )


def test_a_terminal_shows_a_progress_bar(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    printer = ResultPrinter(2, ["seed"])
    printer.add(result(0.5, seed=1))
    printer.close()

    assert "1/2" in terminal.getvalue()
