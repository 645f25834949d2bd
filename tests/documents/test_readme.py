"""The commands of the top README do what it says."""

import pytest

from tests.documents.commands import count_runs, run_commands


@pytest.mark.slow
def test_the_commands_of_the_readme_work_in_their_order(tmp_path):
    run_commands("README.md", tmp_path)

    assert count_runs(tmp_path / "runs") == 5
    assert count_runs(tmp_path / "runs" / "sizes") == 9
