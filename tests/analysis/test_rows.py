import pytest

from analysis.loading import load_runs
from analysis.rows import OWN_COLUMNS, column_of, row_of
from analysis.tables import table
from tests.analysis.conftest import write_run


def test_a_metric_with_the_name_of_another_column_keeps_both(runs):
    metrics = {"loss": 1.5, "status": 2, "hidden": 3, "train/loss": 4}
    write_run(runs, 2, {"loss": "mse", "hidden": 16}, metrics)
    row, measured = row_of(load_runs(runs)[0])

    assert (row["loss"], row["status"], row["hidden"]) == ("mse", "COMPLETED", 16)
    assert measured == {"metric.hidden": 3, "metric.loss": 1.5, "metric.status": 2, "train/loss": 4}


@pytest.mark.parametrize("name", ["run", "tag", "status", "note"])
def test_a_config_entry_with_the_name_of_another_column_has_a_prefix(name):
    assert name in OWN_COLUMNS
    assert column_of(name) == f"config.{name}"
    assert column_of("hidden") == "hidden"


def test_the_validation_of_the_result_is_that_of_the_kept_checkpoint(runs):
    metrics = {"validation/accuracy": {10: 0.75, 20: 0.5}, "validation/loss": {10: 1, 20: 2}, "test/accuracy": 0.25}
    write_run(runs, 2, {}, metrics, {"best_step": 10, "best_validation": 0.75})
    write_run(runs, 10, {}, metrics, status="INTERRUPTED")
    best, interrupted = (row_of(run)[1] for run in load_runs(runs))

    assert (best["validation/accuracy"], best["validation/loss"]) == (0.75, 2)
    assert interrupted["validation/accuracy"] == 0.5


def test_a_run_that_was_resumed_after_its_last_validation_has_the_one_that_its_info_names(runs):
    write_run(runs, 2, {}, {"test/accuracy": 0.25}, {"best_step": 10, "best_validation": 0.75})

    assert row_of(load_runs(runs)[0])[1] == {"test/accuracy": 0.25, "validation/accuracy": 0.75}


@pytest.mark.parametrize("step", [1e300, "last", 1.5, True])
def test_a_step_that_is_none_is_missing(runs, step):
    write_run(runs, 2, {}, {}, {"best_step": step})

    assert row_of(load_runs(runs)[0])[0]["best_step"] is None


def test_whole_numbers_of_any_size_stay_whole(runs):
    write_run(runs, 2, {"max_number": 10**18 - 1})
    write_run(runs, 10, {})

    assert table(load_runs(runs))["max_number"].tolist()[0] == 10**18 - 1
