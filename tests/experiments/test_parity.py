"""The experiment in process: what a run is, and that it can be had again."""

import json

import incense
import numpy as np
import pytest
import tensorflow as tf

from core.examples import make_examples, plan_splits
from experiments.laboratory import ROOT, DivergedInterrupt
from tests.event_files import summaries

FAST = plan_splits(
    min_number=0,
    max_number=999,
    data_size=200,
    validation_fraction=0.2,
    test_fraction=0.2,
    extrapolation_max=None,
    extrapolation_size=1,
)


def metrics_of(directory):
    """Steps and values by name, without what depends on the clock."""
    metrics = json.loads((directory / "metrics.json").read_text())
    return {
        name: (points["steps"], points["values"])
        for name, points in metrics.items()
        if name != "train/steps_per_second"
    }


def test_a_run_is_recorded_with_config_metrics_and_result(run_experiment, tmp_path):
    run = run_experiment(seed=5, extrapolation_max=9999, extrapolation_size=50)
    directory = tmp_path / "runs" / "1"
    stored = json.loads((directory / "run.json").read_text())
    metrics = metrics_of(directory)

    assert stored["status"] == "COMPLETED"
    assert stored["result"] == run.result == metrics["test/accuracy"][1][0]
    assert type(run.result) is float
    assert json.loads((directory / "config.json").read_text()) == run.config
    assert metrics.keys() == {
        *("train/loss", "train/accuracy", "train/gradient_norm"),
        *(f"{split}/{name}" for split in ("validation", "test", "extrapolation") for name in ("loss", "accuracy")),
    }
    assert metrics["train/loss"][0] == [10, 20, 30, 40]
    assert metrics["validation/accuracy"][0] == [0, 20, 40]
    assert metrics["test/accuracy"][0] == metrics["extrapolation/accuracy"][0] == [run.info["best_step"]]


def test_a_run_knows_its_name_its_steps_and_its_time(run_experiment, tmp_path):
    run_experiment(seed=5)
    info = json.loads((tmp_path / "runs" / "1" / "info.json").read_text())

    assert info.keys() == {
        *("uuid", "seconds", "cpu_seconds", "peak_memory", "steps_per_second", "best_step", "last_step")
    }
    assert len(info["uuid"]) == 32
    assert info["last_step"] == 40
    assert info["seconds"].keys() == {"import", "data", "graph", "training", "evaluation", "export"}
    assert info["steps_per_second"] == pytest.approx(40 / info["seconds"]["training"], rel=1e-2)
    assert info["cpu_seconds"] > 0
    assert 10**8 < info["peak_memory"] < 10**11


def test_the_result_is_the_accuracy_on_numbers_never_seen(run_experiment, tmp_path, capsys):
    """Asked for again, word by word, of the checkpoint that the run has left."""
    run = run_experiment(seed=5)
    examples = make_examples(language="de", seed=5, splits=FAST, cover_parts=False)
    test = examples["test"]
    capsys.readouterr()
    run_experiment(
        "predict", (), run=1, words=",".join(test.words), options={"--file_storage": str(tmp_path / "runs")}
    )
    answers = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:])

    assert not set(test.numbers.tolist()) & set(examples["train"].numbers.tolist())
    right = [
        int(answers[word]) == 1 - number % 2 for word, number in zip(test.words, test.numbers.tolist(), strict=True)
    ]
    assert run.result == pytest.approx(np.mean(right))


def test_one_seed_gives_the_same_bits_and_another_does_not(run_experiment, tmp_path):
    for seed in (5, 5, 6):
        run_experiment(seed=seed)
    runs = [tmp_path / "runs" / str(number) for number in (1, 2, 3)]
    first, again, other = map(metrics_of, runs)

    assert first == again
    assert first["train/loss"] != other["train/loss"]
    checkpoints = [tf.train.load_checkpoint(str(run / "model")) for run in runs]
    for name in checkpoints[0].get_variable_to_shape_map():
        assert np.array_equal(checkpoints[0].get_tensor(name), checkpoints[1].get_tensor(name)), name


def test_a_run_that_diverges_says_at_which_step(run_experiment, tmp_path, capsys):
    with pytest.raises(DivergedInterrupt):
        run_experiment(seed=5, learning_rate=1000.0)
    directory = tmp_path / "runs" / "1"
    stored, info = (json.loads((directory / name).read_text()) for name in ("run.json", "info.json"))

    assert stored["status"] == "DIVERGED"
    assert stored["result"] is None
    assert 1 < info["diverged_at_step"] <= 40
    assert f"at step {info['diverged_at_step']}" in capsys.readouterr().out


def test_words_of_another_language_are_learned_as_well(run_experiment, tmp_path):
    run = run_experiment(seed=5, language="en")

    assert run.status == "COMPLETED"
    assert "-" in (tmp_path / "runs" / "1" / "model" / "alphabet.txt").read_text()


def test_incense_reads_the_directory(run_experiment, tmp_path):
    run = run_experiment(seed=5)
    loaded = incense.FileSystemExperimentLoader(tmp_path / "runs").find_by_id(1)

    assert loaded.config.hidden == run.config["hidden"]
    assert loaded.result == run.result
    assert loaded.metrics["validation/accuracy"].index.tolist() == [0, 20, 40]


def test_every_source_of_the_project_that_was_used_is_stored(run_experiment, tmp_path):
    run_experiment(seed=5)
    stored = json.loads((tmp_path / "runs" / "1" / "run.json").read_text())["experiment"]
    sources = dict(stored["sources"])

    assert stored["mainfile"] == "experiments/parity.py"
    assert {
        *(
            f"core/{name}.py"
            for name in ["draw", "numerals", "examples", "characters", "inputs", "encoder", "tasks", "model"]
        ),
        *("core/optimizer.py", "core/hooks.py", "core/estimator.py"),
        *("experiments/parity.py", "experiments/laboratory.py", "experiments/settings.py", "experiments/steps.py"),
        "observers/run_directory.py",
    } <= sources.keys()
    for name, copy in sources.items():
        assert (tmp_path / "runs" / copy).read_bytes() == (ROOT / name).read_bytes()
    assert any(package.startswith("tensorflow==2.15") for package in stored["dependencies"])


def test_config_and_curves_are_in_the_one_event_file_of_a_run(run_experiment, tmp_path):
    """Two writers begun within one second would have one file name, and one would overwrite the other."""
    run_experiment(seed=5)
    tags = {tag for tag, _ in summaries(tmp_path / "runs" / "1" / "model")}

    assert "_hparams_/session_start_info" in tags
    assert {"loss", "accuracy"} <= tags
