import json
import os

import pytest
from incense.experiment import FileSystemExperiment
from sacred import Experiment
from sacred.observers import FileStorageObserver

from analysis.loading import load_runs
from observers.directory.journal_reader import read_points
from tests.analysis.conftest import write_run
from tests.open_files import open_files


def line(step, value, name="train/loss", time="2026-01-01T00:00:00.5"):
    return json.dumps({"name": name, "step": step, "value": value, "timestamp": time}, separators=(",", ":")) + "\n"


def points(runs):
    return load_runs(runs)[0].metrics["train/loss"].to_dict()


def write_metrics(directory, timestamp):
    metrics = {"train/loss": {"steps": [1], "values": [2.0], "timestamps": [timestamp]}}
    (directory / "metrics.json").write_text(json.dumps(metrics))


def test_runs_are_experiments_of_incense(runs):
    assert all(type(run) is FileSystemExperiment for run in load_runs(runs))
    assert load_runs(runs).project(["config.hidden"])["hidden"].tolist() == [16, 32]


def test_the_points_of_a_run_under_way_are_those_of_its_journal(runs):
    write_metrics(runs / "2", "2026-01-01T00:00:00.5")
    (runs / "2" / "metrics.jsonl").write_text(
        line(1, 2.0) + line(7, 0.5, time="2026-01-01T00:00:01.5") + '{"name":"tr'
    )

    assert points(runs) == {1: 2.0, 7: 0.5}


@pytest.mark.parametrize(
    "journal",
    [
        line(1, 9.0),
        line(0, 0.5, "test/loss") + line(1, 9.0),
        line(1, "NaN") + line(1, 2.0, "train/other") + line(1, 9.0) + '{"name":"train/loss","step":2,"va',
        line(1, 2.0) + "corrupt\n" + line(1, 9.0, time="2026-01-01T00:00:00.5"),
        "",
    ],
)
def test_the_journal_is_the_truth_also_where_metrics_json_says_something_else(runs, journal):
    """Its last point is in metrics.json as well, with another value."""
    write_metrics(runs / "2", "2026-01-01T00:00:00.5")
    (runs / "2" / "metrics.jsonl").write_text(journal)
    expected: dict[str, dict[float, object]] = {}
    for point in read_points(runs / "2" / "metrics.jsonl"):
        expected.setdefault(point.name, {})[point.step] = point.value
    metrics, last = load_runs(runs)[0].metrics, load_runs(runs)[0].metrics.last()

    assert last.keys() == expected.keys()
    for name, values in expected.items():
        assert repr(metrics[name].to_dict()) == repr(values)
        assert last[name] == list(values.values())[-1]


def test_metrics_json_does_not_stand_for_a_journal_that_cannot_be_read(runs, capsys):
    write_metrics(runs / "2", "2026-01-01T00:00:00.5")
    (runs / "journal").write_text(line(1, 2.0) + line(7, 0.5))
    (runs / "2" / "metrics.jsonl").unlink(missing_ok=True)
    (runs / "2" / "metrics.jsonl").symlink_to(runs / "journal")

    assert load_runs(runs)[0].metrics.last() == {}
    assert capsys.readouterr().err == f"{runs / '2'}: metrics.jsonl is a link that leads out of the directory\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "metrics.json is not JSON: "),
        ("[]", "metrics.json holds no steps and values"),
        ('{"a": {"steps": [1], "values": []}}', "metrics.json holds no steps and values"),
    ],
)
def test_a_damaged_metrics_json_of_a_run_without_a_journal_is_told(runs, capsys, content, problem):
    (runs / "2" / "metrics.json").write_text(content)

    metrics = load_runs(runs)[0].metrics

    assert metrics.last() == {}
    assert "a" not in metrics
    err = capsys.readouterr().err
    assert err.startswith(f"{runs / '2'}: {problem}")
    assert err.count("\n") == 1


def test_runs_that_sacred_recorded_itself_have_no_journal(tmp_path):
    experiment = Experiment("example", save_git_info=False)
    experiment.observers.append(FileStorageObserver(tmp_path / "runs"))

    @experiment.main
    def log(_run):
        for step in range(3):
            _run.log_scalar("loss", 0.5**step, step)
            _run.log_scalar("test/loss", 1)

    experiment.run(options={"--loglevel": "ERROR"})
    [run] = load_runs(tmp_path / "runs")

    assert run.metrics.last() == {"loss": 0.25, "test/loss": 1}
    assert run.metrics["loss"].to_dict() == {0: 1.0, 1: 0.5, 2: 0.25}


def test_a_hidden_file_is_an_artifact_if_it_was_recorded_as_one(runs):
    entry = json.loads((runs / "2" / "run.json").read_text())
    (runs / "2" / "run.json").write_text(json.dumps({**entry, "artifacts": [".settings", "model.bin"]}))
    before = set(load_runs(runs)[0].artifacts)
    for name in (".settings", ".nfs0001", ".metrics.json.0123456789ab", "model.bin"):
        (runs / "2" / name).touch()

    assert set(load_runs(runs)[0].artifacts) - before == {".settings", "model.bin"}


def test_output_is_read_when_it_is_asked_for(runs):
    run = load_runs(runs)[0]
    (runs / "2" / "cout.txt").write_text("later")

    assert run.captured_out == "later"


@pytest.mark.parametrize(
    "metrics", ["", "[]", "{", '{"train/loss": {"steps": [1], "values": [null], "timestamps": [1]}}']
)
def test_the_journal_replaces_a_damaged_metrics_json(runs, metrics):
    (runs / "2" / "metrics.json").write_text(metrics)
    (runs / "2" / "metrics.jsonl").write_text(line(1, "Infinity"))

    assert points(runs) == {1: float("inf")}


def test_a_corrupt_line_of_the_journal_takes_no_other_away(runs):
    (runs / "2" / "metrics.json").unlink()
    (runs / "2" / "metrics.jsonl").write_text(line(1, 2.0) + '{"name"\n' + line(3, 1.0))

    assert points(runs) == {1: 2.0, 3: 1.0}


def test_no_file_stays_open_and_artifacts_are_opened_on_demand(runs):
    (runs / "2" / "export.zip").write_bytes(b"zip")
    before = open_files()
    loaded = load_runs(runs)

    assert not open_files() - before
    assert list(loaded[0].artifacts) == ["export.zip"]
    with loaded[0].artifacts["export.zip"].file as file:
        assert file.read() == b"zip"
    with pytest.raises(KeyError):
        loaded[0].artifacts["run.json"]


def test_what_sacred_writes_beyond_json_is_read(runs):
    (runs / "2" / "info.json").write_text('{"cpu_seconds": NaN}')
    (runs / "2" / "cout.txt").unlink()
    run = load_runs(runs)[0]

    assert str(run.info["cpu_seconds"]) == "nan"
    assert run.captured_out == ""


def test_the_result_of_a_diverged_run_is_infinite(runs):
    write_run(runs, 2, result="Infinity")

    assert load_runs(runs)[0].result == float("inf")


@pytest.mark.parametrize("name", ["cout.txt", "config.json", "metrics.json"])
def test_a_pipe_in_place_of_a_file_does_not_stop_the_reading(runs, name, capsys):
    (runs / "2" / name).unlink()
    os.mkfifo(runs / "2" / name)
    loaded = load_runs(runs)

    assert [run.id for run in loaded] == ([10] if name == "config.json" else [2, 10])
    assert [list(run.metrics) for run in loaded][-1] == ["train/loss"]
    assert ("config.json is a pipe" in capsys.readouterr().err) == (name == "config.json")
