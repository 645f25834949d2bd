import pytest

from observers.maintenance.delete.selection import select_for_deletion


@pytest.fixture
def left(runs):
    """Two runs, an empty directory of an id, one with a broken run.json, and an unfinished deletion."""
    (runs / "2" / "run.json").unlink()
    (runs / "7").mkdir()
    (runs / "8").symlink_to("1")
    (runs / ".deleted-5-0123abcd").mkdir()
    return runs


def names(runs, *ids, conditions=None):
    return [path.name for path in select_for_deletion(runs, ids, conditions, lambda _: None)]


@pytest.mark.parametrize(
    ("ids", "selected"),
    [
        (["7"], ["7"]),
        (["5"], [".deleted-5-0123abcd"]),
        (["2", "3"], ["2", "3"]),
        (["1", "1"], ["1"]),
        (["1", "1..3"], ["1", "3", "2"]),
        (["1..9"], ["1", "3", ".deleted-5-0123abcd", "2", "7"]),
        (["6..7"], ["7"]),
    ],
)
def test_ids_and_ranges_also_name_what_killed_processes_left(left, ids, selected):
    assert names(left, *ids)[:1] == selected[:1]
    assert sorted(names(left, *ids)) == sorted(selected)


@pytest.mark.parametrize("item", ["4", "8..9", "..", ".deleted-5-0123abcd", "_sources", "../runs/1"])
def test_what_is_no_id_is_refused(left, item):
    with pytest.raises(ValueError, match=r"there is no run="):
        names(left, item)


def test_a_link_is_refused_with_where_it_leads(left):
    with pytest.raises(ValueError, match=r"runs/8 is a link to .*runs/1: name that run itself"):
        names(left, "8")


def test_conditions_hold_for_runs_only(runs):
    assert names(runs, conditions="hidden=8") == ["1", "2", "3"]
    (runs / ".deleted-5-0123abcd").mkdir()
    assert names(runs, "1..9", conditions="id>1") == ["2", "3"]
