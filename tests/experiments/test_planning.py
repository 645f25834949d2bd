import json
import shutil
from dataclasses import replace

import pytest
from sacred.utils import SacredError

from experiments.grid import read_grid
from experiments.parity import experiment
from experiments.planning import Store, plan
from experiments.sources import digests
from observers.stored_runs import read_runs
from tests.experiments.conftest import ROOT

SCRIPT = "experiments/parity.py"
EMPTY = Store([], SCRIPT, {})


def planned(*words, store=EMPTY, options=()):
    grid = read_grid(words)
    return plan(experiment, grid.points(0, 0), named_configs=grid.named_configs, options=options, store=store)


@pytest.fixture
def runs(two_runs, tmp_path):
    """A copy of two completed runs of `fast`, with seeds 1 and 2."""
    shutil.copytree(two_runs.directory / "runs", tmp_path / "runs")
    return tmp_path / "runs"


def store(runs, script=SCRIPT):
    return Store(read_runs(runs, lambda _: None), script, digests(ROOT))


def change(path, function):
    content = json.loads(path.read_text())
    function(content)
    path.write_text(json.dumps(content))


def test_a_command_line_is_what_one_would_type():
    [run] = planned("fast", "hidden=8", "extrapolation_max=None", "learning_rate=1e-3", options=["-F", "there"])

    assert run.arguments == [
        "with", "fast", "hidden=8", "extrapolation_max=None", "learning_rate=0.001", "-F", "there"
    ]  # fmt: skip
    assert run.to_be_run


def test_without_values_there_is_one_run_of_the_defaults():
    [run] = planned()

    assert run.arguments == []
    assert run.to_be_run


@pytest.mark.parametrize("words", [("hiden=8",), ("hidden=8", "head=nalu"), ("hidden=8..9", "max_number=-1")])
def test_every_config_is_checked_before_any_is_run(words):
    with pytest.raises(SacredError):
        planned(*words)


@pytest.mark.slow
def test_a_run_with_the_same_config_is_there_already(runs):
    there, missing = planned("fast", "seed=1,3", store=store(runs))

    assert there.stored is not None
    assert there.stored.directory == runs / "1"
    assert not there.to_be_run
    assert missing.to_be_run


@pytest.mark.slow
def test_what_is_written_out_is_the_same_as_what_is_named(runs):
    [run] = planned("data_size=200", "hidden=16", "max_steps=40", "evaluate_every=20", "seed=2", store=store(runs))

    assert run.stored is not None
    assert run.stored.directory == runs / "2"


@pytest.mark.slow
@pytest.mark.parametrize("word", ["hidden=17", "learning_rate=0.006", "task=number"])
def test_another_config_is_another_run(runs, word):
    words = (word, "head=linear") if word == "task=number" else (word,)
    [run] = planned("fast", "seed=1", *words, store=store(runs))

    assert run.stored is None


@pytest.mark.slow
def test_where_the_seed_is_open_any_will_do(runs):
    [run] = planned("fast", store=store(runs))

    assert not run.to_be_run


@pytest.mark.slow
def test_a_stored_config_brings_its_seed(runs):
    change(runs / "1" / "config.json", lambda config: config.update(seed=7))
    [run] = planned(str(runs / "2" / "config.json"), store=store(runs))

    assert run.stored is not None
    assert run.stored.directory == runs / "2"


@pytest.mark.slow
def test_a_run_of_other_sources_is_another(runs):
    def edit(entry):
        name, stored = entry["experiment"]["sources"][0]
        entry["experiment"]["sources"][0] = [name, stored[:-10] + "0" * 7 + ".py"]

    change(runs / "1" / "run.json", edit)
    first, second = planned("fast", "seed=1,2", store=store(runs))

    assert (first.to_be_run, first.outdated) == (True, True)
    assert (second.to_be_run, second.outdated) == (False, False)
    [unknown] = planned("fast", "seed=3", store=store(runs))
    assert (unknown.to_be_run, unknown.outdated) == (True, False)


@pytest.mark.slow
def test_a_run_of_another_script_is_another(runs):
    [run] = planned("fast", "seed=1", store=store(runs, "experiments/number.py"))

    assert run.to_be_run


@pytest.mark.slow
@pytest.mark.parametrize("status", ["INTERRUPTED", "TERMINATED", "DEAD", "RUNNING"])
def test_a_run_that_was_interrupted_goes_on(runs, status):
    change(runs / "1" / "run.json", lambda entry: entry.update(status=status))
    (runs / "1" / "model" / "last").mkdir()
    (runs / "1" / "model" / "last" / "state.json").write_text("{}")
    [run] = planned("fast", "seed=1", store=store(runs), options=["-F", str(runs)])

    assert run.arguments == ["with", "resume=1", "-F", str(runs)]
    assert run.resumes
    assert run.to_be_run


@pytest.mark.slow
@pytest.mark.parametrize("status", ["INTERRUPTED", "FAILED", "DEAD"])
def test_a_run_that_left_no_state_is_begun_again(runs, status):
    change(runs / "1" / "run.json", lambda entry: entry.update(status=status))
    [run] = planned("fast", "seed=1", store=store(runs))

    assert run.arguments == ["with", "fast", "seed=1"]
    assert run.to_be_run


@pytest.mark.slow
def test_a_run_that_is_under_way_is_not_run_a_second_time(runs):
    from observers.process import this_process

    change(runs / "1" / "run.json", lambda entry: entry.update(status="RUNNING", process=this_process()))
    [run] = planned("fast", "seed=1", store=store(runs))

    assert not run.to_be_run


@pytest.mark.slow
def test_a_completed_run_comes_before_one_that_was_interrupted(runs):
    [stored] = [run for run in read_runs(runs, lambda _: None) if run.directory.name == "1"]
    interrupted = replace(stored, entry={**stored.entry, "status": "INTERRUPTED"}, directory=runs / "2")

    assert Store([interrupted, stored], SCRIPT, digests(ROOT)).find(stored.config, seed_is_open=False) == stored


@pytest.mark.slow
def test_a_stored_run_is_counted_once_however_many_draws_have_come_to_its_config(runs):
    grid = read_grid(["fast", "hidden~choice(16,16)"])
    drawn = plan(experiment, grid.points(3, 0), named_configs=["fast"], options=(), store=store(runs))

    assert [run.stored.directory.name if run.stored else None for run in drawn] == ["1", "2", None]


def test_draws_that_have_come_to_the_same_run_are_one():
    grid = read_grid(["fast", "hidden~choice(16,16)", "seed=1"])

    assert len(plan(experiment, grid.points(3, 0), named_configs=["fast"], options=(), store=EMPTY)) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", [None, [], {"sources": None}, {"sources": []}, {"sources": [1]}, {"sources": [["a"]]}]
)
def test_a_damaged_run_is_no_run_of_today(runs, damage):
    change(runs / "1" / "run.json", lambda entry: entry.update(experiment=damage))
    [run] = planned("fast", "seed=1", store=store(runs))

    assert run.to_be_run
