"""Errors that say what to do, in a line."""

import importlib

import pytest

from experiments.pipeline.errors import UserError, requires_extra


def test_an_import_that_fails_says_how_to_install_the_extra():
    with pytest.raises(UserError) as refused, requires_extra("cluster", "--cluster"):
        importlib.import_module("no_such_package")

    command = 'pip install -c constraints.txt -e ".[cluster]"'
    assert str(refused.value) == f"--cluster needs packages: {command} (No module named 'no_such_package')"


def test_another_error_is_not_taken_for_a_missing_package():
    with pytest.raises(ZeroDivisionError), requires_extra("cluster", "--cluster"):
        _ = 1 // 0
