"""Each benchmark works: it runs with --tiny, which takes seconds and measures nothing."""

import os
import shutil
from pathlib import Path

import pytest

from tests.experiments.place import Place

FOLDER = Path(__file__).parent
BENCHMARKS = {
    **{path.stem: path for path in FOLDER.glob("[!_]*.py") if not path.stem.startswith("test_")},
    **{path.parent.name: path for path in FOLDER.glob("*/__main__.py")},
}
SCENARIOS = {"survival": ["stalled"], "faults": ["power_cuts", "killed_run", "disturbed_deletion"]}
"""The others are tests of the observers, or take longer."""


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_a_benchmark_runs_at_a_tiny_size(name, tmp_path):
    if name == "faults" and (
        "WITHOUT_STRACE" in os.environ or (not shutil.which("strace") and "CI" not in os.environ)
    ):
        pytest.skip("strace is missing, or may not trace")
    done = Place(tmp_path).run(*SCENARIOS.get(name, ()), "--tiny", script=BENCHMARKS[name])

    assert done.returncode == 0, done.stderr
    assert any(character.isdigit() for character in done.stdout), done.stdout
