"""Opens searches: configs are checked before anything is written."""

import json
import uuid

import pytest
from sacred.utils import SacredError

from experiments.number import experiment
from experiments.sweeps.options import read_command_line
from experiments.sweeps.results import RunResult
from experiments.sweeps.search.opening import find_searches, open_search
from observers.stored_runs.stored_run import read_run

DRAWN = ("number", "fast", "seed=1", "hidden~uniform(8,64)", "--search", "random", "--runs", "3")


SOURCES = {"experiments/number.py": "d1"}


def write_diverged(directory, planned):
    """Record the run of a trial."""
    sources = {"mainfile": "experiments/number.py", "sources": [["experiments/number.py", "_sources/number_d1.py"]]}
    search = {"study": planned.trial.study, "trial": planned.trial.number}
    contents = {
        "run": {"status": "DIVERGED", "uuid": uuid.uuid4().hex, "experiment": sources},
        "config": dict(planned.config),
        "info": {"search": search},
    }
    directory.mkdir()
    for name, content in contents.items():
        (directory / f"{name}.json").write_text(json.dumps(content))
    (directory / "metrics.jsonl").touch()
    return read_run(directory)


def options_of(tmp_path, *added):
    return read_command_line([*DRAWN, *added, "-F", str(tmp_path / "runs")])


def opened(tmp_path, *added, sources):
    options = options_of(tmp_path, *added)
    return open_search(experiment, options, sources, find_searches(experiment, options, sources))


@pytest.mark.parametrize("added", [("hiden=8",), ("data_size=1",), ("embedding~choice(abc)",), ("head=softmax",)])
def test_a_config_that_is_invalid_in_every_trial_refuses_the_search(tmp_path, added):
    with pytest.raises(SacredError):
        find_searches(experiment, options_of(tmp_path, *added), {})

    assert not (tmp_path / "runs").exists()


def test_a_config_that_is_invalid_in_some_trials_does_not(tmp_path):
    assert find_searches(experiment, options_of(tmp_path, "max_number~uniform(0,2000)"), {})


def test_too_many_trials_are_refused(tmp_path):
    options = read_command_line([*DRAWN[:-1], "100000", "embedding=8,16"])
    with pytest.raises(SacredError, match="this sweep has 200000 runs: at most 100000 are allowed"):
        find_searches(experiment, options, {})


def test_each_combination_has_the_same_random_trials(tmp_path):
    search = opened(tmp_path, "embedding=8,16", sources={})
    runs = [search.take() for _ in range(7)]

    assert [run.values["embedding"] for run in runs[:6]] == [8, 8, 8, 16, 16, 16]
    assert [run.values["hidden"] for run in runs[:3]] == [run.values["hidden"] for run in runs[3:6]]
    assert runs[6] is None


def test_with_any_seed_more_trials_take_no_run_of_an_earlier_one(tmp_path):
    def take(trials):
        options = read_command_line(
            ["number", "hidden~choice(8)", "--search", "random", "--runs", trials, "-F", str(tmp_path)]
        )
        search = open_search(experiment, options, SOURCES, find_searches(experiment, options, SOURCES))
        return search, search.take()

    search, run = take("1")
    search.end(run, RunResult(run.values, write_diverged(tmp_path / "1", run)))
    search, run = take("2")

    assert (run is not None and run.trial.number, search.waiting) == (1, 1)


def test_a_new_search_after_a_change_of_sources_is_announced(tmp_path, capsys):
    opened(tmp_path, sources={"core/a.py": "1"})
    assert capsys.readouterr().err == ""
    opened(tmp_path, sources={"core/a.py": "2"})
    assert capsys.readouterr().err.startswith("sources have changed since the earlier search: this is a new one")
    opened(tmp_path, sources={"core/a.py": "2"})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("is_first", [True, False])
def test_a_damaged_journal_is_refused_by_its_name(tmp_path, is_first):
    opened(tmp_path, sources={})
    [journal] = (tmp_path / "runs" / "_search").glob("*.journal")
    read = journal.read_bytes()
    journal.write_bytes(b"{damage}\n" + read if is_first else read + b"{damage}\n")

    with pytest.raises(ValueError, match="move it away"):
        opened(tmp_path, sources={})
