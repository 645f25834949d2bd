"""The help of a command."""

import pytest

from experiments.cli.help import describe_command
from experiments.parity import experiment


@pytest.mark.parametrize(
    ("name", "usage"),
    [
        ("predict", "parity.py predict with run=... words=... [OPTIONS]"),
        ("mistakes", "parity.py mistakes with run=... numbers=... show=... [OPTIONS]"),
        ("undeploy", "parity.py undeploy with project=... region=... name=... dry_run=... [OPTIONS]"),
        ("print_config", "parity.py print_config [with NAME=VALUE ...] [OPTIONS]"),
        ("train", "parity.py [with NAME=VALUE ...] [OPTIONS]"),
    ],
)
def test_the_help_of_a_command_begins_with_its_use(name, usage):
    first, empty, description, *_ = describe_command(experiment, name).splitlines()

    assert first.endswith(usage)
    assert not empty
    assert description


def test_no_help_shows_a_signature_of_python():
    for name in dict(experiment.gather_commands()):
        assert "_run:" not in describe_command(experiment, name)
