"""The command line of the analysis."""

import pytest

from analysis.commands.main import main


@pytest.fixture
def analyse(capsys):
    """Execute a command, and return what it prints."""

    def analyse(*arguments, status=0):
        assert main([str(argument) for argument in arguments]) == status
        printed = capsys.readouterr()
        return printed.out if status == 0 else printed.err

    return analyse
