"""The commands of observers/README.md work as they stand there; test_other_project.py runs its example."""

from tests.documents.commands import run_commands


def test_the_commands_of_the_readme_work(tmp_path, run_recorded):
    run_recorded(tmp_path / "runs")

    run_commands("observers/README.md", tmp_path)
