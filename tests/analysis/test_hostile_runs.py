"""Commands over runs that somebody has tampered with: they end, and read and execute nothing from outside."""

import os
import resource
import sys

import pytest

from analysis.commands.main import main
from tests.analysis.conftest import write_run
from tests.observers.hostile import SECRET, checked_output, plant


@pytest.fixture
def hostile(tmp_path):
    """Three good runs, and many that are not."""
    (tmp_path / "outside").mkdir()
    for number in (1, 2, 3):
        config = {"task": "parity", "hidden": 8, "seed": number}
        metrics = {"validation/accuracy": {10: 0.5, 20: 0.75}, "test/accuracy": 0.5}
        write_run(tmp_path / "runs", number, config, metrics, {"best_step": 20}, result=0.5, uuid=f"uuid-{number}")
    (tmp_path / "runs" / "_sources").mkdir()
    plant(tmp_path / "runs" / "1", tmp_path / "outside")
    return tmp_path / "runs"


def check(capfd, outside, *arguments):
    """Run a command, and check what it prints."""
    return checked_output(capfd, outside, main, *arguments)


@pytest.mark.parametrize("command", ["table", "groups", "best", "failed", "duplicates", "table --all --format csv"])
def test_commands_survive_hostile_runs(hostile, capfd, command):
    name, *options = command.split()
    out = check(capfd, hostile.parent / "outside", name, hostile, *options)

    assert out


@pytest.mark.filterwarnings("error:Glyph")  # names are shown without what controls a terminal
@pytest.mark.slow
def test_pictures_reports_and_differences_survive_hostile_runs(hostile, capfd, tmp_path):
    outside = tmp_path / "outside"
    for number in (100, 133, 188, 190, 194):
        check(capfd, outside, "diff", hostile, "2", number)
    check(capfd, outside, "plot", hostile, "-o", tmp_path / "picture.png")
    check(capfd, outside, "report", hostile, "-o", tmp_path / "report.html")

    assert SECRET not in (tmp_path / "report.html").read_text()
    assert (tmp_path / "picture.png").exists()


def in_a_process_with_few_files(function):
    """Call a function where no more than 64 files can be open; return whether it returned True."""
    child = os.fork()
    if child == 0:
        try:
            os.closerange(3, 64)  # what other tests have opened
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            os._exit(0 if function() else 1)
        finally:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_many_runs_are_read_with_few_open_files(tmp_path):
    from analysis.loading import load_runs

    for number in range(1, 151):
        directory = write_run(tmp_path, number, {"seed": number}, {"loss": 0.5}, uuid=f"uuid-{number}")
        for name in ("export.zip", "git.diff"):
            (directory / name).touch()

    def reads_all():
        runs = load_runs(tmp_path, warn=lambda line: print(line, file=sys.stderr))
        opened = [run.artifacts["git.diff"] for run in runs[:5]]
        return len(runs) == 150 and len(opened) == 5 and all(len(run.metrics) == 1 for run in runs)

    assert in_a_process_with_few_files(reads_all)
