"""Says which environment to activate when a script runs outside of it, where its imports fail.

It is imported only then, by any Python: it needs nothing but the standard library of Python 3.6.
"""

import os
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_VERSION = (3, 11)
_PACKAGES = {"bson": "pymongo", "gridfs": "pymongo", "pkg_resources": '"setuptools<80.9"'}  # module -> what has it


def exit_outside_environment(error: Exception) -> None:
    """Exit with one line if an import failed because Python is not the one of the environment.

    Args:
        error: why the import failed. If a module of the project itself is at fault, the call returns.

    Raises:
        SystemExit: with the command that activates or creates the environment, status 1; where observers is used
            without the rest of the project, with the command that installs the package.
    """
    name = getattr(error, "name", None)
    is_package = isinstance(error, ImportError) and name is not None and "." not in name
    if not (_ROOT / "experiments" / "laboratory.py").exists():
        if is_package:
            package = _PACKAGES.get(str(name), name)
            sys.exit(
                f"observers: this Python lacks {name}: install it with '{sys.executable} -m pip install {package}'"
            )
        return
    if sys.version_info[:2] == _VERSION and not is_package:
        return
    found = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    problem = (
        f"this is {found}, not 3.11" if sys.version_info[:2] != _VERSION else f"this {found} lacks {_named(str(name))}"
    )
    script = Path(sys.argv[0])
    program = script.parent.name if script.name == "__main__.py" else script.stem
    sys.exit(f"{program}: {problem}: {_remedy()}")


def _named(package: str) -> str:
    return "the project" if (_ROOT / package).is_dir() else package


def _remedy() -> str:
    place = _ROOT / ".venv" / "place"  # the Makefile writes it
    if place.exists() and place.read_text().strip() != str(_ROOT):
        return "the project has moved: 'make run' lets .venv follow it"
    activate = "'source {}/bin/activate'".format(os.path.relpath(str(_ROOT / ".venv")))
    if Path(sys.prefix).resolve() == (_ROOT / ".venv").resolve():
        return "'make run' updates the environment"
    if (_ROOT / ".venv" / "bin" / "activate").exists():
        return f"activate the environment with {activate}"
    return f"create the environment with 'make run', and activate it with {activate}"
