"""Run directories that are made from the contents of their files."""

import json

import pytest


@pytest.fixture
def runs(tmp_path):
    """Three runs of different hidden sizes; the last has only started."""
    for number, hidden in ((2, 16), (10, 32), (11, 64)):
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / "config.json").write_text(json.dumps({"hidden": hidden, "seed": 1}))
        (directory / "run.json").write_text(
            json.dumps({"status": "COMPLETED", "result": 0.5, "experiment": {"name": "parity"}})
        )
        (directory / "cout.txt").touch()
        if number != 11:
            (directory / "info.json").write_text(json.dumps({"best_step": 10 * number, "cpu_seconds": 1.25}))
            (directory / "metrics.json").write_text(
                json.dumps({"train/loss": {"steps": [1, 2], "values": [2.0, 1.0], "timestamps": ["", ""]}})
            )
    (tmp_path / "_sources").mkdir()
    return tmp_path


@pytest.fixture
def call(monkeypatch):
    """Call the main function of a command with arguments."""

    def call(main, *arguments):
        monkeypatch.setattr("sys.argv", ["command", *map(str, arguments)])
        main()

    return call
