"""The result and the validation of a recorded run."""

import pytest

from experiments.recording.outcome import result_of, validation_of
from observers.directory.journal import JOURNAL, Journal
from observers.stored_runs.stored_run import read_run
from tests.experiments.commands.runs import write_run


@pytest.mark.parametrize("strange", [None, {"a": 1}, [1], "0.5", True, float("inf")])
def test_what_is_no_finite_number_is_no_result_and_no_validation(tmp_path, strange):
    run = read_run(write_run(tmp_path, "1", result=strange, validation=strange))

    assert result_of(run) is None
    assert validation_of(run) is None


def test_a_result_and_a_validation_are_numbers(tmp_path):
    run = read_run(write_run(tmp_path, "1", result=2, validation=0.5))

    assert (result_of(run), validation_of(run)) == (2.0, 0.5)


def test_the_validation_of_an_earlier_version_is_in_its_metrics(tmp_path):
    directory = write_run(tmp_path, "1", validation=None)
    (directory / "info.json").write_text('{"best_step": 50}')
    journal = Journal(directory / JOURNAL)
    for name, value, step in [("loss", 0.1, 50), ("mean_absolute_error", 9, 0), ("mean_absolute_error", 1.25, 50)]:
        journal.append(f"validation/{name}", value, step)
    journal.close()

    assert validation_of(read_run(directory)) == 1.25


def test_damaged_lines_of_the_metrics_are_skipped(tmp_path):
    directory = write_run(tmp_path, "1", validation=None)
    (directory / "info.json").write_text('{"best_step": 50}')
    name = '"name":"validation/mean_absolute_error"'
    lines = [f"{{{name}", f"[{name[7:]}]", f'{{{name},"step":50}}', f'{{{name},"step":50,"value":1.25}}']
    (directory / JOURNAL).write_text("\n".join(lines) + "\n")
    assert validation_of(read_run(directory)) == 1.25

    (directory / JOURNAL).write_text("\n".join(lines))  # the last line is not whole
    assert validation_of(read_run(directory)) is None


@pytest.mark.parametrize("info", ["{}", '{"best_step": [50]}', '{"best_step": 70}'])
def test_without_a_best_step_there_is_no_validation(tmp_path, info):
    directory = write_run(tmp_path, "1", validation=None)
    (directory / "info.json").write_text(info)
    journal = Journal(directory / JOURNAL)
    journal.append("validation/mean_absolute_error", 1.25, 50)
    journal.close()

    assert validation_of(read_run(directory)) is None
