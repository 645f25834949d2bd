import json
import os

import pytest

from observers.stored_runs.selection import select_runs, values_of
from observers.stored_runs.stored_run import read_run


@pytest.fixture
def runs(recorded):
    """Runs 1, 2, 4 and 10 that differ in all that can be named, and one that is corrupt."""

    def make(name, config, notes, **entry):
        entry = {"status": "COMPLETED", "uuid": name, **entry}
        return recorded(name, run=json.dumps(entry), config=json.dumps(config), notes=notes and json.dumps(notes))

    good = {"tags": ["good", "old"], "notes": "two lines", "removed_tags": []}
    make("1", {"hidden": 8, "net": {"depth": 2}, "bound": "Infinity"}, good, experiment={"name": "parity"}, result=0.5)
    make("2", {"hidden": 16}, None, status="FAILED", meta={"comment": "with more units"})
    make("4", {"hidden": 8, "head": None}, None, meta=7, experiment="torn", result={"accuracy": 1})
    directory = make("10", {"hidden": 64}, None, result="NaN")
    point = '{"name":"test/accuracy","step":%d,"value":%s,"timestamp":"2026-11-27T00:00:00"}\n'
    (directory / "metrics.jsonl").write_text(point % (1, 0.2) + point % (2, 0.9))
    recorded("5", run="{")
    return directory.parent


def names(runs, *ids, where=None, warn=lambda _: None):
    return [path.name for path in select_runs(runs, ids, where, warn)]


@pytest.mark.parametrize(
    ("ids", "selected"),
    [
        (["10", "2"], ["2", "10"]),
        (["2..9"], ["2", "4", "5"]),
        (["1", "1..2", "2"], ["1", "2"]),
        (["4..4", "0..99999999999999999999"], ["1", "2", "4", "5", "10"]),
    ],
)
def test_runs_are_selected_by_ids_and_ranges_in_their_order(runs, ids, selected):
    assert names(runs, *ids) == selected


@pytest.mark.parametrize(
    ("where", "selected"),
    [
        ("hidden=8", ["1", "4"]),
        ("hidden=8,64 id>1", ["4", "10"]),
        ("run=1..2", ["1", "2"]),
        ("status=FAILED", ["2"]),
        ("net.depth=2", ["1"]),
        ("bound>1e300", ["1"]),
        ("head=None", ["1", "2", "4", "10"]),
        ("tag=good", ["1"]),
        ("tag=None hidden<=8", ["4"]),
        ("note~LINES", ["1"]),
        ("comment~units", ["2"]),
        ("experiment=parity", ["1"]),
        ("result<=0.5", ["1"]),
        ("result=None", ["2", "10"]),
        ("test/accuracy>0.5", ["10"]),
        ("test/accuracy=None hidden=16", ["2"]),
    ],
)
def test_runs_are_selected_by_conditions(runs, where, selected):
    assert names(runs, where=where) == selected


def test_ids_and_conditions_must_both_hold_and_a_corrupt_run_is_named(runs):
    warnings: list[str] = []

    assert names(runs, "2..10", where="hidden=8", warn=warnings.append) == ["4"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"skipped {runs / '5'}: ")


@pytest.mark.parametrize(
    ("ids", "where", "message"),
    [
        ([], None, "no run is named: give ids, ranges such as 3..9, or --where CONDITIONS"),
        (["3"], None, "there is no run=3 in .* \\(recorded there: 1, 2, 4, 5, 10\\)"),
        (["20..30"], None, "there is no run=20..30 in "),
        (["9..3"], None, "9..3 is not a range of runs: write the smaller id first"),
        (["../runs/1"], None, "there is no run=../runs/1"),
        ([], "hidden=7", "no run in .* has hidden=7$"),
        (["1"], "hidden=16", "no run of these has hidden=16$"),
        ([], "hiden=7", "no run in .* has hiden: did you mean hidden\\?$"),
        ([], "zzz=7", "no run in .* has zzz; there are bound, comment, .*, test/accuracy$"),
        ([], "hidden", "hidden is not a condition"),
        ([], "", "the condition is empty"),
    ],
)
def test_what_selects_no_run_is_refused_with_one_line(runs, ids, where, message):
    with pytest.raises(ValueError, match=f"^{message}") as refused:
        names(runs, *ids, where=where)

    assert "\n" not in str(refused.value)


def test_a_missing_directory_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nothing is recorded there"):
        names(tmp_path / "runs", "1..3")
    with pytest.raises(ValueError, match="is not a directory of runs"):
        names(tmp_path / "runs", where="a=1")


def test_the_id_of_a_run_that_has_a_name_is_a_text(recorded):
    assert values_of(read_run(recorded("named")))["id"] == "named"


def test_a_run_without_its_config_fulfils_no_condition(runs):
    (runs / "2" / "config.json").unlink()

    assert names(runs, where="hidden!=8") == ["10"]


def test_a_run_whose_metrics_cannot_be_read_fulfils_no_condition_on_them(runs, tmp_path):
    journal = (runs / "10" / "metrics.jsonl").rename(tmp_path / "journal")
    (runs / "10" / "metrics.jsonl").symlink_to(journal)
    (runs / "4" / "metrics.jsonl").write_bytes(journal.read_bytes())
    warnings: list[str] = []

    assert names(runs, where="test/accuracy!=0.5", warn=warnings.append) == ["1", "2", "4"]
    assert f"{runs / '10'}: metrics.jsonl is a link that leads out of the directory" in warnings


def test_a_run_whose_process_is_gone_is_dead(runs):
    entry = json.loads((runs / "2" / "run.json").read_text())
    file = runs / "2" / "run.json"
    file.write_text(json.dumps({**entry, "status": "RUNNING"}))
    os.utime(file, (file.stat().st_mtime - 600,) * 2)

    assert names(runs, where="status=DEAD") == ["2"]
