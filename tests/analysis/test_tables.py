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
        "result",
        "extrapolation/accuracy",
        "best_step",
        "hidden",
    ]


def test_the_table_of_no_runs_is_empty():
    assert table([]).empty
    assert overview([]).columns.tolist() == ["status", "result", "best_step"]
