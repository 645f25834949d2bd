import pytest

from observers.mongodb.fingerprint import fingerprint_of
from observers.stored_runs.stored_run import read_run

CHANGES = {
    "run.json": lambda run: (run / "run.json").write_text((run / "run.json").read_text() + " "),
    "config.json": lambda run: (run / "config.json").unlink(),
    "notes.json": lambda run: (run / "notes.json").write_text("{}"),
    "the output": lambda run: (run / "cout.txt").open("a").write("more"),
    "the journal": lambda run: (run / "metrics.jsonl").write_bytes(b""),
    "an artifact": lambda run: (run / "weights.bin").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_fingerprint_changes_with_each_file(recorded, change):
    run = recorded(3, "hello", [("weights.bin", b"1")])
    before = fingerprint_of(read_run(run))
    assert fingerprint_of(read_run(run)) == before
    CHANGES[change](run)

    assert fingerprint_of(read_run(run)) != before
