"""Commands that record nothing need no writable directory: the runs may be another person's, or mounted read-only."""

import pytest

from tests.experiments.place import SWEEP

UNWRITABLE = ("-F", "/dev/null/runs")


@pytest.mark.parametrize(
    "arguments", [["print_config", *UNWRITABLE], ["help", "train"], ["print_config", "--id", "1"]]
)
def test_a_command_that_records_nothing_asks_for_no_place(place, run_in_process, arguments):
    assert run_in_process(place, *arguments).returncode == 0
    assert not list(place.directory.iterdir())


def test_a_run_that_is_missing_is_named_and_not_the_place(place, run_in_process):
    done = run_in_process(place, "predict", *UNWRITABLE, "with", "run=1", "words=elf")

    assert "there is no run=1 in /dev/null/runs" in done.stderr


def test_a_dry_run_of_a_sweep_asks_for_no_place_and_a_sweep_does(place):
    dry = place.run("parity", "fast", "seed=1,2", "--dry-run", *UNWRITABLE, script=SWEEP)
    done = place.run("parity", "fast", "seed=1,2", *UNWRITABLE, script=SWEEP)

    assert (dry.returncode, dry.stderr) == (0, "")
    assert dry.stdout.startswith("2 to run\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "/dev/null/runs" in done.stderr


@pytest.mark.slow
def test_an_unrecorded_run_asks_for_no_place(place, run_in_process):
    done = run_in_process(place, "-u", *UNWRITABLE, "with", "fast", "max_steps=2", "evaluate_every=2", "seed=1")

    assert done.returncode == 0, done.stderr
    assert not list(place.directory.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("directory", "command", "picture"),
    [
        ("explain", "explain with run=1 word=elf", "runs/1/explain/elf.png"),
        ("mistakes", "mistakes with run=1 numbers=0..9", "runs/1/mistakes/0..9.png"),
    ],
)
def test_a_picture_that_cannot_be_written_is_reported_and_the_rest_is_printed(
    own_runs, run_in_process, directory, command, picture
):
    (own_runs.directory / "runs" / "1" / directory).write_text("in the way")
    done = run_in_process(own_runs, *command.split())

    assert done.returncode == 0
    assert done.stdout
    assert done.stderr.startswith(f"no picture: {picture} cannot be written: ")
    assert done.stderr.count("\n") == 1


def test_an_export_that_cannot_be_written_is_refused_before_tensorflow_is_imported(
    two_runs, run_in_process, monkeypatch
):
    monkeypatch.setattr("os.access", lambda *_: False)
    done = run_in_process(two_runs, "export", "with", "run=1")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("parity: runs/1/model/export/1 cannot be written: ")
    assert "runs/1/model/export is not writable; ask its owner for the right" in done.stderr
