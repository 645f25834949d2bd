"""Config files on the command line: a run of an earlier version is repeated as it was."""

import json
import os
import tempfile
from pathlib import Path

import pytest

from experiments import number, parity
from experiments.configs.files import read_config_file, read_named_configs, registered
from experiments.pipeline.config import ENTRIES, complete
from experiments.pipeline.defaults import defaults_of
from experiments.pipeline.errors import UserError
from tests.observers.other_user import as_other_user

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


@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.yml"])
def test_a_config_file_is_json_or_yaml(tmp_path, name):
    content = {"hidden": 64, "learning_rate": 0.01, "memory": None, "log_loss": True, "task": "parity"}
    (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")

    assert read_config_file(str(tmp_path / name)) == content


def test_print_config_shows_a_file_as_it_shows_a_named_config(write, place, run_in_process):
    done = run_in_process(place, "print_config", "with", write({"hidden": 8}), "seed=3")

    assert done.returncode == 0, done.stderr
    assert "hidden = 8" in done.stdout


def test_the_paths_of_files_are_recorded_and_nothing_stays_registered(write):
    path = write({"hidden": 8})
    before = dict(parity.experiment.named_configs)
    configs = read_named_configs([path, "fast"], parity.experiment.named_configs)
    with registered(parity.experiment, configs) as names:
        assert not {path, "fast"} & {*names}
        assert {*before, *names} == {*parity.experiment.named_configs}

    assert parity.experiment.named_configs == before


def test_a_file_with_the_name_of_a_named_config_is_not_read(place, run_in_process):
    (place.directory / "fast").write_text("{")

    assert run_in_process(place, "print_config", "with", "fast").returncode == 0


UNREADABLE = {
    "a.pickle": (b"\x80\x04.", "its name must end in .json, .yaml, .yml"),
    "a.toml": (b"hidden = 64", "its name must end in .json, .yaml, .yml"),
    "deep.json": (b"[" * 90_000, "cannot be read as a config"),
    "deep.yaml": (b"[" * 90_000, "cannot be read as a config"),
    "large.json": (b" " * 100_001, "is larger than 100000 bytes"),
    "list.json": (b"[64]", "must map names to values"),
    "numbers.yaml": (b"1: 2", "1 is not a name with"),
    "nested.json": (b'{"hidden": {"a": 1}}', "hidden is not a name with a number"),
    "laughs.yaml": (b"a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]", "a is not a name with a number"),
    "twice.json": (b'{"hidden": 64, "seed": 1, "hidden": 8}', "cannot be read as a config: hidden stands twice"),
    "twice.yaml": (b"hidden: 64\nseed: 1\nhidden: 8", "cannot be read as a config: hidden stands twice"),
    "empty.yaml": (b"", "must map names to values"),
    "binary.json": (b"\xff\xfe\x00\x00", "cannot be read as a config"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_config_is_refused_in_one_line(place, run_in_process, name):
    content, message = UNREADABLE[name]
    (place.directory / name).write_bytes(content)
    done = run_in_process(place, "print_config", "with", name)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert message in done.stderr


def test_a_sparse_file_of_a_gigabyte_a_fifo_and_a_path_too_long_are_refused_in_one_line(place, run_in_process):
    with (place.directory / "sparse.json").open("wb") as file:
        file.truncate(10**9)
    os.mkfifo(place.directory / "fifo.json")
    for name, message in (
        ("sparse.json", "is larger than 100000 bytes"),
        ("fifo.json", "fifo.json is not a regular file"),
        ("x" * 300 + ".json", "is neither a file nor a named config"),
    ):
        done = run_in_process(place, "with", name)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert message in done.stderr


@pytest.mark.parametrize("closed", ["own", "own/config.json"])
def test_a_config_that_may_not_be_read_is_refused_as_such(closed):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "own" / "config.json"
        path.parent.mkdir()
        path.write_text("{}")
        Path(place).chmod(0o755)
        (Path(place) / closed).chmod(0)
        message = as_other_user(refusal_of, str(path))[0]

    assert message.startswith(f"{path}: Permission denied; ask its owner for the right")


def refusal_of(name):
    with pytest.raises(UserError) as refused:
        read_named_configs([name], {})
    return str(refused.value)
