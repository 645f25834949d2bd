"""The experiment in process: what a run records, and that it is reproducible bit for bit."""

import json

import incense
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from experiments.pipeline.interrupts import DivergedInterrupt
from experiments.recording.layout import ROOT
from tests.event_files import summaries
from tests.experiments.place import metrics_of

FAST = SplitPlan(
    language="de",
    min_number=0,
    max_number=999,
    data_size=200,
    validation_fraction=0.2,
    test_fraction=0.2,
    cover_parts=True,
    extrapolation_max=9999,
    extrapolation_size=50,
)
EXTRAPOLATION = {"extrapolation_max": 9999, "extrapolation_size": 50}


@pytest.fixture(scope="module")
def recorded(run_parity, tmp_path_factory):
    """A run with extrapolation, and its directory, to be read only."""
    runs = tmp_path_factory.mktemp("recorded") / "runs"
    return run_parity(runs, seed=5, **EXTRAPOLATION), runs / "1"


def test_a_run_is_recorded_with_config_metrics_and_result(recorded):
    run, directory = recorded
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


def test_a_run_records_its_uuid_its_steps_and_its_cost(recorded):
    info = json.loads((recorded[1] / "info.json").read_text())

    assert info.keys() == {
        *("uuid", "seconds", "cpu_seconds", "peak_memory", "steps_per_second"),
        *("best_step", "best_validation", "last_step"),
    }
    assert len(info["uuid"]) == 32
    assert info["last_step"] == 40
    assert info["seconds"].keys() == {"import", "data", "graph", "training", "evaluation", "export"}
    assert info["steps_per_second"] == pytest.approx(40 / info["seconds"]["training"], rel=1e-2)
    assert info["cpu_seconds"] > 0
    assert 10**8 < info["peak_memory"] < 10**11


def test_incense_reads_the_directory(recorded):
    run, directory = recorded
    loaded = incense.FileSystemExperimentLoader(directory.parent).find_by_id(1)

    assert loaded.config.hidden == run.config["hidden"]
    assert loaded.result == run.result
    assert loaded.metrics["validation/accuracy"].index.tolist() == [0, 20, 40]


def test_every_source_that_the_run_uses_is_stored(recorded):
    _, directory = recorded
    stored = json.loads((directory / "run.json").read_text())["experiment"]
    sources = dict(stored["sources"])

    assert stored["mainfile"] == "experiments/parity.py"
    assert {
        *(f"core/data/{name}.py" for name in ["draw", "numerals", "splits", "characters", "input_fn"]),
        *(f"core/network/{name}.py" for name in ["tasks", "states/encoder", "states/lstm", "heads/registry"]),
        *(f"core/training/{name}.py" for name in ["model_fn", "optimizer", "estimator", "hooks/measures"]),
        *("experiments/parity.py", "experiments/laboratory.py"),
        *("experiments/pipeline/config.py", "experiments/pipeline/training.py"),
        "observers/directory/observer.py",
    } <= sources.keys()
    for name, copy in sources.items():
        assert (directory.parent / copy).read_bytes() == (ROOT / name).read_bytes()
    assert any(package.startswith("tensorflow==2.15") for package in stored["dependencies"])


def test_config_and_curves_are_in_the_one_event_file_of_a_run(recorded):
    """Two writers that start within one second would share a file name, and one would overwrite the other."""
    tags = {tag for tag, _ in summaries(recorded[1] / "model")}

    assert "_hparams_/session_start_info" in tags
    assert {"measures/loss", "measures/accuracy"} <= tags


def test_the_page_of_hyper_parameters_names_a_run_by_what_no_other_run_has(recorded):
    """It would show runs of one id in several directories as one trial, with the mean of their results."""
    [data] = [
        value.metadata.plugin_data.content
        for (tag, _), value in summaries(recorded[1] / "model").items()
        if tag.endswith("session_start_info")
    ]
    uuid = json.loads((recorded[1] / "info.json").read_text())["uuid"]
    trial = HParamsPluginData.FromString(data).session_start_info.group_name

    assert trial == f"run {recorded[1].name}, {uuid[:8]}"


def test_the_result_is_the_accuracy_on_numbers_that_training_has_not_seen(recorded, run_parity, capsys):
    """The command predict answers the test words again, with the checkpoint of the run."""
    run, directory = recorded
    splits = draw_splits(FAST, seed=5)
    test = splits["test"]
    options = {"--file_storage": str(directory.parent)}
    run_parity(directory.parent, "predict", (), options, run=1, words=",".join(test.words))
    answers = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:])

    assert not set(test.numbers.tolist()) & set(splits["train"].numbers.tolist())
    right = [
        int(answers[word]) == 1 - number % 2 for word, number in zip(test.words, test.numbers.tolist(), strict=True)
    ]
    assert run.result == pytest.approx(np.mean(right))


@pytest.mark.slow
def test_one_seed_gives_the_same_bits_and_another_does_not(recorded, run_experiment, tmp_path):
    for seed in (5, 6):
        run_experiment(seed=seed, **EXTRAPOLATION)
    runs = [recorded[1], *(tmp_path / "runs" / run_id for run_id in "12")]
    first, again, other = map(metrics_of, runs)

    assert first == again
    assert first["train/loss"] != other["train/loss"]
    checkpoints = [tf.train.load_checkpoint(str(run / "model")) for run in runs]
    for name in checkpoints[0].get_variable_to_shape_map():
        assert np.array_equal(checkpoints[0].get_tensor(name), checkpoints[1].get_tensor(name)), name


def test_a_diverged_run_records_its_step(run_experiment, tmp_path, capsys):
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
