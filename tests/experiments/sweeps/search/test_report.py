"""What a search prints: its space, the best trials, and how many it has pruned."""

from pathlib import Path

from experiments.sweeps.options import read_command_line
from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.report import format_announcement, format_results, format_space
from observers.stored_runs.stored_run import StoredRun


def result(number, validation=None, status="COMPLETED", **info):
    entry = {"status": status, "result": validation, "uuid": "u"}
    stored = StoredRun(Path(f"runs/{number}"), entry, {"task": "number"}, {"best_validation": validation, **info}, ())
    return RunResult({"hidden": number}, stored)


def pruned(number, step):
    return result(number, status="PRUNED", pruned_at_step=step, pruned_validation=7.5)


def test_the_space_has_a_line_for_each_drawn_entry():
    grid = read_grid(["learning_rate~loguniform(1e-4,1e-1)", "hidden~uniform(8,64)", "head~choice(nac,nalu)"])

    assert format_space(grid.draws) == (
        "  learning_rate  from 0.0001 to 0.1, on a logarithmic scale\n"
        "  hidden         whole numbers from 8 to 64\n"
        "  head           one of nac, nalu"
    )


def test_the_announcement_counts_trials():
    options = read_command_line(["number", "hidden~uniform(8,64)", "--search", "tpe", "--runs", "50"])

    assert format_announcement(options, 100, 2) == (
        "search by tpe, pruned by median: 100 trials to run, once TensorFlow is imported; 2 searches of 50"
    )
    assert format_announcement(options, 0, 1) == "search by tpe, pruned by median: 50 ended already"


def test_the_best_ten_are_shown_the_best_first():
    shown = format_results([result(number, float(20 - number)) for number in range(12)], ["hidden"]).splitlines()

    assert shown[0] == "the best 10 of 12 by validation"
    assert [line.split()[0] for line in shown[2:12]] == [str(number) for number in range(11, 1, -1)]
    assert shown[12] == "best by validation, mean absolute error 9: hidden=11 (test 9)"


def test_all_runs_of_the_best_configurations_count():
    found = [result(hidden, float(value)) for hidden in (8, 16) for value in range(hidden, hidden + 9)]
    shown = format_results(found, ["hidden"]).splitlines()

    assert [line.split() for line in shown[1:3]] == [
        ["8", "12", "12", "8", "16", "9"],
        ["16", "20", "20", "16", "24", "9"],
    ]
    assert shown[3] == "best by validation, median mean absolute error 12: hidden=8 (test 12)"


def test_pruned_trials_are_counted_and_are_not_the_best():
    shown = format_results([result(1, 2.0), result(2, 3.0), pruned(3, 50), pruned(4, 100), pruned(5, 100)], ["hidden"])

    assert shown.endswith("(test 2)\npruned: 3 of 5 runs, at step 100 in the median")
    assert "runs/3" not in shown


def test_a_search_in_which_no_trial_has_ended_says_so():
    assert format_results([], ["hidden"]) == "no run has a result"
