"""The options of the command line, and the command that it names."""

import pytest

from experiments.cli.options import check_options, find_command, read_options
from experiments.parity import experiment
from experiments.pipeline.errors import UserError

ALLOWED = [
    [],
    ["with", "hidden=64"],
    ["--beat-interval", "0.1"],
    ["--beat-interval", "60"],
    ["--priority", "-5"],
    ["--capture", "fd"],
    ["--loglevel", "DEBUG"],
    ["--loglevel", "0"],
    ["--loglevel", "50"],
    ["-F", "new/runs"],
    ["--id", "7"],
]
REFUSED = [
    (["--beat-interval", "61"], "--beat-interval=61 is not a number from 0.1 to 60"),
    (["--beat-interval", "nan"], "--beat-interval=nan is not a number"),
    (["--priority", "high"], "--priority=high is not a number"),
    (["--capture", "tee"], "--capture=tee is not one of no, sys, fd"),
    (["--loglevel", "debug"], "--loglevel=debug is not 0 to 50 or one of DEBUG"),
    (["--loglevel", "-1"], "--loglevel=-1 is not 0 to 50"),
    (["--loglevel", "²"], "--loglevel=² is not 0 to 50"),
    (["--s3", "bucket"], "--s3 is not supported"),
    (["--tiny_db", "db"], "--tiny_db is not supported"),
    (["--queue"], "--queue queues a run that nothing would execute"),
]


@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_options_that_sacred_can_handle_are_allowed(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_options(read_options(experiment, arguments))


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_options_with_values_that_make_no_sense_are_refused(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as refusal:
        check_options(read_options(experiment, arguments))

    assert message in str(refusal.value)


def test_an_unknown_command_is_refused_with_a_similar_one():
    assert find_command(experiment, "train") is experiment.commands["train"]
    with pytest.raises(UserError, match=r"no command exprot \(did you mean 'export'\?\): choose one of"):
        find_command(experiment, "exprot")


def test_an_unknown_option_is_refused_by_its_name():
    with pytest.raises(UserError, match=r"there is no option --hidden=3: use \[COMMAND\]"):
        read_options(experiment, ["--hidden=3"])


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["predict", "run=1", "words=elf"], "predict with run=1 words=elf"),
        (["predict", "elf"], "predict with words=elf"),
        (["hidden=8", "seed=1"], "with hidden=8 seed=1"),
        (["explain", "run=1", "word=elf"], "explain with run=1 word=elf"),
        (["predict", "elf zwei"], "predict with 'words=elf zwei'"),
    ],
)
def test_a_missing_with_is_suggested(arguments, meant):
    with pytest.raises(UserError) as refusal:
        read_options(experiment, arguments)

    assert f"did you mean '{meant}'?" in str(refusal.value)


def test_a_named_config_without_with_is_suggested():
    with pytest.raises(UserError, match=r"no command fast \(did you mean 'with fast'\?\)"):
        find_command(experiment, "fast")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_a_command_has_help(flag):
    options = read_options(experiment, ["predict", flag])

    assert (options["COMMAND"], options["help"]) == ("predict", True)
