import pytest

from observers.files import read_json
from observers.stored_runs import check_place, find_run


@pytest.fixture
def runs(tmp_path):
    for name in ("1", "2", "10"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text('{"status": "COMPLETED"}')
    (tmp_path / "runs" / "_sources").mkdir()
    return tmp_path / "runs"


def test_a_run_is_found_by_its_id(runs):
    assert find_run(runs, 10) == find_run(runs, "10") == find_run(runs, f"{runs}/10") == runs / "10"
    assert read_json(find_run(runs, 1) / "run.json") == {"status": "COMPLETED"}


@pytest.mark.parametrize("run_id", [3, "_sources", "../runs/1", "/", ".."])
def test_what_is_no_run_is_refused_with_a_list_of_those_there_are(runs, run_id):
    with pytest.raises(ValueError, match=r"there is no run=.*recorded there: 1, 2, 10"):
        find_run(runs, run_id)


@pytest.mark.parametrize("run_id", [None, ""])
def test_a_run_has_to_be_named(runs, run_id):
    with pytest.raises(ValueError, match="run=<id> names a run"):
        find_run(runs, run_id)


def test_where_nothing_is_recorded_nothing_is_listed(tmp_path):
    with pytest.raises(ValueError, match="nothing is recorded there"):
        find_run(tmp_path / "runs", 1)


def test_a_place_is_checked_without_making_it(tmp_path):
    check_place(tmp_path / "new" / "runs", "7")

    assert not list(tmp_path.iterdir())


def test_a_file_holds_no_runs(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ValueError, match="is no directory"):
        check_place(tmp_path / "file" / "runs")


def test_no_run_is_overwritten(runs):
    with pytest.raises(ValueError, match="exists already"):
        check_place(runs, "2")


@pytest.mark.parametrize("run_id", ["../1", "a b", "", ".", "a/b", "first_try"])
def test_an_id_is_a_plain_name(runs, run_id):
    with pytest.raises(ValueError, match="is no id of a run"):
        check_place(runs, run_id)
