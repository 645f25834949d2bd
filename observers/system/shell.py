"""Writes commands as the user types them in a shell, in the current directory."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

_PLAIN = "/._=,"  # beside letters and digits: what printf and every shell take as it is


def typed_program(name: str | None = None) -> str:
    """Return a program of this Python's environment as the user types it.

    Args:
        name: the program, such as `tensorboard`; None is Python, whose name is python3 where there is no python.

    Returns:
        The bare name if the PATH leads to it, and not to another program of that name; otherwise its path, relative
        if it lies below the current directory.
    """
    programs = Path(sys.executable).parent
    if name is None:
        name = "python" if (programs / "python").exists() else Path(sys.executable).name
    found = shutil.which(name)
    if found is not None and Path(found).parent == programs:
        return name
    directory = os.path.relpath(programs) if programs.is_relative_to(Path.cwd()) else str(programs)
    return typed_path(f"{directory}/{name}")


def typed_script(path: str | Path) -> str:
    """Return the command that runs a Python script with this Python."""
    return f"{typed_program()} {typed_path(os.path.relpath(path))}"


def typed_path(path: str | Path) -> str:
    """Return a path as the user types it after a command, an option or `with`.

    A path such as `-runs` or `lr=0.01/1/config.json` gets `./` before it, so that no program takes it for an option,
    for NAME=VALUE or for NAME~DRAW.
    """
    text = str(path)
    first = text.partition("/")[0]
    if first.startswith("-") or "=" in first or "~" in first:
        text = f"./{text}"
    return typed_text(text + "/" * text.endswith("\n"))  # the shell would drop a last line break


def typed_text(text: str) -> str:
    """Return one argument as the user types it; characters that no terminal shows become octal bytes."""
    if text.isprintable():
        return shlex.quote(text)
    shown = "".join(
        letter if letter.isalnum() or letter in _PLAIN else "".join(f"\\{byte:03o}" for byte in os.fsencode(letter))
        for letter in text
    )
    return f"\"$(printf '{shown}')\""


def typed_storage(runs: str | Path) -> str:
    """Return the option -F, with a blank before it, that names a directory of runs; empty for `runs`, the default."""
    return "" if str(runs) == "runs" else f" -F {typed_path(runs)}"
