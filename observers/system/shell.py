"""Writes commands as the user types them in a shell, in the current directory."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path


def typed_program(name: str = "python") -> str:
    """Return a program of this Python's environment as the user types it.

    Args:
        name: the program, such as `tensorboard`.

    Returns:
        The bare name if its directory is on the PATH; otherwise its path, relative if it lies below the current
        directory.
    """
    programs = Path(sys.executable).parent
    if str(programs) in os.environ.get("PATH", "").split(os.pathsep):
        return name
    directory = os.path.relpath(programs) if programs.is_relative_to(Path.cwd()) else str(programs)
    return shlex.quote(f"{directory}/{name}")


def typed_script(path: str | Path) -> str:
    """Return the command that runs a Python script with this Python."""
    return f"{typed_program()} {shlex.quote(os.path.relpath(path))}"
