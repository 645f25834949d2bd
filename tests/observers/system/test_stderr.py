import sys

import pytest

from observers.system.stderr import warn


def test_a_warning_is_a_line_on_standard_error(capsys):
    warn("1 point is missing")

    assert capsys.readouterr() == ("", "1 point is missing\n")


@pytest.mark.parametrize("error", [OSError("no terminal"), ValueError("I/O operation on closed file")])
def test_a_closed_standard_error_is_ignored(monkeypatch, error):
    class Closed:
        def write(self, text):
            raise error

    monkeypatch.setattr(sys, "stderr", Closed())

    warn("1 point is missing")
