"""The commands and the example of observers/README.md work as they stand there."""

import re
import subprocess
import sys
from typing import Any

import pymongo
import pytest

from observers.stored_runs.stored_run import read_run
from tests.documents.commands import ROOT, run_commands

README = (ROOT / "observers" / "README.md").read_text(encoding="utf-8")


def test_the_commands_of_the_readme_work(tmp_path, run_recorded):
    run_recorded(tmp_path / "runs")

    run_commands("observers/README.md", tmp_path)


@pytest.mark.slow
def test_the_example_records_a_run_and_delivers_it(tmp_path, mongo_url):
    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    placeholder = "mongodb://localhost:27017/example"
    assert placeholder in example
    (tmp_path / "example.py").write_text(example.replace(placeholder, mongo_url))
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True)
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        run, metric = database.runs.find_one(), database.metrics.find_one()

    assert done.returncode == 0, done.stderr
    assert read_run(tmp_path / "runs" / "1").status == run["status"] == "COMPLETED"
    assert metric["values"] == [1 / (step + 1) for step in range(100)]
