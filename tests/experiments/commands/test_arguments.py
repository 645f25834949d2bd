"""The arguments of commands."""

import pytest

from experiments.commands.arguments import arguments_of
from experiments.parity import experiment

ARGUMENTS = {
    "train": (),
    "print_config": (),
    "save_config": ("config_filename",),
    "predict": ("run", "words"),
    "mistakes": ("run", "numbers", "show"),
    "explain": ("run", "word"),
    "export": ("run",),
    "deploy": ("run", "project", "bucket", "region", "name", "machine", "dry_run"),
    "undeploy": ("project", "region", "name", "dry_run"),
}


@pytest.mark.parametrize("command", ARGUMENTS)
def test_arguments_are_read_from_the_signature(command):
    assert arguments_of(experiment.commands[command]) == ARGUMENTS[command]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("predict with run=1 words=elf hidden=3", "predict takes only run, words: remove hidden"),
        ("predict with fast run=1 words=elf", "predict takes only run, words: remove fast"),
        ("export with run=1 seed=3", "export takes only run: remove seed"),
        ("undeploy with hidden=3", "undeploy takes only project, region, name, dry_run: remove hidden"),
    ],
)
def test_config_entries_are_refused_since_the_config_is_that_of_the_run(place, run_in_process, line, message):
    done = run_in_process(place, *line.split())

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"parity: {message}")
    assert done.stderr.count("\n") == 1
