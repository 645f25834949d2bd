import pytest

from core.network.tasks import TASKS
from experiments.parity import experiment
from experiments.pipeline.config import ENTRIES, check_config, complete
from experiments.pipeline.defaults import defaults_of
from experiments.pipeline.errors import UserError


def config(**changes):
    return {**defaults_of("parity"), "max_steps": 100, "patience": 100, **changes}


def test_a_valid_config_is_accepted():
    check_config(config())
    check_config(config(seed=0, extrapolation_max=10**18 - 1, language="en", learning_rate=1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": "abc"}, "hidden='abc' is not a whole number from 1 to 4096"),
        ({"hidden": 64.0}, "hidden=64.0 is not a whole number"),
        ({"hidden": True}, "hidden=True is not a whole number"),
        ({"hidden": None}, "hidden=None is not a whole number"),
        ({"hidden": [64]}, "hidden=[64] is not a whole number"),
        ({"hidden": 0}, "hidden=0 is not a whole number from 1 to 4096"),
        ({"hidden": 4097}, "hidden=4097 is not a whole number from 1 to 4096"),
        ({"learning_rate": 0.0}, "learning_rate=0.0 is not a number from"),
        ({"learning_rate": float("nan")}, "learning_rate=nan is not a number from"),
        ({"learning_rate": float("inf")}, "learning_rate=inf is not a number from"),
        ({"task": 7}, "task=7 is not text"),
        ({"task": "primality"}, "task=primality is unknown: choose one of parity, number"),
        ({"head": "nalu"}, "head=nalu is unknown for task=parity: choose one of softmax"),
        ({"direction": "sideways"}, "direction=sideways is unknown: choose one of forwards, backwards"),
        ({"memory": 0}, "memory=0 is not a whole number from 1 to 64, or None"),
        ({"schedule": "steps"}, "schedule=steps is unknown: choose one of linear, cosine"),
        ({"log_loss": True}, "log_loss=True is for the heads linear, nac, nalu"),
        ({"penalty": -1}, "penalty=-1 is not a number from 0"),
        ({"penalty": 1}, "penalty=1 is for the heads places, inalu, nau, nmu, codebook, product, not"),
        ({"warmup": 100, "schedule": "foo"}, "schedule=foo is unknown"),
        ({"warmup": 100}, "warmup=100 must be below max_steps=100"),
        ({"penalty_start": 100}, "penalty_start=100 must be below max_steps=100"),
        ({"curriculum": 100}, "curriculum=100 must be below max_steps=100"),
        ({"head": [1]}, "head=[1] is not text"),
        ({"curriculum": 0.5}, "curriculum=0.5 is not a whole number from 0"),
        ({"language": "klingon"}, "language='klingon' is unknown; it is one of am, ar"),
        ({"min_number": -1}, "min_number=-1 is not a whole number from 0"),
        ({"max_number": 10**18}, "max_number=1000000000000000000 is not a whole number from 0 to 99999"),
        ({"min_number": 5, "max_number": 4}, "min_number=5 is larger than max_number=4"),
        ({"data_size": 1001}, "data_size=1001 does not fit: the range 0..999 holds 1000 numbers"),
        ({"test_fraction": 0.0}, "leaves no number for test"),
        ({"validation_fraction": 1.5}, "validation_fraction=1.5 is not a number from 0 to 1"),
        ({"evaluate_every": 101}, "evaluate_every=101 is larger than patience=100: training would stop before"),
        ({"cover_parts": 1}, "cover_parts=1 is not True or False"),
        ({"extrapolation_max": 999}, "extrapolation_max=999 is not larger than max_number=999"),
        ({"extrapolation_max": 1500}, "extrapolation_size=1000 does not fit"),
        ({"language": "tr", "max_number": 10**18 - 1}, "no word for 999999999999999999 in language='tr'"),
        ({"seed": "abc"}, "seed='abc' is not a whole number from 0"),
        ({"seed": -1}, "seed=-1 is not a whole number from 0"),
        ({"hiden": 3}, "hiden=3 is not an entry of the config: did you mean hidden?"),
        ({"xyzzy": 3}, "xyzzy=3 is not an entry of the config: choose one of task, language, min_number"),
    ],
)
def test_an_invalid_config_is_refused_in_one_line(changes, message):
    with pytest.raises(UserError) as raised:
        check_config(config(**changes))

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_incomplete_config_is_refused():
    incomplete = config()
    del incomplete["hidden"]

    with pytest.raises(UserError, match="the config lacks hidden"):
        check_config(incomplete)


def test_the_arguments_of_a_command_are_allowed():
    check_config(config(run=3, words="elf"), arguments=("run", "words"))


def test_every_entry_has_a_default_and_help():
    run = experiment.run("print_config", options={"--unobserved": True})

    assert run.config.keys() == ENTRIES.keys()
    assert {name: run.config_modifications.docs[name] for name in ENTRIES} == {
        name: entry.help for name, entry in ENTRIES.items()
    }


def test_the_help_names_every_task_and_its_heads():
    for name, task in TASKS.items():
        assert name in ENTRIES["task"].help
        assert all(head in ENTRIES["head"].help for head in task.heads)


def test_the_config_of_an_earlier_version_is_completed_with_the_values_that_it_had_in_effect():
    earlier = config()
    for name in ("direction", "memory", "warmup", "schedule"):
        del earlier[name]

    completed = complete({**earlier, "hidden": 3})
    assert {**earlier, "hidden": 3}.items() <= completed.items()
    assert (completed["direction"], completed["memory"]) == ("forwards", None)
    assert (completed["warmup"], completed["schedule"]) == (0, "linear")
