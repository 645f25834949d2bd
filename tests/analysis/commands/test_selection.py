import pytest

from analysis.commands.selection import file_to_write, names, select
from observers.stored_runs.notes import change_notes
from tests.analysis.conftest import write_run


@pytest.mark.parametrize(
    ("conditions", "runs"),
    [
        ("hidden=8 seed<2", [1, 2]),
        ("hidden=64", [19]),
        ("status!=COMPLETED", [19]),
        ("test/accuracy>0.92 hidden=32", [18]),
        ("run=3,4", [3, 4]),
        ("test/accuracy=None", [19]),
        ("reason~purpose", [19]),
        ("seed=5 hidden=8,16", [6, 12]),
    ],
)
def test_conditions_choose_runs(sweep, conditions, runs):
    assert select([str(sweep)], [conditions]).runs.index.tolist() == runs


def test_a_condition_on_an_entry_that_some_runs_lack(sweep):
    write_run(sweep, 20, {"task": "parity", "memory": 5})

    assert select([str(sweep)], ["memory=5"]).runs.index.tolist() == [20]
    assert len(select([str(sweep)], ["memory=None"]).runs) == 19


def test_runs_are_chosen_by_their_tags(sweep):
    change_notes(sweep / "12", lambda notes: notes.with_tags(["good", "new"]))

    assert select([str(sweep)], ["tag=good"]).runs.index.tolist() == [12]


def test_an_unknown_name_is_refused_with_a_similar_one(sweep):
    with pytest.raises(ValueError, match=r"no run in .* has hiden \(did you mean hidden\?\)"):
        select([str(sweep)], ["hiden=8"])
    with pytest.raises(ValueError, match="has the config entry test/loss"):
        select([str(sweep)]).check_entries(["test/loss"])


def test_a_run_is_found_by_its_id(sweep):
    assert select([str(sweep)]).experiment("3").config["seed"] == 2
    with pytest.raises(ValueError, match=r"there is no run 99 in .* \(recorded there: 1, 2, 3"):
        select([str(sweep)]).experiment("99")


def test_the_directory_is_runs_by_default(sweep, monkeypatch):
    sweep.rename(sweep.with_name("runs"))
    monkeypatch.chdir(sweep.parent)

    assert len(select([]).runs) == 19


def test_a_file_to_write_has_a_known_ending_and_a_directory(tmp_path):
    assert file_to_write(str(tmp_path / "a.png"), (".png",)) == tmp_path / "a.png"
    with pytest.raises(ValueError, match=r"a\.gif does not end with \.png or \.svg"):
        file_to_write("a.gif", (".png", ".svg"))
    with pytest.raises(ValueError, match="cannot be written: there is no directory"):
        file_to_write(str(tmp_path / "none" / "a.png"), (".png",))


def test_names_stand_between_commas():
    assert names("hidden, seed,") == ["hidden", "seed"]


def test_damaged_notes_do_not_hide_a_run(sweep, capsys):
    (sweep / "12" / "notes.json").write_text("{}")

    assert 12 in select([str(sweep)]).runs.index
    assert "notes.json holds no tags and notes" in capsys.readouterr().err


def test_several_conditions_must_all_hold(sweep):
    assert select([str(sweep)], ["hidden=8", "seed=4"]).runs.index.tolist() == [5]


def test_a_condition_in_place_of_a_source_is_recognized():
    with pytest.raises(ValueError, match="hidden=8 is no source: write --where hidden=8"):
        select(["hidden=8"])


def test_an_empty_reason_is_a_missing_one(sweep):
    assert len(select([str(sweep)], ["comment=None reason=None"]).runs) == 18


def test_a_tag_with_a_blank_is_one_tag(sweep):
    change_notes(sweep / "12", lambda notes: notes.with_tags(["very good"]))

    assert select([str(sweep)], ["tag='very good'"]).runs.index.tolist() == [12]
    with pytest.raises(ValueError, match="fulfils tag=very"):
        select([str(sweep)], ["tag=very"])
