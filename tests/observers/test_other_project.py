"""A project outside of this tree records with observers alone, installed in an environment of its own.

Each Python from 3.9 that is on the PATH is tried.
"""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pymongo
import pytest

from tests.documents.commands import ROOT

pytestmark = pytest.mark.slow

README = (ROOT / "observers" / "README.md").read_text(encoding="utf-8")
[EXAMPLE] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
[LISTED] = re.findall(r"```\n(run    status.*?)```", README, re.DOTALL)
VERSIONS = ("python3.9", "python3.10", "python3.12", "python3.13")
OFFLINE = ("No matching distribution found for", "NewConnectionError", "Temporary failure", "Max retries")
IMPORTS = """
import json, sys
from observers import record
import observers.__main__, observers.recorder
print(json.dumps([sys.version_info[:2], sorted({name.partition(".")[0] for name in sys.modules})]))
"""


class Project:
    """A directory with a script, and a Python that has observers."""

    def __init__(self, directory: Path, python: Path) -> None:
        self.directory = directory
        self.python = python
        self.environment = {
            name: value for name, value in os.environ.items() if name not in ("MONGO_URL", "PYTHONPATH")
        }

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.python), *arguments],
            cwd=self.directory,
            env={**self.environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> str:
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
        return output

    def start_training(self) -> subprocess.Popen[str]:
        """Start a run that goes on for long, and wait until it has logged a thousand points."""
        process = self.start("example.py", "with", "steps=100000000")
        while process.poll() is None and len(self.lines()) < 1000:
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()
        return process

    def lines(self) -> list[str]:
        journal = self.directory / "runs" / "1" / "metrics.jsonl"
        return journal.read_text().splitlines() if journal.exists() else []

    def steps(self) -> list[int]:
        return [json.loads(line)["step"] for line in self.lines()]

    def status(self) -> str:
        return json.loads((self.directory / "runs" / "1" / "run.json").read_text())["status"]


@pytest.fixture(scope="module", params=[sys.executable, *VERSIONS], ids=lambda name: Path(name).name)
def python(request, tmp_path_factory):
    """The Python of an environment with observers and what it requires; constraints.txt has the versions for 3.11."""
    name = request.param
    if shutil.which(name) is None or subprocess.run([name, "-c", "import ensurepip"], capture_output=True).returncode:
        pytest.skip(f"no {name} on the PATH")
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([name, "-m", "venv", str(environment)], check=True)
    pins = ["-c", str(ROOT / "constraints.txt")] if name == sys.executable else []
    install([str(environment / "bin" / "pip"), "install", "--quiet", *pins, str(ROOT / "observers")], environment)
    return environment / "bin" / "python"


def install(command: list[str], directory: Path) -> None:
    """Run pip; without a registry the test is skipped, except in CI."""
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PIP_CONSTRAINT")}
    done = subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, check=False)
    if any(reason in done.stderr for reason in OFFLINE) and "CI" not in os.environ:
        pytest.skip("the package registry cannot be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def project(python, tmp_path):
    (tmp_path / "example.py").write_text(EXAMPLE)
    return Project(tmp_path, python)


def test_neither_tensorflow_nor_numpy_nor_a_part_of_this_project_is_needed(project):
    version, imported = json.loads(project.run("-c", IMPORTS).splitlines()[-1])
    listed = json.loads(project.run("-m", "pip", "list", "--format", "json", "--disable-pip-version-check"))
    installed = {package["name"].lower() for package in listed}

    assert version >= [3, 9]
    assert {"observers", "sacred", "pymongo"} <= set(imported)
    assert not {"tensorflow", "numpy", "core", "experiments", "analysis"} & {*imported, *installed}
    assert "zahlwort-observers" in installed


def test_installing_leaves_nothing_in_the_tree(python):
    done = subprocess.run(
        ["git", "status", "--short", "--ignored", "observers"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "build" not in done.stdout
    assert "egg-info" not in done.stdout


def test_the_folder_on_the_path_is_enough(project):
    shutil.copytree(ROOT / "observers", project.directory / "vendored" / "observers")
    place = project.run("-c", "import observers; print(observers.__file__)", PYTHONPATH="vendored")
    project.run("example.py", PYTHONPATH="vendored")

    assert "vendored" in place
    assert project.status() == "COMPLETED"


def test_the_sources_name_nothing_that_python_3_9_does_not_have(tmp_path):
    """Also where python3.9 is not on the PATH to try it."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path)], check=True)
    install([str(tmp_path / "bin" / "pip"), "install", "--quiet", "vermin==1.9.2"], tmp_path)
    command = [tmp_path / "bin" / "vermin", "--target=3.9-", "--violations", "--no-tips"]
    for_types_only = ["--exclude", "typing.TypeGuard"]
    done = subprocess.run([*command, *for_types_only, ROOT / "observers"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_isinstance_takes_a_union_of_types():
    """Python 3.9 raises a TypeError, and vermin does not see it."""
    types = [
        (path.name, node.args[1])
        for path in (ROOT / "observers").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
    ]

    assert len(types) > 50
    assert [name for name, argument in types if any(isinstance(part, ast.BitOr) for part in ast.walk(argument))] == []


def test_a_server_that_does_not_answer_is_told_and_stops_no_run(project):
    output = project.run("example.py", MONGO_URL="mongodb://127.0.0.1:9/runs?serverSelectionTimeoutMS=200")

    assert "connection refused: start the server" in output
    assert "Traceback" not in output
    assert (project.status(), len(project.steps())) == ("COMPLETED", 1000)


def test_a_run_is_recorded_and_listed(project):
    project.run("example.py", "with", "steps=5000")
    listed = project.run("-m", "observers", "list")

    assert project.status() == "COMPLETED"
    assert project.steps() == list(range(5000))
    assert [line.rstrip() for line in listed.splitlines()] == LISTED.splitlines()


def test_after_sigkill_no_point_is_lost(project):
    process = project.start_training()
    process.kill()
    process.communicate()
    project.run("-m", "observers", "reap")

    assert project.steps() == list(range(len(project.steps())))
    assert len(project.steps()) >= 1000
    assert project.status() == "DEAD"


def test_sigterm_ends_the_run_with_its_record(project):
    process = project.start_training()
    process.terminate()
    output, _ = process.communicate(timeout=60)
    metrics = json.loads((project.directory / "runs" / "1" / "metrics.json").read_text())

    assert (process.returncode, project.status()) == (128 + signal.SIGTERM, "TERMINATED"), output
    assert metrics["loss"]["steps"] == project.steps() == list(range(len(project.steps())))


def test_a_run_is_delivered_to_mongodb(project, mongo_url):
    project.run("example.py", MONGO_URL=mongo_url)
    project.run("-m", "observers", "sync", MONGO_URL=mongo_url)  # what a busy machine has not delivered in time
    listed = project.run("-m", "observers", "list", MONGO_URL=mongo_url)
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        [run], [metric] = database.runs.find(), database.metrics.find()

    assert (run["status"], len(metric["values"])) == ("COMPLETED", 1000)
    assert "all" in listed
