import json

import pandas as pd
import pytest

from analysis.runs import load_runs, main, overview, table


@pytest.fixture
def runs(tmp_path):
    """Three runs of different hidden sizes, the last of which has only begun."""
    for number, hidden in ((2, 16), (10, 32), (11, 64)):
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / "config.json").write_text(json.dumps({"hidden": hidden, "seed": 1}))
        (directory / "run.json").write_text(
            json.dumps({"status": "COMPLETED", "result": 0.5, "experiment": {"name": "parity"}})
        )
        (directory / "cout.txt").touch()
        if number != 11:
            (directory / "info.json").write_text(json.dumps({"best_step": 10 * number}))
            (directory / "metrics.json").write_text(
                json.dumps({"train/loss": {"steps": [1, 2], "values": [2.0, 1.0], "timestamps": ["", ""]}})
            )
    (tmp_path / "_sources").mkdir()
    return tmp_path


def test_runs_are_loaded_in_order_and_what_is_left_out_is_named(runs, capsys):
    loaded = load_runs(runs)

    assert [run.id for run in loaded] == [2, 10]
    assert loaded[0].metrics["train/loss"].tolist() == [2.0, 1.0]
    assert f"left out {runs / '11'}" in capsys.readouterr().err


def test_the_points_of_a_run_that_goes_on_are_those_of_its_journal(runs):
    (runs / "10" / "run.json").write_text('{"status": "RUNNING"}')
    (runs / "10" / "metrics.jsonl").write_text(
        '{"name":"train/loss","step":7,"value":0.5,"timestamp":"2026-01-01T00:00:00"}\n{"name":"tr'
    )

    assert load_runs(runs)[1].metrics["train/loss"].to_dict() == {7: 0.5}


def test_the_table_has_everything(runs):
    shown = table(load_runs(runs))

    assert shown.to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "parent": [None, None],
        "hidden": [16, 32],
        "seed": [1, 1],
        "train/loss": [1.0, 1.0],
    }


def test_the_overview_shows_outcome_and_what_differs(runs):
    shown = overview(load_runs(runs))

    assert shown.index.tolist() == [2, 10]
    assert shown.to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "hidden": [16, 32],
    }


def test_the_overview_is_printed(runs, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runs", str(runs)])
    main()

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["status", "result", "best_step", "hidden"]
    assert lines[-1].split() == ["10", "COMPLETED", "0.5", "100", "32"]


def test_the_overview_names_the_run_that_another_goes_on_with(runs):
    (runs / "10" / "info.json").write_text(json.dumps({"best_step": 100, "parent": {"directory": "runs/2"}}))

    assert overview(load_runs(runs))["parent"].tolist() == ["", "runs/2"]


def test_help_tells_what_can_be_shown(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runs", "--help"])
    with pytest.raises(SystemExit) as exited:
        main()

    assert exited.value.code == 0
    assert "mongodb://HOST/NAME" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "message"), [("nowhere", "is no directory of runs"), ("_sources", "holds no run")])
def test_where_there_are_no_runs_one_line_says_so(runs, name, message, monkeypatch):
    monkeypatch.setattr("sys.argv", ["runs", str(runs / name)])

    with pytest.raises(SystemExit, match=message):
        main()


@pytest.mark.slow
def test_runs_come_alike_from_mongodb_and_from_their_directory(mongo_url, tmp_path, run_recorded):
    run_recorded(tmp_path, mongo_url)
    here, there = table(load_runs(tmp_path)), table(load_runs(mongo_url))

    pd.testing.assert_frame_equal(here, there)


def test_a_database_that_does_not_answer_is_one_line(monkeypatch):
    monkeypatch.setattr("analysis.runs._PATIENCE_MS", 100)
    monkeypatch.setattr("sys.argv", ["runs", "mongodb://name:secret@127.0.0.1:9/runs"])

    with pytest.raises(SystemExit, match="MongoDB does not answer") as raised:
        main()
    assert "secret" not in str(raised.value)


def test_the_table_of_no_runs_is_empty():
    assert table([]).empty
    assert overview([]).columns.tolist() == ["status", "result", "best_step"]
