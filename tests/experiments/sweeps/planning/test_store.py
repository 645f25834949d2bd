"""Which stored run answers a config of a sweep."""

import json
from dataclasses import replace

import pytest

from core.training.selection import SelectionState
from core.training.state import TrainingState, write_state
from experiments.parity import experiment
from experiments.recording.layout import ROOT
from experiments.recording.sources import source_digests
from experiments.sweeps.planning.grid import read_grid
from experiments.sweeps.planning.plan import plan
from experiments.sweeps.planning.store import State, Store
from observers.stored_runs.runs_directory import read_runs
from observers.system.process import this_process
from tests.experiments.place import entry
from tests.experiments.saved_training import CONFIG, train_until_interrupted

pytestmark = pytest.mark.slow

SCRIPT = "experiments/parity.py"


@pytest.fixture
def runs(own_runs):
    """The directory of two completed runs of `fast`, with the seeds 5 and 2."""
    return own_runs.directory / "runs"


def make_store(runs, script=SCRIPT, warn=lambda _: None):
    return Store(read_runs(runs, lambda _: None), script, source_digests(ROOT), warn)


def planned(runs, *words, draws=0, script=SCRIPT, options=(), warn=lambda _: None):
    grid = read_grid(words)
    points = grid.points(draws, 0)
    store = make_store(runs, script, warn)
    return plan(experiment, points, named_configs=grid.named_configs, options=options, store=store)


def change(path, function):
    content = json.loads(path.read_text())
    function(content)
    path.write_text(json.dumps(content))


def test_a_run_with_the_same_config_is_found(runs):
    found, missing = planned(runs, "fast", "seed=5,3")

    assert found.match.state is State.DONE
    assert found.match.run is not None
    assert found.match.run.directory == runs / "1"
    assert not found.is_needed
    assert missing.match.state is State.MISSING
    assert missing.is_needed


def test_entries_count_the_same_by_name_and_written_out(runs):
    [run] = planned(runs, "data_size=200", "hidden=16", "max_steps=40", "evaluate_every=20", "seed=2")

    assert run.match.run is not None
    assert run.match.run.directory == runs / "2"


@pytest.mark.parametrize("word", ["hidden=17", "learning_rate=0.006", "task=number"])
def test_a_run_with_another_config_is_not_found(runs, word):
    words = (word, "head=linear") if word == "task=number" else (word,)
    [run] = planned(runs, "fast", "seed=5", *words)

    assert run.match.state is State.MISSING


def test_any_seed_counts_if_none_is_given(runs):
    [run] = planned(runs, "fast")

    assert not run.is_needed


def test_the_seed_of_a_stored_config_counts(runs):
    change(runs / "1" / "config.json", lambda config: config.update(seed=7))
    [run] = planned(runs, str(runs / "2" / "config.json"))

    assert run.match.run is not None
    assert run.match.run.directory == runs / "2"


def test_a_run_of_an_earlier_version_has_the_values_that_it_had_in_effect(runs):
    def remove_direction(config):
        del config["direction"]

    change(runs / "1" / "config.json", remove_direction)
    [by_file] = planned(runs, str(runs / "1" / "config.json"))
    [forwards] = planned(runs, "fast", "seed=5", "direction=forwards")
    [today] = planned(runs, "fast", "seed=5")

    assert (by_file.match.state, forwards.match.state) == (State.DONE, State.DONE)
    assert today.match.state is State.MISSING


def test_a_run_from_other_sources_is_outdated(runs):
    def edit(entry):
        name, stored = entry["experiment"]["sources"][0]
        entry["experiment"]["sources"][0] = [name, stored[:-10] + "0" * 7 + ".py"]

    change(runs / "1" / "run.json", edit)
    first, second = planned(runs, "fast", "seed=5,2")

    assert (first.is_needed, first.match.state) == (True, State.OUTDATED)
    assert (second.is_needed, second.match.state) == (False, State.DONE)
    [unknown] = planned(runs, "fast", "seed=3")
    assert (unknown.is_needed, unknown.match.state) == (True, State.MISSING)


def test_a_run_of_another_script_is_not_found(runs):
    [run] = planned(runs, "fast", "seed=5", script="experiments/number.py")

    assert run.is_needed


def save_state(run):
    write_state(run / "model", TrainingState(40, None, SelectionState((0.0, 0.0), 0)))


@pytest.mark.parametrize("status", ["INTERRUPTED", "TERMINATED", "DEAD", "RUNNING"])
def test_an_interrupted_run_is_resumed(runs, status):
    change(runs / "1" / "run.json", lambda entry: entry.update(status=status))
    save_state(runs / "1")
    [run] = planned(runs, "fast", "seed=5", options=["-F", str(runs)])

    assert run.arguments == ["with", "resume=1", "-F", str(runs)]
    assert run.match.state is State.INTERRUPTED
    assert run.is_needed


def test_an_interrupted_run_with_a_damaged_state_is_trained_anew(runs):
    change(runs / "1" / "run.json", lambda entry: entry.update(status="DEAD"))
    save_state(runs / "1")
    (runs / "1" / "model" / "last" / "state-40.json").write_bytes(b"")
    warnings: list[str] = []
    [run] = planned(runs, "fast", "seed=5", warn=warnings.append)

    assert (run.match.state, run.arguments) == (State.MISSING, ["with", "fast", "seed=5"])
    [warning] = warnings
    assert warning.startswith(f"{runs}/1 cannot be resumed: {runs}/1/model/last/state-40.json is empty")
    assert warning.endswith("; it is trained anew")


@pytest.mark.parametrize(
    "name", ["checkpoint", "model.ckpt-*.index", "model.ckpt-*.data-*", "export/1/saved_model.pb"]
)
def test_a_completed_run_that_a_power_cut_has_emptied_is_trained_anew(runs, name):
    [damaged] = (runs / "1" / "model").glob(name)
    damaged.write_bytes(b"")
    warnings: list[str] = []
    first, second = planned(runs, "fast", "seed=5,2", warn=warnings.append)

    assert (first.match.state, second.match.state) == (State.MISSING, State.DONE)
    assert warnings == [f"{runs}/1 is not counted as completed: {damaged} is empty; it is trained anew"]


def test_a_damaged_run_is_not_mentioned_once_another_one_has_its_config(runs):
    (runs / "1" / "model" / "checkpoint").unlink()
    change(runs / "2" / "config.json", lambda config: config.update(seed=5))
    warnings: list[str] = []
    [run] = planned(runs, "fast", "seed=5", warn=warnings.append)

    assert run.match.run is not None
    assert (run.match.run.directory, warnings) == (runs / "2", [])


@pytest.mark.parametrize("status", ["INTERRUPTED", "FAILED", "DEAD"])
def test_a_run_without_a_saved_state_starts_again(runs, status):
    change(runs / "1" / "run.json", lambda entry: entry.update(status=status))
    [run] = planned(runs, "fast", "seed=5")

    assert run.arguments == ["with", "fast", "seed=5"]
    assert run.is_needed


def test_a_running_run_is_not_started_a_second_time(runs):
    change(runs / "1" / "run.json", lambda entry: entry.update(status="RUNNING", process=this_process()))
    [run] = planned(runs, "fast", "seed=5")

    assert run.match.state is State.RUNNING
    assert not run.is_needed


def test_a_run_that_ends_after_it_was_read_is_not_trained_again(runs):
    path = runs / "1" / "run.json"
    ended = path.read_text()
    change(path, lambda entry: entry.update(status="RUNNING", process={**this_process(), "started": 0}))
    store = make_store(runs)
    path.write_text(ended)

    assert store.take(json.loads((runs / "1" / "config.json").read_text()), any_seed=False).state is State.DONE


def test_a_completed_run_comes_before_an_interrupted_one(runs):
    [stored] = [run for run in read_runs(runs, lambda _: None) if run.directory.name == "1"]
    interrupted = replace(stored, entry={**stored.entry, "status": "INTERRUPTED"}, directory=runs / "2")
    store = Store([interrupted, stored], SCRIPT, source_digests(ROOT))

    assert store.take(stored.config, any_seed=False).run == stored


def test_a_stored_run_answers_one_of_several_equal_draws(runs):
    drawn = planned(runs, "fast", "hidden~choice(16,16)", draws=3)

    assert [run.match.run.directory.name if run.match.run else None for run in drawn] == ["1", "2", None]


@pytest.mark.parametrize(
    "damage", [None, [], {"sources": None}, {"sources": []}, {"sources": [1]}, {"sources": [["a"]]}]
)
def test_a_damaged_run_is_not_found(runs, damage):
    change(runs / "1" / "run.json", lambda entry: entry.update(experiment=damage))
    [run] = planned(runs, "fast", "seed=5")

    assert run.is_needed


def test_a_sweep_trains_a_run_with_damaged_states_anew_once(place, run_sweep):
    train_until_interrupted(place.directory)
    for path in (place.directory / "runs" / "1" / "model" / "last").glob("*.data-*"):
        path.write_bytes(bytes(path.stat().st_size))
    done, again = (run_sweep("parity", *CONFIG) for _ in range(2))

    assert done.returncode == again.returncode == 0
    assert done.stderr.startswith("runs/1 cannot be resumed: runs/1/model/last/model.ckpt-7.data-00000-of-00001 is")
    assert done.stderr.endswith("; it is trained anew\n")
    assert again.stdout.startswith("1 recorded already")
    assert again.stderr == ""
    assert [entry(run)["status"] for run in place.runs()] == ["INTERRUPTED", "COMPLETED"]
