import sys

import pytest

from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json


@pytest.fixture
def record(tmp_path, run_recorded):
    """Record a run with artifacts, given as names and contents; return the run directory."""

    def run(*artifacts, then=lambda _: None):
        def body(run):
            for name, content in artifacts:
                (tmp_path / "made").write_bytes(content)
                run.add_artifact(tmp_path / "made", name)
            then(run)

        run_recorded(tmp_path / "runs", body=body)
        return tmp_path / "runs" / "1"

    return run


def test_an_artifact_is_stored_under_its_name(record):
    directory = record(("model.bin", b"one"), ("deep/er/model.bin", b"two"))

    assert (directory / "model.bin").read_bytes() == b"one"
    assert (directory / "deep/er/model.bin").read_bytes() == b"two"
    assert read_json(directory / "run.json")["artifacts"] == ["model.bin", "deep/er/model.bin"]


def test_artifacts_with_the_same_name_are_all_kept(record):
    directory = record(("model.bin", b"one"), ("model.bin", b"two"), ("model.bin", b"three"))

    stored = ["model.bin", "model-2.bin", "model-3.bin"]
    assert [(directory / name).read_bytes() for name in stored] == [b"one", b"two", b"three"]
    assert read_json(directory / "run.json")["artifacts"] == stored


def test_the_same_content_is_stored_once(record):
    directory = record(("model.bin", b"one"), ("model.bin", b"two"), ("model.bin", b"one"), ("model.bin", b"two"))

    assert sorted(path.name for path in directory.glob("model*")) == ["model-2.bin", "model.bin"]
    assert read_json(directory / "run.json")["artifacts"] == ["model.bin", "model-2.bin"]


def test_an_artifact_that_is_in_the_directory_already_is_unchanged(tmp_path, record):
    def add(run):
        (tmp_path / "runs" / "1" / "model.bin").write_bytes(b"one")
        run.add_artifact(tmp_path / "runs" / "1" / "model.bin")

    directory = record(then=add)

    assert [path.name for path in directory.glob("model*")] == ["model.bin"]
    assert read_json(directory / "run.json")["artifacts"] == ["model.bin"]


@pytest.mark.parametrize(
    "name",
    ["run.json", "./run.json", "metrics.jsonl", "cout.txt", ".reserve", "run.json/x", "../x", "a/../../x", "", "."],
)
def test_a_reserved_name_is_refused_with_one_line(tmp_path, record, capsys, name):
    directory = record((name, b"{"), ("model.bin", b"one"))
    errors = capsys.readouterr().err.splitlines()

    assert len(errors) == 1
    assert errors[0].startswith(f"{directory}: artifact {name} is not recorded: ")
    assert read_json(directory / "run.json")["artifacts"] == ["model.bin"]
    assert read_json(directory / "run.json")["status"] == "COMPLETED"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made", "runs"]
    assert read_run(directory).damage == ()


def test_an_absolute_path_is_refused(tmp_path, record, capsys):
    record((f"{tmp_path}/elsewhere", b"one"))

    assert "not a name for an artifact" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("artifact", ["missing.bin", "."])
def test_later_artifacts_are_stored_after_one_that_is_not_a_file(tmp_path, record, capsys, artifact):
    def add(run):
        run.add_artifact(tmp_path / artifact, "model.bin")
        run.add_artifact(tmp_path / "made", "model.bin")
        run.add_resource(tmp_path / "missing.txt")
        run.add_resource(tmp_path / "made")
        run.log_scalar("late", 1.0, 1)

    directory = record(("first.bin", b"one"), then=add)
    run, errors = read_json(directory / "run.json"), capsys.readouterr().err.splitlines()

    assert run["artifacts"] == ["first.bin", "model.bin"]
    assert [resource[0] for resource in run["resources"]] == [str(tmp_path / "made")]
    assert run["status"] == "COMPLETED"
    assert "late" in read_json(directory / "metrics.json")
    assert [line.partition(" is not")[0] for line in errors] == [
        f"{directory}: artifact model.bin",
        f"{directory}: {tmp_path / 'missing.txt'}",
    ]


def test_metadata_and_content_type_of_an_artifact_are_stored(tmp_path, record):
    def add(run):
        run.add_artifact(tmp_path / "made", "model.bin", metadata={"step": 20}, content_type="text/plain")

    directory = record(("first.bin", b"one"), then=add)

    assert read_json(directory / "run.json")["artifact_details"] == {
        "model.bin": {"metadata": {"step": 20}, "content_type": "text/plain"}
    }


def test_a_warning_that_cannot_be_printed_does_not_end_the_run(tmp_path, record, monkeypatch):
    class Closed:
        def write(self, text):
            raise OSError("no terminal")

        def flush(self):
            pass

    def add(run):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", Closed())
            run.add_artifact(tmp_path / "missing.bin")
            run.add_artifact(tmp_path / "made")

    directory = record(("first.bin", b"one"), then=add)

    assert read_json(directory / "run.json")["artifacts"] == ["first.bin", "made"]
