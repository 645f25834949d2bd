"""What a run prints, from its examples to the next commands."""

import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.data.splits import Split
from experiments.cli.summary import show_end, show_measures
from observers.directory.observer import RunDirectoryObserver
from observers.mongodb.address import read_address
from observers.mongodb.live import LiveDeliveryObserver

CONFIG = {"language": "de", "min_number": 0, "max_number": 999}


def make_experiment(directory, status="COMPLETED", **config):
    """An experiment whose run is recorded in a directory."""
    directory.mkdir(parents=True)
    observer = RunDirectoryObserver(directory.parent)
    observer.dir = str(directory)
    run = SimpleNamespace(status=status, observers=[observer], config={**CONFIG, **config})
    return SimpleNamespace(current_run=run, mainfile=SimpleNamespace(filename="experiments/parity.py"))


@pytest.mark.slow
def test_a_run_prints_its_examples_result_and_next_commands(two_runs):
    printed = (two_runs.directory / "printed" / "1").read_text(encoding="utf-8")
    lines = printed.splitlines()

    assert lines[0].startswith("parity, for example ")
    assert lines[0].endswith("words: train 120, validation 40, test 40; seed 5")
    assert len(lines) < 15
    assert any(line.startswith("test: accuracy") for line in lines)
    assert "completed; recorded in runs/1" in lines
    for command in (
        "tensorboard --logdir runs",
        "predict with run=1",
        "sweep.py parity runs/1/config.json",
        "-m analysis table runs",
    ):
        assert any(command in line for line in lines), command


@pytest.mark.slow
def test_what_was_printed_is_stored(two_runs):
    stored = (two_runs.directory / "runs" / "1" / "cout.txt").read_text()

    assert stored.strip()
    assert (two_runs.directory / "printed" / "1").read_text(encoding="utf-8").startswith(stored)


def test_the_measures_of_each_split_are_printed_with_its_numbers(capsys):
    splits = {"test": Split(np.array([999, 3]), ["neunhundertneunundneunzig", "drei"])}
    show_measures({"test": {"mean_absolute_error": 1.25, "exact": 0.5}}, splits, best_step=20, last_step=40)

    assert capsys.readouterr().out.splitlines() == [
        "test: mean absolute error 1.25, exact 0.5, on 2 numbers from 3 to 999 never seen",
        "measured with the checkpoint of step 20; training ended at step 40",
    ]


def test_commands_name_another_directory_of_runs_as_the_shell_needs_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    show_end(make_experiment(Path("other runs") / "3"))
    printed = capsys.readouterr().out

    assert "completed; recorded in other runs/3" in printed
    assert "-F 'other runs'" in printed
    [repeat] = [line for line in printed.splitlines() if line.startswith("  repeat")]
    assert shlex.split(repeat)[-3:] == ["other runs/3/config.json", "-F", "other runs"]


@pytest.mark.parametrize(
    ("address", "option"),
    [
        ("mongodb://localhost/runs?authSource=admin&tls=true", "-m"),
        ("mongodb://name:geheim@localhost/runs", None),
        ("mongodb://localhost/of_variable", None),
    ],
)
def test_commands_that_record_name_the_database_of_the_option(tmp_path, monkeypatch, capsys, address, option):
    """Unless the address is secret, or MONGO_URL has it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONGO_URL", "mongodb://localhost/of_variable")
    experiment = make_experiment(Path("runs") / "3")
    run = experiment.current_run
    run.observers.append(LiveDeliveryObserver(run.observers[0], read_address(address)))
    show_end(experiment)
    commands = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines() if line.startswith("  "))

    for label in ("repeat", "sweep"):
        assert (shlex.split(commands[label])[-2:] == ["-m", address]) == (option is not None)
    assert "-m mongodb" not in commands["predict"]
    assert "geheim" not in str(commands)


@pytest.mark.parametrize("status", ["FAILED", "DIVERGED", "PRUNED", "TERMINATED"])
def test_a_run_that_did_not_complete_is_not_to_be_compared(tmp_path, monkeypatch, capsys, status):
    monkeypatch.chdir(tmp_path)
    show_end(make_experiment(Path("runs") / "3", status))
    printed = capsys.readouterr().out

    assert f"{status.lower()}; recorded in runs/3" in printed
    assert "resume" not in printed
    assert "compare" not in printed
    assert ("predict" in printed) == (status in ("PRUNED", "TERMINATED"))


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, "elf,zwanzig"),
        ({"language": "en"}, "eleven,twenty"),
        ({"min_number": 15}, "'zwanzig,fünfzehn'"),
        ({"language": "en", "min_number": 100, "max_number": 1234}, "'one hundred'"),
    ],
)
def test_the_words_to_ask_about_are_those_of_the_run(tmp_path, monkeypatch, capsys, config, words):
    monkeypatch.chdir(tmp_path)
    show_end(make_experiment(Path("runs") / "3", **config))

    assert f"predict with run=3 words={words}\n" in capsys.readouterr().out


def test_without_a_word_that_can_be_typed_there_is_no_command_that_asks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    show_end(make_experiment(Path("runs") / "3", language="en", min_number=1101, max_number=1999))

    assert "predict" not in capsys.readouterr().out


def test_the_sweep_varies_the_config_of_the_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    show_end(make_experiment(Path("runs") / "3"))

    assert "sweep.py parity runs/3/config.json hidden=16,32,64 seed=0..2\n" in capsys.readouterr().out


def test_a_run_whose_directory_was_removed_has_no_next_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    experiment = make_experiment(Path("runs") / "3", "FAILED")
    (tmp_path / "runs" / "3").rmdir()
    show_end(experiment)

    assert capsys.readouterr().out == "\nruns/3 was removed while the run went on; nothing is recorded\n"


def test_nothing_is_printed_about_a_run_that_is_not_recorded(capsys):
    show_end(SimpleNamespace(current_run=None))

    assert capsys.readouterr().out == ""
