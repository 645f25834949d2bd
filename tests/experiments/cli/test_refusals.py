"""Command lines that are refused: one line, exit status 1, nothing recorded, and no TensorFlow imported."""

import json
import re
import subprocess
import sys

import pytest

REFUSED = {
    "with hidden=abc": "hidden='abc' is not a whole number from 1 to 4096",
    "with data_size=2000": "the range 0..999 holds 1000 numbers",
    "with hiden=64": "did you mean hidden?",
    "with a.b=3": "a={'b': 3} is not an entry of the config",
    "with seed=abc": "seed='abc' is not a whole number",
    "with run=3": "run=3 is not an entry of the config",
    "with missing.json": "missing.json is neither a file nor a named config (known: fast)",
    "with broken.json": "broken.json cannot be read as a config",
    "with list.json": "list.json is not a config",
    "with text.txt": "text.txt cannot be read as a config",
    "hidden=64": "did you mean 'with hidden=64'?",
    "juggle": "there is no command juggle: choose one of print_config",
    "help juggle": "there is no command juggle",
    "trian": "did you mean 'train'?",
    "--xyzzy": "there is no option --xyzzy",
    "--mongo_db": "cannot read '--mongo_db'",
    "--mongo_db foo:bar": "the address of MongoDB",
    "--file_storage text.txt": "text.txt is not a directory",
    "-F /proc/runs with fast": "/proc/runs",
    f"-F {300 * 'x'} with fast": "x: File name too long",
    f"predict -F {300 * 'x'} with run=1 words=elf": "x/1: File name too long",
    "--id ../1": "'../1' is not a run id",
    "--beat-interval soon": "--beat-interval=soon is not a number from 0.1 to 60",
    "--beat-interval 0": "--beat-interval=0 is not a number from 0.1 to 60",
    "--queue": "--queue queues a run that nothing would execute",
    "--sql sqlite://": "--sql is not supported",
    "--capture all": "--capture=all is not one of no, sys, fd",
    "--loglevel chatty": "--loglevel=chatty is not 0 to 50",
    "--loglevel 51": "--loglevel=51 is not 0 to 50",
    "with fast language=am extrapolation_max=20000 seed=0": "has no word for",
    "predict with run=1 word=elf": "did you mean words?",
    "predict with words=elf": "missing run=<id> of a run in runs (nothing is recorded there)",
    "predict with run=7 words=elf": "there is no run=7 in runs (nothing is recorded there)",
    "undeploy with run=7": "run=7 is not an entry of the config",
}

WHERE = "project=zahlen-1 region=europe-west4"
WITHOUT_TENSORFLOW = {
    "help": 0,
    "help train": 0,
    "print_config": 0,
    f"undeploy with {WHERE} dry_run=True": 0,
    f"deploy with run=1 {WHERE} bucket=gs://zahlen dry_run=True": 0,
    "with hidden=abc": 1,
    "with hiden=64": 1,
    "predict with run=9 words=elf": 1,
    "predict with words=elf": 1,
    "predict with run=1": 1,
    "predict with run=1 words=,": 1,
    "predict with run=1 words=elf hidden=3": 1,
    "predict with fast run=1 words=elf": 1,
    "explain with run=9 word=elf": 1,
    "explain with run=1": 1,
    "export with run=9": 1,
    "export with run=1 hidden=3": 1,
    "deploy with run=9": 1,
    "deploy with run=1": 1,
    "undeploy": 1,
}
"""Command lines and their exit statuses; run 1 is recorded."""

SCRIPT_WITHOUT_TENSORFLOW = """
import contextlib, io, json, sys
from experiments.cli.main import run_command_line
from experiments.parity import experiment

for line in json.load(sys.stdin):
    status = run_command_line(experiment, line.split())
    sys.stdout.flush()
    print(json.dumps([line, status, "tensorflow" in sys.modules]), flush=True)
"""


@pytest.fixture
def files(place):
    """A place with files that are no configs."""
    (place.directory / "broken.json").write_text('{"hidden": ')
    (place.directory / "list.json").write_text("[64]")
    (place.directory / "text.txt").write_text("hidden=64")
    return place


@pytest.mark.parametrize("line", REFUSED)
def test_a_refused_command_line_prints_one_line_and_records_nothing(files, run_in_process, line):
    before = sorted(files.directory.iterdir())
    done = run_in_process(files, *line.split())

    assert (done.returncode, done.stdout) == (1, "")
    assert REFUSED[line] in done.stderr
    assert done.stderr.startswith("parity: ")
    assert done.stderr.count("\n") == 1
    assert sorted(files.directory.iterdir()) == before


@pytest.mark.slow
def test_a_refused_script_exits_with_1(files):
    before = sorted(files.directory.iterdir())
    done = files.run("with", "hidden=abc", cold=True)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parity: hidden='abc' is not a whole number from 1 to 4096")
    assert done.stderr.count("\n") == 1
    assert sorted(files.directory.iterdir()) == before


@pytest.mark.slow
def test_refusals_and_dry_runs_and_help_do_not_import_tensorflow(two_runs):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT_WITHOUT_TENSORFLOW],
        cwd=two_runs.directory,
        input=json.dumps([*WITHOUT_TENSORFLOW]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]

    assert {line: status for line, status, _ in found} == WITHOUT_TENSORFLOW, done.stderr
    assert not [line for line, _, has_tensorflow in found if has_tensorflow]


@pytest.mark.slow
def test_a_script_that_is_refused_does_not_import_tensorflow(two_runs):
    done = two_runs.run("predict", "with", "run=9", "words=elf", cold=True, PYTHONPROFILEIMPORTTIME="1")

    assert done.returncode == 1
    assert re.search(r"\| +sacred$", done.stderr, re.MULTILINE)
    assert not re.search(r"\| +tensorflow$", done.stderr, re.MULTILINE)
