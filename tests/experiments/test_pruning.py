"""A judge ends a training: PRUNED, with its points, its network and its state."""

import json

import pytest

from experiments.parity import experiment
from experiments.pruning import PrunedInterrupt, Pruning, in_turn

RECORD = {"study": "small", "trial": 3}


class Judge:
    """Rejects from a step on, and keeps what it was asked."""

    def __init__(self, rejected_step):
        self.rejected_step, self.asked, self.record = rejected_step, [], RECORD

    def rejects(self, step, value):
        self.asked.append((step, value))
        return step >= self.rejected_step


def test_without_a_judge_every_training_goes_on():
    info: dict[str, object] = {}
    pruning = Pruning(None, "accuracy", info)
    pruning.judge(50, {"accuracy": 0.0})
    pruning.end_if_rejected()

    assert info == {}


def test_a_judge_takes_the_result_measure_of_each_validation_but_that_of_the_untrained_network():
    judge = Judge(rejected_step=150)
    pruning = Pruning(judge, "accuracy", {})
    for step in (0, 50, 100):
        pruning.judge(step, {"loss": 7.0, "accuracy": step / 1000})
        pruning.end_if_rejected()

    assert judge.asked == [(50, 0.05), (100, 0.1)]


def test_a_rejected_training_ends_with_the_step_and_the_validation_in_its_info(capsys):
    info: dict[str, object] = {}
    pruning = Pruning(Judge(rejected_step=50), "mean_absolute_error", info)
    pruning.judge(50, {"mean_absolute_error": 31.25})
    with pytest.raises(PrunedInterrupt):
        pruning.end_if_rejected()

    assert info == {"search": RECORD, "pruned_at_step": 50, "pruned_validation": 31.25}
    printed = "Pruned at step 50: other trials are better than validation mean absolute error 31.25.\n"
    assert capsys.readouterr().out == printed


def test_functions_in_turn_stop_at_the_first_that_raises():
    called = []

    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_turn(lambda: called.append(1), fail, lambda: called.append(2))()
    assert called == [1]


@pytest.mark.slow
def test_a_pruned_run_keeps_its_points_and_can_be_resumed_to_the_result_of_one_that_was_never_pruned(
    own_runs, run_in_process, monkeypatch
):
    whole = json.loads((own_runs.directory / "runs" / "1" / "run.json").read_text())["result"]
    monkeypatch.setattr(experiment, "judge", Judge(rejected_step=20))
    done = run_in_process(own_runs, "with", "fast", "seed=5")
    run = own_runs.directory / "runs" / "3"
    stored, info = (json.loads((run / name).read_text()) for name in ("run.json", "info.json"))
    points = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert "Pruned at step 20: other trials are better than validation accuracy " in done.stdout
    assert "resume" in done.stdout
    assert (stored["status"], stored["result"]) == ("PRUNED", None)
    assert (info["pruned_at_step"], info["search"]) == (20, RECORD)
    assert info["pruned_validation"] in [
        point["value"] for point in points if (point["name"], point["step"]) == ("validation/accuracy", 20)
    ]
    monkeypatch.setattr(experiment, "judge", None)
    assert run_in_process(own_runs, "with", "resume=3").returncode == 0
    resumed = json.loads((own_runs.directory / "runs" / "4" / "run.json").read_text())
    assert (resumed["status"], resumed["result"]) == ("COMPLETED", whole)


@pytest.mark.slow
def test_the_last_validation_prunes_no_run(own_runs, run_in_process, monkeypatch):
    monkeypatch.setattr(experiment, "judge", Judge(rejected_step=40))

    assert run_in_process(own_runs, "with", "fast", "seed=5").returncode == 0
    assert json.loads((own_runs.directory / "runs" / "3" / "run.json").read_text())["status"] == "COMPLETED"


@pytest.mark.slow
def test_a_run_is_recorded_with_its_trial_before_its_first_validation(own_runs, run_in_process, monkeypatch):
    """A search that was killed meanwhile finds the run, and does not start the trial again."""
    recorded = []

    class Reader(Judge):
        def rejects(self, step, value):
            info = json.loads((own_runs.directory / "runs" / "3" / "info.json").read_text())
            recorded.append(info.get("search"))
            return True

    monkeypatch.setattr(experiment, "judge", Reader(rejected_step=20))
    run_in_process(own_runs, "with", "fast", "seed=5")

    assert recorded == [RECORD]
