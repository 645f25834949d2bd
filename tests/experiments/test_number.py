"""The experiment with the question `number`, in process."""

import json

import pytest
from sacred.observers import FileStorageObserver

from core.network.tasks import TASKS
from experiments.number import experiment
from experiments.pipeline.errors import UserError
from tests.experiments.place import metrics_of


@pytest.fixture
def run_number(tmp_path, monkeypatch):
    """Run number.py in this process, recorded by Sacred's own observer."""

    def run(*named_configs, **config):
        monkeypatch.setattr(experiment, "observers", [FileStorageObserver(tmp_path / "runs")])
        return experiment.run(config_updates=config, named_configs=named_configs)

    return run


TINY = {"max_steps": 4, "evaluate_every": 2, "log_every": 1, "hidden": 4}


@pytest.mark.slow
@pytest.mark.parametrize("head", TASKS["number"].heads)
def test_a_number_is_learned_through_every_head(run_number, tmp_path, head):
    run = run_number("fast", head=head, seed=5, hidden=32, max_steps=300, evaluate_every=100)
    metrics = json.loads((tmp_path / "runs" / "1" / "metrics.json").read_text())
    errors = metrics["validation/mean_absolute_error"]["values"]

    assert run.status == "COMPLETED"
    assert run.result == metrics["test/mean_absolute_error"]["values"][0]
    assert {name for name in metrics if name.startswith("test/")} == {
        "test/loss",
        "test/mean_absolute_error",
        "test/exact",
        "test/relative_error",
    }
    assert metrics["validation/mean_absolute_error"]["steps"] == [0, 100, 200, 300]
    assert min(errors) < errors[0] / 2


def test_the_split_of_the_paper_has_its_sizes(run_number, capsys):
    run_number("fast", "paper", seed=5, **TINY)

    assert "words: train 169, validation 200, test 631" in capsys.readouterr().out


@pytest.mark.slow
def test_one_seed_gives_the_same_bits(run_number, tmp_path):
    for _ in range(2):
        run_number("fast", seed=5, **TINY)

    assert metrics_of(tmp_path / "runs" / "1") == metrics_of(tmp_path / "runs" / "2")


def test_both_scripts_are_one_experiment(run_number):
    run = run_number("fast", task="parity", head="softmax", seed=5, **TINY)

    assert 0 <= run.result <= 1
    assert run.experiment_info["mainfile"] == "experiments/number.py"


def test_a_split_that_cannot_cover_the_parts_is_refused_before_anything_is_recorded(run_number, tmp_path):
    with pytest.raises(UserError, match=r"cover_parts=True needs \d+ numbers in training.*raise data_size"):
        run_number("paper", data_size=50)

    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_run_without_a_seed_gets_one_that_is_recorded(run_number, tmp_path):
    first, second = (run_number("fast", **TINY).config["seed"] for _ in range(2))

    assert first != second
    assert json.loads((tmp_path / "runs" / "1" / "config.json").read_text())["seed"] == first
