import pytest

from core.network.tasks import TASKS
from experiments import number, parity
from experiments.pipeline.config import check_config
from experiments.pipeline.defaults import FAST, HEAD_DEFAULTS, defaults_of
from experiments.pipeline.errors import UserError


def printed(experiment, **updates):
    config = experiment.run("print_config", config_updates=updates, options={"--unobserved": True}).config
    return {name: value for name, value in config.items() if name != "seed"}


@pytest.mark.parametrize("task", TASKS)
def test_the_defaults_of_every_head_are_a_valid_config(task):
    for head in TASKS[task].heads:
        check_config(defaults_of(task, head))
        check_config({**defaults_of(task, head), **FAST})


def test_the_defaults_of_a_script_are_those_of_the_first_head_of_its_task():
    assert printed(parity.experiment) == defaults_of("parity", "softmax")
    assert printed(number.experiment) == defaults_of("number", "places")


def test_another_head_brings_its_own_defaults_and_other_entries_override_them():
    changed = printed(number.experiment, head="nalu", max_steps=770)

    assert changed == {**defaults_of("number", "nalu"), "max_steps": 770}
    assert changed["learning_rate"] == HEAD_DEFAULTS["nalu"]["learning_rate"]


def test_a_head_without_defaults_does_not_get_those_of_another(monkeypatch):
    defaults = {name: entries for name, entries in HEAD_DEFAULTS.items() if name != "nac"}
    monkeypatch.setattr("experiments.pipeline.defaults.HEAD_DEFAULTS", defaults)
    with pytest.raises(UserError, match="head=nac has no defaults: add them to HEAD_DEFAULTS"):
        printed(number.experiment, head="nac")


def test_another_task_brings_its_first_head():
    assert printed(parity.experiment, task="number")["head"] == "places"


def test_a_head_or_task_that_is_no_text_leaves_the_message_to_the_check():
    for name in ("head", "task"):
        with pytest.raises(UserError, match=rf"{name}=\[1\] is not text"):
            printed(number.experiment, **{name: [1]})
