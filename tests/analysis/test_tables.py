import json
import os

import pandas as pd
import pytest

from analysis.loading import load_runs
from analysis.tables import config_entries, differing, differing_within, overview, table
from tests.analysis.conftest import write_run


def test_the_table_has_every_config_entry_and_metric(runs):
    laid_out = table(load_runs(runs))

    assert laid_out.index.tolist() == [2, 10]
    assert laid_out[["status", "result", "best_step", "cpu_seconds", "hidden", "train/loss"]].to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "cpu_seconds": [1.25, 1.25],
        "hidden": [16, 32],
        "train/loss": [1.0, 1.0],
    }
    assert laid_out[["best_validation", "duration"]].isna().all(axis=None)
    assert not laid_out[["comment", "tags", "note", "reason", "parent", "code"]].any(axis=None)


def test_the_overview_shows_results_and_the_config_entries_that_differ(runs):
    shown = overview(load_runs(runs))

    assert shown.columns.tolist() == ["status", "hidden", "result", "best_step", "duration"]
    assert shown["hidden"].tolist() == [16, 32]


def test_the_overview_shows_the_validation_of_the_checkpoint(sweep):
    shown = overview(load_runs(sweep))

    assert shown.columns.tolist()[1:5] == ["hidden", "seed", "validation/accuracy", "test/accuracy"]
    assert shown.loc[4, "validation/accuracy"] == pytest.approx(0.53)
    assert shown.loc[19, "reason"] == "ValueError: on purpose"
    assert shown.loc[3, "duration"] == 121.5


def test_the_validation_of_an_earlier_version_is_that_of_the_step_of_the_checkpoint(runs):
    metrics = {"validation/accuracy": {10: 0.75, 20: 0.5}, "test/accuracy": 0.25}
    write_run(runs, 2, {"seed": 1}, metrics, {"best_step": 10})

    assert table(load_runs(runs)).loc[2, "best_validation"] == 0.75


def test_a_config_entry_with_the_name_of_a_column_keeps_both(runs):
    write_run(runs, 2, {"result": 7, "seed": 1}, result=0.25)

    assert table(load_runs(runs)).loc[2, ["result", "config.result"]].tolist() == [0.25, 7]
    assert "config.result" in config_entries(load_runs(runs))


def test_comment_name_and_tags_are_shown_if_any_run_has_them(runs):
    write_run(runs, 2, {}, meta={"comment": "longer"}, experiment={"name": "mine"}, result=1)
    shown = overview(load_runs(runs))

    assert shown["comment"].tolist() == ["longer", ""]
    assert shown["name"].tolist() == ["mine", "parity"]


def test_a_run_whose_process_is_gone_is_dead(runs):
    entry = {"heartbeat": "2020-01-01T00:00:00", "start_time": "2020-01-01T00:00:00"}
    file = write_run(runs, 2, {}, status="RUNNING", **entry) / "run.json"
    os.utime(file, (file.stat().st_mtime - 600,) * 2)

    assert table(load_runs(runs))["status"].tolist() == ["DEAD", "COMPLETED"]


def test_entries_that_follow_from_others_do_not_make_groups():
    runs = pd.DataFrame({"head": ["a", "a", "b"], "memory": [5, 5, None], "seed": [1, 2, 1], "rate": [1, 2, 1]})
    entries = ["head", "memory", "rate", "seed"]

    assert differing(runs, entries) == entries
    assert differing_within(runs, entries, []) == ["head", "rate"]
    assert differing_within(runs, entries, ["rate"]) == ["head"]
    assert differing_within(runs, entries, [], over=["head"]) == ["rate"]


def test_a_number_does_not_follow_from_another_one_although_each_trial_has_its_own():
    runs = pd.DataFrame({"hidden": [8, 62, 31], "rate": [0.1, 0.2, 0.3], "seed": [1, 1, 1]})

    assert differing_within(runs, ["hidden", "rate", "seed"], []) == ["hidden", "rate"]


def test_the_overview_shows_the_parent_of_a_resumed_run(runs):
    (runs / "10" / "info.json").write_text(json.dumps({"best_step": 100, "parent": {"directory": "runs/2"}}))

    assert overview(load_runs(runs))["parent"].tolist() == ["", "runs/2"]


def test_the_overview_shows_the_measures_of_extrapolation(runs):
    metrics = {
        name: {"steps": [1], "values": [0.25], "timestamps": [""]}
        for name in ("extrapolation/accuracy", "extrapolation/loss", "test/accuracy")
    }
    (runs / "2" / "metrics.json").write_text(json.dumps(metrics))

    assert overview(load_runs(runs)).columns.tolist() == [
        "status",
        "hidden",
        "test/accuracy",
        "extrapolation/accuracy",
        "result",  # of the other run
        "best_step",
        "duration",
    ]


def test_the_table_of_no_runs_is_empty():
    assert table([]).empty
    assert overview([]).empty


def test_an_entry_that_only_some_runs_have_differs(runs):
    (runs / "2" / "config.json").write_text(json.dumps({"hidden": 16, "seed": 1, "memory": None}))
    (runs / "10" / "config.json").write_text(json.dumps({"hidden": 16, "seed": 1, "memory": 5}))

    assert overview(load_runs(runs))["memory"].tolist()[1] == 5


def test_results_of_two_tasks_stand_under_the_names_of_their_measures(runs):
    for run, measure in (("2", "test/accuracy"), ("10", "test/mean_absolute_error")):
        metric = {measure: {"steps": [1], "values": [0.5], "timestamps": [""]}}
        (runs / run / "metrics.json").write_text(json.dumps(metric))
    shown = overview(load_runs(runs))

    assert shown.columns.tolist()[2:4] == ["test/accuracy", "test/mean_absolute_error"]
    assert shown["test/accuracy"].notna().tolist() == [True, False]


def test_runs_of_edited_code_can_be_told_from_those_of_a_commit(runs):
    for run, dirty in (("2", False), ("10", True)):
        repositories = [{"commit": "0123456789abcdef", "dirty": dirty, "url": "/tmp"}]
        entry = {"status": "COMPLETED", "result": 0.5, "experiment": {"name": "parity", "repositories": repositories}}
        (runs / run / "run.json").write_text(json.dumps(entry))

    assert overview(load_runs(runs))["code"].tolist() == ["0123456", "0123456+"]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("run.json", {"status": "COMPLETED", "result": {"accuracy": 1}, "experiment": {"name": "parity"}}),
        ("run.json", {"status": "COMPLETED", "result": [1, 2], "experiment": "parity"}),
        ("run.json", {"status": "COMPLETED", "result": "good", "experiment": {"repositories": [{"url": None}]}}),
        ("run.json", {"status": "QUEUED", "experiment": {"name": "parity"}}),
        ("run.json", {"result": 0.5}),
        ("info.json", {"parent": "runs/1", "best_step": "last", "cpu_seconds": [1]}),
        ("info.json", {"parent": ["runs/1"], "best_step": 1.5}),
        ("info.json", [1, 2]),
        ("config.json", ["hidden", 16]),
        ("config.json", "hidden"),
        ("metrics.json", {"train/loss": {"steps": [], "values": [], "timestamps": []}}),
        ("metrics.json", {"train/loss": {"steps": [1], "values": ["a"], "timestamps": [""]}}),
        (
            "metrics.json",
            {"train/loss": {"steps": [1], "values": [{"py/object": "numpy.float64"}], "timestamps": [""]}},
        ),
        ("metrics.json", []),
    ],
)
def test_what_another_tool_recorded_takes_no_other_run_away(runs, file, content):
    (runs / "2" / file).write_text(json.dumps(content))
    everything, shown = table(load_runs(runs)), overview(load_runs(runs))

    assert everything.loc[10, "result"] == 0.5
    assert shown.loc[10, "status"] == "COMPLETED"
