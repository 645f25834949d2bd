import json

import pytest

from analysis.loading import load_runs
from analysis.tables import overview, table


def test_the_table_has_every_config_entry_and_metric(runs):
    assert table(load_runs(runs)).to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "cpu_seconds": [pytest.approx(1.25), pytest.approx(1.25)],
        "parent": [None, None],
        "code": [None, None],
        "hidden": [16, 32],
        "seed": [1, 1],
        "train/loss": [1.0, 1.0],
    }


def test_the_overview_shows_results_and_the_config_entries_that_differ(runs):
    shown = overview(load_runs(runs))

    assert shown.index.tolist() == [2, 10]
    assert shown.to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "hidden": [16, 32],
    }


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
        "test/accuracy",
        "extrapolation/accuracy",
        "result",  # of the other run
        "best_step",
        "hidden",
    ]


def test_the_table_of_no_runs_is_empty():
    assert table([]).empty
    assert overview([]).columns.tolist() == ["status", "best_step"]


def test_an_entry_that_only_some_runs_have_differs(runs):
    (runs / "2" / "config.json").write_text(json.dumps({"hidden": 16, "seed": 1, "memory": None}))
    (runs / "10" / "config.json").write_text(json.dumps({"hidden": 16, "seed": 1, "memory": 5}))

    assert overview(load_runs(runs))["memory"].tolist()[1] == 5


def test_results_of_two_tasks_stand_under_the_names_of_their_measures(runs):
    for run, measure in (("2", "test/accuracy"), ("10", "test/mean_absolute_error")):
        metric = {measure: {"steps": [1], "values": [0.5], "timestamps": [""]}}
        (runs / run / "metrics.json").write_text(json.dumps(metric))
    shown = overview(load_runs(runs))

    assert shown.columns.tolist()[1:3] == ["test/accuracy", "test/mean_absolute_error"]
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
