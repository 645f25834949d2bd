"""The head in the README of core works as it stands there."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.documents.commands import ROOT

PACKAGES = ("core", "experiments", "observers")


@pytest.mark.slow
def test_the_head_of_the_readme_trains_when_its_blocks_are_pasted(tmp_path):
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "core" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", text, re.DOTALL)
    for path, block in blocks:
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{block}")

    [command] = re.findall(r"`python (experiments/parity.py with head=\w+)` trains it", text)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, *command.split(), "fast"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert len(blocks) == 3
    assert done.returncode == 0, done.stderr
    assert "completed; recorded in runs/1" in done.stdout
