"""What a sweep says on standard error."""

from experiments.sweeps.printer import ResultPrinter
from experiments.sweeps.results import RunResult
from tests.experiments.commands.runs import write_run
from tests.experiments.place import SWEEP, Place


def test_a_warning_of_many_runs_is_printed_once(capsys):
    printer = ResultPrinter(3, ["seed"])
    for seed, warnings in enumerate(("the disk is old", "the disk is old\nrun 2 is late", "the disk is old")):
        printer.add(RunResult({"seed": seed}, None, stderr=warnings))

    assert capsys.readouterr().err.splitlines() == ["-: the disk is old", "-: run 2 is late"]


def test_runs_that_cannot_be_read_are_told_before_their_configs_are_trained_anew(tmp_path):
    place = Place(tmp_path)
    (write_run(tmp_path / "runs", "1") / "run.json").write_bytes(b"")
    (write_run(tmp_path / "runs", "2") / "config.json").unlink()
    done = place.run("parity", "fast", "--dry-run", script=SWEEP)

    skipped, damaged, *_ = done.stderr.splitlines()
    assert skipped.startswith("skipped runs/1: run.json is not JSON")
    assert damaged == "runs/2: config.json is missing"
