"""Command lines and runs from start to end: help, exit statuses, and reproducible runs."""

import re
import shutil
import subprocess
import sys

import pytest

from tests.experiments.place import entry, points


def test_print_config_shows_every_entry_with_its_help(place, run_in_process):
    done = run_in_process(place, "print_config", "with", "hidden=32")

    assert done.returncode == 0
    assert "hidden = 32" in done.stdout
    assert "units of the LSTM" in done.stdout
    assert "\x1b" not in done.stdout  # colours are for terminals
    assert not (place.directory / "runs").exists()


def test_help_explains_a_command(place, run_in_process):
    done = run_in_process(place, "help", "predict")

    assert done.returncode == 0
    assert "parity.py predict with run=... words=... [OPTIONS]\n" in done.stdout
    assert "predict with run=<id> words=elf,zwanzig" in done.stdout


def test_help_lists_no_option_that_is_refused(place, run_in_process):
    done = run_in_process(place, "help")
    listed = set(re.findall(r"--\w+", done.stdout))

    assert {"--file_storage", "--mongo_db", "--comment"} <= listed
    assert not {"--queue", "--priority", "--s3", "--sql", "--tiny_db"} & listed
    assert "mongodb://HOST:PORT/DATABASE" in done.stdout


def test_exit_handlers_of_others_are_called_as_in_any_program(tmp_path):
    code = """
import atexit
from experiments.cli.main import main
from experiments.parity import experiment
atexit.register(print, "a handler")
main(experiment, ["print_config"])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert done.stdout.endswith("\na handler\n")


def test_debug_raises_the_error(place, run_in_process):
    with pytest.raises(Exception, match="juggle"):
        run_in_process(place, "juggle", "--debug")


@pytest.mark.slow
def test_an_id_that_exists_is_refused_and_its_run_is_untouched(two_runs, run_in_process):
    before = (two_runs.directory / "runs" / "1" / "run.json").read_bytes()
    done = run_in_process(two_runs, "--id", "1", "with", "fast")

    assert done.returncode == 1
    assert "runs/1 exists already" in done.stderr
    assert (two_runs.directory / "runs" / "1" / "run.json").read_bytes() == before


@pytest.mark.slow
def test_a_stored_config_gives_the_same_run_to_the_last_bit(two_runs, place):
    """The first run started cold, with another seed for the hashes of strings."""
    assert place.run("with", str(two_runs.directory / "runs" / "1" / "config.json")).returncode == 0

    [again], first = place.runs(), two_runs.runs()[0]
    assert (first / "config.json").read_bytes() == (again / "config.json").read_bytes()
    assert points(first) == points(again)
    [before], [after] = (
        [path.read_bytes() for path in run.glob("model/model.ckpt-*.data*")] for run in (first, again)
    )
    assert before == after


@pytest.mark.slow
def test_an_unobserved_run_leaves_nothing(place):
    done = place.run("--unobserved", "with", "fast")

    assert done.returncode == 0
    assert "test: accuracy" in done.stdout
    assert not list(place.directory.iterdir())


def test_an_unobserved_run_resumes_one_of_the_directory_that_is_named(place, run_in_process):
    done = run_in_process(place, "-u", "-F", "elsewhere", "with", "resume=7")

    assert done.returncode == 1
    assert done.stderr == "parity: resume=7: there is no run=7 in elsewhere (nothing is recorded there)\n"


@pytest.mark.slow
def test_a_diverged_run_is_a_result(place):
    done = place.run("with", "fast", "seed=5", "learning_rate=1000")
    [run] = place.runs()

    assert done.returncode == 0
    assert done.stderr == ""
    assert "Diverged: the loss is" in done.stdout
    assert entry(run)["status"] == "DIVERGED"
    assert entry(run)["result"] is None
    assert place.read("runs/1/info.json")["diverged_at_step"] > 1


def test_an_error_of_the_run_itself_keeps_its_traceback(place, run_in_process, monkeypatch):
    def fail(*args, **kwargs):
        raise KeyError("broken")

    monkeypatch.setattr("experiments.laboratory.show_examples", fail)
    done = run_in_process(place, "with", "fast")

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "KeyError: 'broken'" in done.stderr
    assert "failed; recorded in runs/1" in done.stdout
    assert [entry(run)["status"] for run in place.runs()] == ["FAILED"]


def test_a_run_whose_directory_is_removed_says_so_without_a_traceback(place, run_in_process, monkeypatch):
    def remove(*args, **kwargs):
        shutil.rmtree(place.directory / "runs")

    monkeypatch.setattr("experiments.laboratory.show_examples", remove)
    done = run_in_process(place, "with", "fast")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() == "runs/1 was removed while the run went on; nothing is recorded"
    assert not (place.directory / "runs").exists()
