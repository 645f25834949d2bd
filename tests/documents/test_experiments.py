"""The commands of the READMEs of experiments do what they say."""

import pytest

from tests.documents.commands import count_runs, run_commands


@pytest.mark.slow
def test_the_commands_of_the_readme_work_in_their_order(tmp_path):
    run_commands("experiments/README.md", tmp_path, first=("python experiments/parity.py with fast",))

    assert count_runs(tmp_path / "runs") == 4
    assert count_runs(tmp_path / "runs" / "nac") == 4


@pytest.mark.slow
def test_the_commands_of_the_readme_of_sweeps_work_in_their_order(tmp_path):
    run_commands("experiments/sweeps/README.md", tmp_path)

    assert count_runs(tmp_path / "runs" / "nac") == 6
    assert count_runs(tmp_path / "runs" / "draws") == 3
