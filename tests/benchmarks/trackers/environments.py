"""Makes an environment for each tracker, once, outside of the tree."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.benchmarks.trackers.catalogue import PROJECT

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "zahlwort" / "trackers"
_PINS = Path(__file__).with_name("environments.toml")


class NotInstalledError(Exception):
    """An environment cannot be made; the message is the last line of pip."""


def default_cache() -> Path:
    """Return the directory of the environments and the results, unless the command line names another."""
    return _CACHE


@cache
def read_pins() -> Mapping[str, Sequence[str]]:
    """Read what is installed into each environment."""
    return tomllib.loads(_PINS.read_text(encoding="utf-8"))


def find_python(environment: str, place: Path | None) -> str:
    """Return the Python of an environment; the first call makes it.

    Args:
        environment: the name in environments.toml, or that of the environment of this process.
        place: the directory of all environments; None is that of this process.

    Raises:
        NotInstalledError: it cannot be made.
    """
    if environment == PROJECT or place is None:
        return sys.executable
    directory, pins = place / environment, "\n".join(read_pins()[environment])
    python, installed = directory / "bin" / "python", directory / "installed"
    if not installed.exists() or installed.read_text(encoding="utf-8") != pins:
        print(f"installing {environment} into {directory}", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(directory)])
        _run([str(python), "-m", "pip", "install", "--quiet", *read_pins()[environment]])
        installed.write_text(pins, encoding="utf-8")
    return str(python)


def _run(command: Sequence[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PIP_CONSTRAINT", "PYTHONPATH")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["no message"]
        raise NotInstalledError(lines[-1])
