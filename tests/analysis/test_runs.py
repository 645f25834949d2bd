import json

import pytest

from analysis.runs import load_runs, main, table


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


def test_the_table_shows_outcome_and_what_differs(runs):
    shown = table(load_runs(runs))

    assert shown.index.tolist() == [2, 10]
    assert shown.to_dict("list") == {
        "status": ["COMPLETED", "COMPLETED"],
        "result": [0.5, 0.5],
        "best_step": [20, 100],
        "hidden": [16, 32],
    }


def test_the_table_is_printed(runs, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runs", str(runs)])
    main()

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["status", "result", "best_step", "hidden"]
    assert lines[-1].split() == ["10", "COMPLETED", "0.5", "100", "32"]


@pytest.mark.parametrize(("name", "message"), [("nowhere", "is no directory of runs"), ("_sources", "holds no run")])
def test_where_there_are_no_runs_one_line_says_so(runs, name, message, monkeypatch):
    monkeypatch.setattr("sys.argv", ["runs", str(runs / name)])

    with pytest.raises(SystemExit, match=message):
        main()
