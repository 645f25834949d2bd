"""Holds pyproject.toml, constraints.txt and environment.yml to one another."""

import re
import sysconfig
import tomllib
from importlib import metadata
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OBSERVERS = tomllib.loads((ROOT / "observers" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["optional-dependencies"]
REQUIREMENTS = [Requirement(line) for line in [*PROJECT["dependencies"], *EXTRAS["dev"], *EXTRAS["deploy"]]]
PINS = [
    Requirement(line)
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
PINNED = {canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in PINS}


def test_every_pin_is_exact_and_names_no_address():
    for pin in PINS:
        assert [specifier.operator for specifier in pin.specifier] == ["=="], pin
        assert pin.url is None
    assert "://" not in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_every_requirement_is_pinned_within_its_range():
    for requirement in [*REQUIREMENTS, *map(Requirement, EXTRAS["benchmark"])]:
        assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_observers_alone_require_less_of_the_same_packages():
    project = {requirement.name for requirement in map(Requirement, PROJECT["dependencies"])}
    for requirement in map(Requirement, OBSERVERS["dependencies"]):
        assert requirement.name in project
        assert PINNED[canonicalize_name(requirement.name)] in requirement.specifier, requirement
    assert not {"tensorflow", "numpy"} & {Requirement(line).name for line in OBSERVERS["dependencies"]}
    assert (OBSERVERS["version"], OBSERVERS["license"]) == (PROJECT["version"], PROJECT["license"])


def test_what_is_installed_is_what_is_pinned():
    installed = {
        canonicalize_name(package.name): Version(package.version)
        for package in metadata.distributions(path=[sysconfig.get_path("purelib")])
    }
    needed = closure([requirement.name for requirement in REQUIREMENTS])

    assert {name: installed[name] for name in needed & installed.keys()} == {
        name: PINNED.get(name) for name in needed & installed.keys()
    }


def closure(names: list[str]) -> set[NormalizedName]:
    """The names of packages and of all that they require, as far as it is installed."""
    found: set[NormalizedName] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        waiting += [
            line.name for line in map(Requirement, required) if not line.marker or line.marker.evaluate({"extra": ""})
        ]
    return found


def test_every_dependency_says_why_it_is_there():
    own = [Requirement(line) for line in OBSERVERS["dependencies"]]
    for requirement, folder in [(entry, "") for entry in REQUIREMENTS] + [(entry, "observers") for entry in own]:
        lines = (ROOT / folder / "pyproject.toml").read_text(encoding="utf-8").splitlines()
        [line] = [line for line in lines if re.match(rf'\s*"{re.escape(requirement.name)}[^a-z-]', line)]
        assert re.search(r"# \w+", line), line


def test_conda_users_get_the_same_python_and_the_same_packages():
    assert PROJECT["requires-python"] == ">=3.11,<3.12"
    *conda, pip = ENVIRONMENT["dependencies"]
    assert conda == ["python=3.11", "pip"]
    assert Version("3.11") in SpecifierSet(PROJECT["requires-python"])
    assert pip == {"pip": ["--constraint constraints.txt", "--editable .[dev,deploy,cluster,search]"]}


def test_the_readme_installs_without_make_what_make_installs():
    [extras] = re.findall(r"`pip install -c constraints\.txt -e \"\.\[([\w,]+)\]\"`", README)

    assert f'--editable ".[{extras}]"' in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"--editable .[{extras}]" in ENVIRONMENT["dependencies"][-1]["pip"]
