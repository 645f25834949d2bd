"""Calls a function as another user, who owns nothing."""

import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest

_NOBODY = 65534


def as_other_user(function, *arguments):
    """Call a function in a process of another user; return its result, and what it printed to each stream."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
            out, err = StringIO(), StringIO()
            with redirect_stdout(out), redirect_stderr(err):
                result = function(*arguments)
            os.write(writing, json.dumps([result, out.getvalue(), err.getvalue()]).encode())
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        answer = file.read()
    os.waitpid(child, 0)
    return json.loads(answer)
