import json

import pytest

from tests.analysis.conftest import write_run


@pytest.fixture
def study(tmp_path):
    """Two runs of nalu and one of places, another that failed, and one of another task."""
    for number in range(1, 6):
        config = {"task": "number", "head": "places" if number == 3 else "nalu", "seed": number}
        error, exact = {1: (4.0, 0.25), 2: (2.0, 0.5), 3: (0.0, 1.0)}.get(number, (0, 0))
        metrics = {"test/mean_absolute_error": error, "test/exact": exact} if number < 4 else {}
        if number == 5:
            config, metrics = {"task": "parity", "head": "softmax", "seed": 4}, {"test/accuracy": 0.5}
        status = "FAILED" if number == 4 else "COMPLETED"
        write_run(tmp_path, number, config, metrics, {"cpu_seconds": 2.0 * number}, status=status)
    return tmp_path


def change(study, run, **entries):
    config = json.loads((study / run / "config.json").read_text())
    (study / run / "config.json").write_text(json.dumps({**config, **entries}))


def rows_of(shown):
    return [line.split() for line in shown.splitlines() if " of " in line]


def test_runs_are_folded_over_their_seeds_and_measures_are_not_mixed(study, analyse):
    shown = analyse("groups", study, "--by", "head")
    rows = rows_of(shown)

    assert "test accuracy (more is better)" in shown
    assert "test mean absolute error (less is better)" in shown
    assert ["nalu", "2", "3", "3", "1.4", "4", "0.375"] in [row[:7] for row in rows]
    assert ["places", "1", "0", "0", "0", "1.000", "1", "of", "1"] in [row[:9] for row in rows]
    assert ["softmax", "1", "0.5", "0.5", "0.5", "0", "of", "1"] in [row[:8] for row in rows]
    assert "fewer than 5 runs have no interval" in shown


def test_the_share_of_a_success_can_be_chosen(study, analyse):
    shown = analyse("groups", study, "--by", "head", "--success", "0.5")

    assert "success from 0.5" in shown
    assert "1 of 2 (0.09 to 0.91)" in shown


def test_a_diverged_run_is_no_success_and_has_an_infinite_error(study, analyse):
    write_run(study, 4, {"task": "number", "head": "nalu", "seed": 4}, status="DIVERGED")
    shown = analyse("groups", study, "--by", "head", "--success", "0.5")

    assert "1 of 3 (0.06 to 0.79)" in shown
    assert " inf " in shown


@pytest.mark.parametrize("entries", ["memory,head", "memory", ""])
def test_runs_that_differ_in_more_than_their_seed_are_not_mixed(study, analyse, entries):
    for run, memory in (("1", None), ("2", 5), ("3", 5)):
        change(study, run, memory=memory)
    shown = analyse("groups", study, *(["--by", entries] if entries else []))
    rows = [set(row) for row in rows_of(shown)]

    assert ("also grouped by task, head, in which" in shown) == (entries == "memory")
    for group in ({"None", "nalu"}, {"5", "nalu"}, {"5", "places"}, {"None", "softmax"} if entries else {"softmax"}):
        assert len([row for row in rows if group <= row]) == 1, group
    assert " of 2 " not in shown


def test_other_entries_are_folded_on_request(study, analyse):
    for run, memory in (("1", None), ("2", 5)):
        change(study, run, memory=memory)
    shown = analyse("groups", study, "--by", "head,task", "--over", "memory", "--success", "0.5")

    assert "1 of 2 (0.09 to 0.91)" in shown
    assert "also grouped" not in shown


def test_the_first_step_at_a_bound_stands_in_the_table(sweep, analyse):
    shown = analyse("groups", sweep, "--first", "validation/accuracy>=0.92")

    assert "first step validation/accuracy>=0.92" in shown
    assert "45 (4 of 6)" in shown
    assert "never" in shown
    assert "first step from 0.5" in analyse("groups", sweep, "--success", "0.5")


def test_another_metric_is_folded_on_request(sweep, analyse):
    shown = analyse("groups", sweep, "--metric", "test/loss", "--format", "json")

    assert [row["metric"] for row in json.loads(shown)] == ["test/loss"] * 3
    assert "has train/x" in analyse("groups", sweep, "--metric", "train/x", status=1)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--success", value) for value in ("98", "-1", "nan", "x")),
        *(("--first", value) for value in ("accuracy", "validation/accuracy<=0.9", "test/loss>=1", "a>=b")),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused(study, analyse, capsys, option, value):
    with pytest.raises(SystemExit):
        analyse("groups", study, f"{option}={value}")

    assert option in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--by", "--over"])
def test_an_entry_that_no_run_has_is_refused(study, analyse, option):
    assert "has the config entry units" in analyse("groups", study, option, "units", status=1)


def test_runs_without_a_result_cannot_be_folded(study, analyse):
    assert "there is no completed run in" in analyse("groups", study, "--where", "status=FAILED", status=1)
