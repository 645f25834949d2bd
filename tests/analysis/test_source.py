import argparse

import pytest

from analysis.source import add_source, describe, load_or_exit


def test_a_source_is_required_unless_there_is_a_default(capsys):
    for default, arguments in (("runs", []), (None, ["runs"])):
        parser = argparse.ArgumentParser()
        add_source(parser, default)
        assert parser.parse_args(arguments).runs == "runs"
    with pytest.raises(SystemExit):
        parser.parse_args([])

    assert "RUNS" in capsys.readouterr().err


def test_a_database_is_described_without_its_password():
    assert describe("mongodb://name:secret@127.0.0.1:9/runs") == "the database"
    assert describe("runs/study") == "runs/study"


def test_a_source_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(SystemExit, match="nowhere is not a directory of runs"):
        load_or_exit(str(tmp_path / "nowhere"))
