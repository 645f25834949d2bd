"""Config files on the command line: a run of an earlier version is repeated as it was."""

import json

import pytest

from experiments import number, parity
from experiments.cli.config_files import add_earlier_values
from experiments.pipeline.config import ENTRIES, complete
from experiments.pipeline.defaults import defaults_of

LATER = {name: entry.earlier for name, entry in ENTRIES.items() if entry.earlier is not ...}


@pytest.fixture
def write(tmp_path):
    """Write a config file and return its path."""

    def write(content, name="config.json"):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        return str(tmp_path / name)

    return write


def earlier_config(task, head, **changes):
    """The config.json of a run of an earlier version."""
    config = {**defaults_of(task, head), "seed": 5, **changes}
    return {name: value for name, value in config.items() if name not in LATER}


def resolve(experiment, named_configs, **updates):
    """Return the config that a command line results in."""
    updates = add_earlier_values(updates, named_configs, experiment.named_configs)
    options = {"--unobserved": True}
    return experiment.run("print_config", config_updates=updates, named_configs=named_configs, options=options).config


@pytest.mark.parametrize(
    ("experiment", "task", "head"),
    [
        (parity.experiment, "parity", "softmax"),
        (number.experiment, "number", "nalu"),
        (number.experiment, "parity", "softmax"),
    ],
)
def test_a_run_of_an_earlier_version_is_repeated_with_the_values_that_it_had(write, experiment, task, head):
    config = earlier_config(task, head, max_steps=3000)

    repeated = resolve(experiment, [write(config)])

    assert repeated == complete(config)
    assert repeated["direction"] == "forwards"


def test_the_seed_may_have_been_removed(write):
    config = earlier_config("parity", "softmax")
    del config["seed"]

    assert resolve(parity.experiment, [write(config)])["direction"] == "forwards"


def test_a_few_entries_in_a_file_keep_the_defaults_of_today(write):
    path = write({"task": "parity", "hidden": 32, "seed": 5})

    assert resolve(parity.experiment, [path]) == {**defaults_of("parity"), "hidden": 32, "seed": 5}


def test_a_run_of_today_is_repeated_as_it_was(write):
    config = {**defaults_of("number"), "seed": 5, "direction": "forwards", "warmup": 7}

    assert resolve(number.experiment, [write(config)]) == config


def test_the_command_line_and_later_configs_override_an_earlier_run(write):
    old = write(earlier_config("parity", "softmax"))
    mine = write({"direction": "backwards"}, "mine.json")

    assert resolve(parity.experiment, [old], direction="backwards", memory=4)["direction"] == "backwards"
    assert resolve(parity.experiment, [old], memory=4)["memory"] == 4
    assert resolve(parity.experiment, [old, mine])["direction"] == "backwards"
    assert resolve(parity.experiment, [mine, old])["direction"] == "forwards"
    assert resolve(parity.experiment, [old, "fast"])["direction"] == "forwards"


def test_the_command_line_repeats_an_earlier_run(write, place, run_in_process):
    done = run_in_process(place, "print_config", "with", write(earlier_config("parity", "softmax")), "hidden=8")

    assert done.returncode == 0, done.stderr
    assert "direction = 'forwards'" in done.stdout
    assert "hidden = 8" in done.stdout
