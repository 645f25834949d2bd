"""Importing a module of the project does nothing else, and every package has a contract on its order of imports."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "observers", "experiments", "analysis")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
)

OTHERS = """
import importlib, json, os, sys
names, = json.load(sys.stdin)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
for name in names:
    importlib.import_module(name)
project = ("core", "observers", "experiments", "analysis", "__main__")
print(json.dumps(sorted(name for name in sys.modules if name.partition(".")[0] not in project)))
"""

EFFECTS = """
import importlib, json, logging, os, random, signal, sys, threading, warnings
from contextlib import suppress
from pathlib import Path
names, others = json.load(sys.stdin)

def state():
    import matplotlib, numpy, sacred
    loggers = [logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)]
    return {
        "environment": dict(os.environ),
        "working directory": os.getcwd(),
        "files": sorted(map(str, Path().rglob("*"))),
        "open files": sorted(os.listdir("/proc/self/fd")),
        "signals": {number: str(signal.getsignal(number)) for number in signal.valid_signals()},
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "log handlers": sorted(f"{logger.name} {handler}" for logger in loggers for handler in logger.handlers),
        "log levels": logging.root.level,
        "random": (random.getstate(), numpy.random.get_state()[1].tolist()),
        "settings of sacred": str(dict(sacred.SETTINGS)),
        "settings of matplotlib": dict(matplotlib.rcParams),
        "streams": (id(sys.stdout), id(sys.stderr), id(sys.excepthook)),
        "search path": list(sys.path),
        "warnings": str(warnings.filters),
    }

for name in others:
    with suppress(Exception):  # some are not meant to be imported by themselves
        importlib.import_module(name)
effects = {}
before = state()
for name in names:
    importlib.import_module(name)
    after = state()
    changed = [what for what in before if after[what] != before[what]]
    if changed:
        effects[name] = changed
    before = after
print(json.dumps(effects))
"""


def run(script, directory, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=directory,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_importing_a_module_has_no_side_effect(tmp_path):
    """The libraries that the modules import are imported first, since some of them have effects of their own."""
    names = [name for name in MODULES if not name.endswith("__main__")]
    others = run(OTHERS, tmp_path, names)

    assert run(EFFECTS, tmp_path, names, others) == {}


def test_the_check_sees_side_effects(tmp_path):
    (tmp_path / "bad.py").write_text("import os, sacred\nos.environ['A'] = 'b'\nsacred.SETTINGS.CAPTURE_MODE = 'no'\n")
    others = ["sacred", "numpy", "matplotlib"]

    assert run(EFFECTS, tmp_path, ["bad"], others)["bad"] == ["environment", "settings of sacred"]


def test_every_package_has_a_contract_on_the_order_of_its_modules():
    ordered = {name for contract in CONTRACTS if contract.get("exhaustive") for name in contract["containers"]}
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }

    assert ordered == packages


def test_a_module_is_short_enough_to_be_read_at_once():
    for package in (*PACKAGES, "tests"):
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= (250 if package == "tests" else 200), path


def test_a_folder_has_few_modules_at_one_level():
    for package in PACKAGES:
        for directory in [ROOT / package, *(path.parent for path in (ROOT / package).rglob("__init__.py"))]:
            modules = [path.name for path in directory.glob("*.py") if path.name != "__init__.py"]
            assert len(modules) <= 9, (directory, modules)
