import math

import pandas as pd
import pytest

from analysis.comparison.folding import first_steps, fold, mixed_remarks, with_failures
from analysis.loading import load_runs
from analysis.tables import table
from tests.analysis.conftest import write_run

RUNS = pd.DataFrame(
    {
        "status": "COMPLETED",
        "task": "number",
        "head": ["nalu", "nalu", "digits", "nalu"],
        "memory": [10.0, 10.0, 2.0, None],
        "seed": [1, 2, 1, 1],
        "test/mean_absolute_error": [3.0, 1.0, 0.5, 2.0],
        "test/exact": [0.2, 0.4, 1.0, 0.5],
        "best_validation": [4.0, 2.0, 0.0, 1.0],
        "cpu_seconds": [8.0, 10.0, 4.0, 1.0],
    },
    index=[1, 2, 3, 4],
)
METRIC = "test/mean_absolute_error"


def test_runs_are_folded_over_their_seeds_in_the_order_of_the_values():
    folded = fold(RUNS, ["memory", "head"], METRIC, success=0.4)

    assert folded.index.tolist() == [(2, "digits"), (10, "nalu"), ("None", "nalu")]
    row = folded.loc[(10, "nalu")]
    assert row[["runs", "median", "mean", "worst", "validation", "successes", "cpu_seconds"]].tolist() == [
        *(2, 2, 2, 3, 3, 1, 9)
    ]
    assert row["sd"] == pytest.approx(math.sqrt(2))
    assert row["exact"] == pytest.approx(0.3)
    assert math.isnan(row["low"])
    assert math.isnan(folded.loc[(2, "digits"), "sd"])


def test_a_diverged_run_has_an_infinite_error_and_is_no_success():
    runs = RUNS.assign(status=["DIVERGED", "COMPLETED", "FAILED", "COMPLETED"])
    kept = with_failures(runs)

    assert kept.index.tolist() == [1, 2, 4]
    assert kept.loc[1, METRIC] == math.inf
    folded = fold(kept[kept["memory"] == 10], ["head"], METRIC, success=0.3)
    assert folded.loc["nalu", ["successes", "worst"]].tolist() == [1, math.inf]
    assert math.isnan(folded.loc["nalu", "sd"])


def test_the_first_step_at_a_bound_is_the_median_over_the_runs_that_reached_it(sweep):
    experiments = load_runs(sweep)
    steps = first_steps(experiments, "validation/accuracy", 0.92)

    assert steps.dropna().to_dict() == {9: 30, 10: 40, 11: 50, 12: 60, 13: 10, 14: 20, 15: 30, 16: 40, 17: 50, 18: 60}
    folded = fold(with_failures(table(experiments)), ["hidden"], "test/accuracy", first_steps=steps)
    assert folded["reached"].tolist() == [0, 4, 6]
    assert folded["first_step"].tolist()[1:] == [45, 35]
    assert math.isnan(folded["first_step"].iloc[0])


def test_a_run_has_reached_what_the_runs_that_it_resumes_had_reached(tmp_path):
    curve = {"validation/accuracy": {10: 0.5, 20: 1.0}}
    write_run(tmp_path, 1, {}, curve, {"uuid": "a"}, status="INTERRUPTED")
    write_run(tmp_path, 2, {}, {}, {"uuid": "b", "parent": {"uuid": "a"}}, status="INTERRUPTED")
    write_run(tmp_path, 3, {}, {"validation/accuracy": {30: 1.0}}, {"uuid": "c", "parent": {"uuid": "b"}})
    write_run(tmp_path, 4, {}, {}, {"uuid": "d", "parent": {"uuid": "d"}})

    steps = first_steps(load_runs(tmp_path), "validation/accuracy", 0.99)
    assert steps.dropna().to_dict() == {1: 20, 2: 20, 3: 20}


def test_runs_without_a_uuid_resume_nothing(tmp_path):
    write_run(tmp_path, 1, {}, {"validation/accuracy": {10: 0.5}})
    write_run(tmp_path, 2, {}, {"validation/accuracy": {20: 1.0}})

    assert first_steps(load_runs(tmp_path), "validation/accuracy", 0.99).dropna().to_dict() == {2: 20}


def test_a_loss_reaches_its_bound_from_above(runs):
    assert first_steps(load_runs(runs), "train/loss", 1.5).tolist() == [2, 2]


def test_runs_with_the_same_seed_count_once_and_other_code_is_told():
    runs = RUNS.assign(seed=[1, 1, 1, 1], code=["a", "b", "a", "a"], name="number")
    folded = fold(runs, ["memory", "head"], METRIC)

    assert folded.loc[(10, "nalu"), ["runs", "median"]].tolist() == [1, 1]
    assert mixed_remarks(runs, ["memory", "head"]) == [
        "runs of one group differ in their code: a, b",
        "of runs with the same config and seed, the last counts",
    ]
    assert mixed_remarks(RUNS, ["memory", "head"]) == []


def test_a_diverged_run_has_the_worst_validation_and_no_extrapolation_that_its_config_lacks():
    runs = RUNS.assign(status=["DIVERGED", "COMPLETED", "DIVERGED", "COMPLETED"], extrapolation_max=[9, 9, None, 9])
    runs["extrapolation/mean_absolute_error"] = [None, 5.0, None, 6.0]
    kept = with_failures(runs)

    assert kept["best_validation"].tolist() == [math.inf, 2, math.inf, 1]
    assert kept["extrapolation/mean_absolute_error"].map(str).tolist() == ["inf", "5.0", "nan", "6.0"]
    assert kept["test/exact"].tolist() == [0, 0.4, 0, 0.5]


def test_a_loss_has_no_successes():
    folded = fold(RUNS.assign(**{"test/loss": 1.0}), ["head"], "test/loss")

    assert folded[["successes", "exact", "success_low"]].isna().all(axis=None)
