import math
import sys
import types
from typing import Any

import pytest
from incense.experiment import FileSystemExperiment
from sacred import Experiment
from sacred.observers import FileStorageObserver

from observers.directory.journal_reader import read_points
from observers.directory.observer import RunDirectoryObserver, directory_of
from observers.stored_runs.stored_run import read_run
from observers.system.files import read_json
from observers.system.process import is_alive

FILES = {"run.json", "config.json", "info.json", "metrics.json", "metrics.jsonl", "cout.txt"}


def short(directory):
    return [(point.name, point.step, point.value) for point in read_points(directory / "metrics.jsonl")]


def test_the_directory_of_a_run_is_found_among_its_observers(tmp_path):
    observer = FileStorageObserver(tmp_path)
    observer.dir = str(tmp_path / "1")

    assert directory_of([observer]) == tmp_path / "1"
    assert directory_of([]) is None


def test_a_run_is_recorded_in_a_directory_of_its_own(tmp_path, run_recorded):
    run_recorded(tmp_path)
    run = read_json(tmp_path / "1" / "run.json")

    assert {path.name for path in (tmp_path / "1").iterdir()} == FILES
    assert (run["status"], run["result"]) == ("COMPLETED", 0.75)
    assert read_json(tmp_path / "1" / "config.json") == {"hidden": 8, "seed": 1}
    assert read_json(tmp_path / "1" / "info.json") == {"best_step": 20, "uuid": run["uuid"]}
    assert short(tmp_path / "1") == [("train/loss", 10, 0.5), ("train/loss", 20, 0.25)]
    assert is_alive(run["process"]) is True
    assert run["directory"] == str(tmp_path.resolve() / "1")
    assert read_run(tmp_path / "1").damage == ()


def test_incense_reads_the_run(tmp_path, run_recorded):
    run_recorded(tmp_path)
    run = FileSystemExperiment.from_run_dir(tmp_path / "1")

    assert (run.id, run.status, run.result, run.config.hidden, run.info.best_step) == (1, "COMPLETED", 0.75, 8, 20)
    assert run.metrics["train/loss"].to_dict() == {10: 0.5, 20: 0.25}


def test_the_files_of_a_run_under_way_are_complete(tmp_path, run_recorded):
    seen: dict[str, Any] = {}

    def look(run):
        seen.update(read_json(tmp_path / "1" / "run.json"), points=short(tmp_path / "1"))
        seen["info"] = read_json(tmp_path / "1" / "info.json")

    run_recorded(tmp_path, body=look)

    assert seen["status"] == "RUNNING"
    assert seen["info"] == {"uuid": seen["uuid"]}
    assert is_alive(seen["process"]) is True
    assert seen["points"] == [("train/loss", 10, 0.5), ("train/loss", 20, 0.25)]


def test_an_observer_records_a_second_run_in_another_directory(tmp_path):
    experiment = Experiment("small", base_dir=tmp_path, save_git_info=False)
    experiment.observers.append(RunDirectoryObserver(tmp_path))
    experiment.main(lambda _run: _run.log_scalar("train/loss", _run._id))
    for run_id in ("1", "2"):
        assert experiment.run()._id == run_id
    first, second = (read_run(tmp_path / name) for name in ("1", "2"))

    assert first.uuid != second.uuid
    assert [run.info["uuid"] for run in (first, second)] == [first.uuid, second.uuid]
    assert short(tmp_path / "1") == [("train/loss", 0, "1")]
    assert short(tmp_path / "2") == [("train/loss", 0, "2")]


def test_a_run_that_fails_is_recorded_with_its_traceback_and_all_points(tmp_path, run_recorded):
    def fail(run):
        run.log_scalar("validation/loss", math.nan, 20)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        run_recorded(tmp_path, body=fail)
    run = read_json(tmp_path / "1" / "run.json")

    assert run["status"] == "FAILED"
    assert "on purpose" in run["fail_trace"][-1]
    assert [point[:2] for point in short(tmp_path / "1")] == [
        ("train/loss", 10),
        ("train/loss", 20),
        ("validation/loss", 20),
    ]
    metrics = read_json(tmp_path / "1" / "metrics.json")
    assert (metrics["train/loss"]["values"], metrics["validation/loss"]["values"]) == ([0.5, 0.25], [None])


def test_an_interrupted_run_is_recorded_as_interrupted(tmp_path, run_recorded):
    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_recorded(tmp_path, body=interrupt)

    assert read_json(tmp_path / "1" / "run.json")["status"] == "INTERRUPTED"
    assert {path.name for path in (tmp_path / "1").iterdir()} == FILES


@pytest.mark.parametrize("fails", [False, True])
def test_output_is_copied_to_its_end(tmp_path, run_recorded, capsys, fails):
    def speak(run):
        print("fünf")
        print("six", file=sys.stderr)
        if fails:
            raise ValueError("on purpose")

    streams = (sys.stdout, sys.stderr)
    try:
        run_recorded(tmp_path, body=speak, copy_output=True)
    except ValueError:
        assert fails

    assert "fünf\nsix\n" in (tmp_path / "1" / "cout.txt").read_text()
    assert "fünf\n" in capsys.readouterr().out
    assert (sys.stdout, sys.stderr) == streams


def test_output_that_sacred_captures_is_recorded(tmp_path, run_recorded, monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "sys")

    def speak(run):
        print("fünf")
        run._emit_heartbeat()
        print("six")

    run_recorded(tmp_path, body=speak)
    output = (tmp_path / "1" / "cout.txt").read_text()

    assert output.startswith("fünf\n")
    assert "six\n" in output
    assert output.count("fünf") == 1


def test_a_template_beside_the_runs_is_not_executed(run_recorded, tmp_path, monkeypatch):
    rendered = []
    monkeypatch.setattr("sacred.optional.has_mako", True)
    monkeypatch.setitem(sys.modules, "mako", types.ModuleType("mako"))
    template = types.SimpleNamespace(Template=lambda **_: rendered.append("executed"))
    monkeypatch.setitem(sys.modules, "mako.template", template)
    (tmp_path / "template.html").write_text("<% executed %>")
    run_recorded(tmp_path)

    assert rendered == []
