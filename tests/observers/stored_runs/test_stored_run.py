import pytest

from observers.stored_runs.stored_run import read_run


def test_a_run_is_read(recorded):
    run = read_run(recorded("1"))

    assert (run.uuid, run.status, run.damage) == ("uuid of 1", "COMPLETED", ())
    assert run.entry == {"status": "COMPLETED", "uuid": "uuid of 1"}
    assert run.config == {"seed": 1}
    assert run.info == {"best_step": 20, "uuid": "uuid of 1"}
    assert run.journal == run.directory / "metrics.jsonl"


@pytest.mark.parametrize("file", ["config", "info"])
@pytest.mark.parametrize(
    ("content", "damage"),
    [
        (None, ".json is missing"),
        ("", ".json is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[1]", ".json is not a mapping of names to values"),
    ],
)
def test_a_run_with_a_missing_or_corrupt_file_is_read_and_the_file_is_named(recorded, file, content, damage):
    run = read_run(recorded("1", **{file: content}))

    assert run.damage == (f"{file}{damage}",)
    assert getattr(run, file) == ({"uuid": "uuid of 1"} if file == "info" else {})
    assert run.status == "COMPLETED"


def test_the_uuid_is_that_of_run_json(recorded):
    assert read_run(recorded("1", info='{"uuid": 7}')).info == {"uuid": "uuid of 1"}


def test_a_directory_in_place_of_a_file_is_damage(recorded):
    directory = recorded("1", config=None)
    (directory / "config.json").mkdir()

    assert read_run(directory).damage == ("config.json is a directory",)


def test_a_missing_journal_is_damage(recorded):
    (recorded("1") / "metrics.jsonl").unlink()

    assert read_run(recorded("2").parent / "1").damage == ("metrics.jsonl is missing",)


def test_a_journal_that_is_not_opened_is_not_said_to_be_missing(recorded, tmp_path):
    journal = recorded("1") / "metrics.jsonl"
    journal.rename(tmp_path / "journal")
    journal.symlink_to(tmp_path / "journal")

    assert read_run(journal.parent).damage == ("metrics.jsonl is a link that leads out of the directory",)
