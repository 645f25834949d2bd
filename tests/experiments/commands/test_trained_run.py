"""The run that a command names, by its id or as the best."""

from types import SimpleNamespace

import pytest

from experiments.commands.trained_run import find_trained_run
from experiments.pipeline.errors import UserError
from tests.experiments.commands.runs import write_run

UNKNOWN = ["9", 9, "../1", "..", ".", "1/..", "1/model", "_sources", "1.0", True, "BEST", "", None]


@pytest.fixture
def find(tmp_path, monkeypatch):
    """Find a run below tmp_path/runs, for number.py."""
    monkeypatch.chdir(tmp_path)
    meta_info = {"named_configs": [], "config_updates": {"run": 1}, "options": {"--file_storage": None}}
    command = SimpleNamespace(signature=SimpleNamespace(arguments=["_run", "run"]))
    run = SimpleNamespace(meta_info={**meta_info, "command": "predict"}, main_function=command)

    def find(run_id):
        return find_trained_run(run, run_id, "number")

    return find


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


@pytest.mark.parametrize("run_id", [1, "1", "runs/1"])
def test_a_run_is_found_by_its_id(find, runs, run_id):
    write_run(runs, "1", hidden=8)
    found = find(run_id)

    assert found.id == "1"
    assert found.task.name == "number"
    assert found.uuid == "uuid-1"
    assert found.model_dir == found.directory / "model"
    assert found.export_dir == found.directory / "model" / "export" / "1"
    assert found.summary == "run 1: number of 0..99, head nalu, 8 units; COMPLETED, mean absolute error 1.5"


def test_a_run_of_another_task_is_named(find, runs, capsys):
    write_run(runs, "1")
    find(1)
    assert capsys.readouterr().err == ""
    write_run(runs, "2", task="parity", head="softmax")
    assert find(2).task.name == "parity"
    assert capsys.readouterr().err.startswith("run=2 is run 2: parity of 0..99, head softmax")


@pytest.mark.parametrize("run_id", UNKNOWN)
def test_anything_but_the_id_of_a_run_is_refused(find, runs, run_id, tmp_path):
    write_run(runs, "1")
    write_run(tmp_path, "2")
    (tmp_path / "run.json").write_text((tmp_path / "2" / "run.json").read_text())  # what run=.. would name
    with pytest.raises(UserError, match=r"run=.*\(recorded there: 1\)"):
        find(run_id)


def test_a_run_without_a_checkpoint_is_refused(find, runs):
    (write_run(runs, "1") / "model" / "checkpoint").unlink()
    repair = r"; to train it again: .*experiments/number.py with runs/1/config.json"
    with pytest.raises(UserError, match=f"run=1 has no checkpoint in runs/1/model{repair}"):
        find(1)
    found = "run=best finds no completed run of task=number in runs with a checkpoint: runs/1 has none"
    with pytest.raises(UserError, match=f"{found}{repair}"):
        find("best")


@pytest.mark.parametrize(
    ("content", "damage"),
    [
        (None, r"a damaged config in runs/1: config\.json"),
        ("{", r"a damaged config in runs/1: config\.json is not JSON"),
        ("[]", r"a damaged config in runs/1: config\.json is not a mapping"),
        ("{}", r"a damaged config: runs/1/config\.json names no task"),
        ('{"task": ["parity"]}', r"task=\['parity'\], which is not one of parity, number"),
    ],
)
def test_a_run_with_a_damaged_config_is_refused_with_the_damage(find, runs, content, damage):
    path = write_run(runs, "1") / "config.json"
    path.unlink() if content is None else path.write_text(content)

    with pytest.raises(UserError, match=f"run=1 has {damage}"):
        find(1)


@pytest.mark.parametrize("name", ["checkpoint", "model.ckpt-1.index", "model.ckpt-1.data-00000-of-00001"])
def test_a_run_with_a_damaged_checkpoint_is_refused(find, runs, name):
    (write_run(runs, "1") / "model" / name).write_bytes(b"")
    with pytest.raises(UserError, match=f"run=1 has a damaged checkpoint: runs/1/model/{name} is empty"):
        find(1)


def test_best_passes_over_runs_that_a_power_cut_has_damaged(find, runs, capsys):
    for run_id, validation in (("1", 3.0), ("2", 1.0), ("3", 2.0)):
        write_run(runs, run_id, validation=validation)
    export = runs / "2" / "model" / "export" / "1"
    export.mkdir(parents=True)
    (export / "saved_model.pb").touch()
    (runs / "3" / "model" / "model.ckpt-1.index").write_bytes(b"torn")

    assert find("best").id == "1"
    assert capsys.readouterr().err.splitlines()[:2] == [
        "run=best passes over runs/2: runs/2/model/export/1/saved_model.pb is empty",
        "run=best passes over runs/3: runs/3/model/model.ckpt-1.index is torn",
    ]
    (runs / "1" / "model" / "checkpoint").write_bytes(b"")
    with pytest.raises(UserError, match="run=best finds no completed run of task=number in runs"):
        find("best")


def test_a_run_of_an_unknown_task_is_refused(find, runs):
    write_run(runs, "1", task="colour")
    with pytest.raises(UserError, match="run=1 has task=colour, which is not one of parity, number"):
        find(1)


def test_a_damaged_run_is_refused(find, runs):
    (write_run(runs, "1") / "run.json").write_text("{")
    with pytest.raises(UserError, match=r"run\.json"):
        find(1)


def test_the_best_run_is_the_completed_run_of_the_task_with_the_best_validation(find, runs, capsys):
    write_run(runs, "1", validation=3.0, result=0.5)
    write_run(runs, "2", validation=2.0, result=2.5)
    write_run(runs, "3", validation=2.0, result=2.0)
    write_run(runs, "4", validation=0.5, status="FAILED")
    write_run(runs, "5", validation=0.1, task="parity", head="softmax")
    write_run(runs, "6", validation=None)
    (write_run(runs, "7", validation=0.1) / "model" / "checkpoint").unlink()

    assert find("best").id == "2"
    assert capsys.readouterr().err == (
        "run=best is run 2: number of 0..99, head nalu, 4 units; COMPLETED, mean absolute error 2.5; "
        "chosen by validation, mean absolute error 2, as of run 3\n"
    )


def test_the_latest_run_is_the_last_one_of_the_task_with_a_checkpoint(find, runs, capsys):
    runs.mkdir()
    with pytest.raises(UserError, match="run=latest finds no run of task=number with a checkpoint in runs"):
        find("latest")
    write_run(runs, "9")
    write_run(runs, "10", status="TERMINATED", result=None)
    write_run(runs, "11", task="parity", head="softmax")
    (write_run(runs, "12") / "model" / "checkpoint").unlink()

    assert find("latest").id == "10"
    assert capsys.readouterr().err.startswith("run=latest is run 10: number of 0..99")


def test_without_a_completed_run_there_is_no_best(find, runs):
    write_run(runs, "1", status="TERMINATED")
    with pytest.raises(UserError, match="run=best finds no completed run of task=number in runs"):
        find("best")


def test_runs_that_cannot_be_read_are_named_where_no_other_is_found(find, runs):
    for run_id in ("1", "2"):
        (write_run(runs, run_id) / "run.json").write_text("{")
    with pytest.raises(UserError, match=r"task=number in runs \(skipped runs/1: run\.json .*, and 1 more\)"):
        find("best")
