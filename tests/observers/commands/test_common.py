import argparse
import io

import pytest

from observers.commands.common import Warnings, conditions_of, confirmed, needed_database_of, runs_of


def test_the_runs_are_those_of_the_place_or_of_the_option():
    assert str(runs_of(argparse.Namespace(place=None, runs="a"))) == "a"
    assert str(runs_of(argparse.Namespace(place="b", runs="a"))) == "b"
    assert str(runs_of(argparse.Namespace(runs="a"))) == "a"


def test_all_conditions_must_hold():
    assert conditions_of(argparse.Namespace(where=["a=1", "b=2"])) == "a=1 b=2"
    assert conditions_of(argparse.Namespace(where=None)) is None


def test_a_database_that_is_needed_and_not_named_is_asked_for(monkeypatch):
    monkeypatch.delenv("MONGO_URL", raising=False)

    with pytest.raises(ValueError, match="give -m URL or set MONGO_URL"):
        needed_database_of(argparse.Namespace(address=None))


@pytest.mark.parametrize(("answer", "expected"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("", False)])
def test_a_plan_is_shown_and_confirmed(answer, expected, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))

    assert confirmed(["a run \x1b[2J"], yes=False) == expected
    out = capsys.readouterr().out
    assert out.startswith("a run \\x1b[2J\ndelete all of this? [y/N]")
    assert ("nothing was deleted" in out) != expected


def test_warnings_are_printed_and_remembered(capsys):
    warnings = Warnings()
    warnings("runs/1: MongoDB keeps its config")

    assert (warnings.count, warnings.speak_of("MongoDB keeps"), warnings.speak_of("MongoDB lacks")) == (1, True, False)
    assert capsys.readouterr().err == "runs/1: MongoDB keeps its config\n"
