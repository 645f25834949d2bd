import errno
import json
import os
import shutil

import pytest

from observers.errors import with_advice
from observers.stored_runs.runs_directory import check_place, find_run, id_order, read_runs, run_directories
from observers.system.files import read_json, write_json


@pytest.fixture
def runs(tmp_path):
    for name in ("1", "2", "10"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text('{"status": "COMPLETED"}')
    (tmp_path / "runs" / "_sources").mkdir()
    return tmp_path / "runs"


def test_ids_are_in_the_order_of_their_numbers():
    assert sorted(["10", "2", "1", "100", "9"], key=id_order) == ["1", "2", "9", "10", "100"]
    assert sorted([10, 9, 100], key=id_order) == [9, 10, 100]


def test_directories_of_runs_are_listed_in_order_without_sources_and_deleted_runs(runs):
    (runs / "named").mkdir()
    (runs / ".deleted-3").mkdir()
    for name in ("named", "_sources", ".deleted-3"):
        write_json(runs / name / "run.json", {})
    (runs / "notes").mkdir()

    assert [path.name for path in run_directories(runs)] == ["1", "2", "10", "named"]


def test_a_run_is_found_by_its_id(runs):
    assert find_run(runs, 10) == find_run(runs, "10") == find_run(runs, f"{runs}/10") == runs / "10"
    assert read_json(find_run(runs, 1) / "run.json") == {"status": "COMPLETED"}


@pytest.mark.parametrize("run_id", [3, "_sources", "../runs/1", "/", ".."])
def test_an_unknown_id_is_refused_with_a_list_of_the_runs(runs, run_id):
    with pytest.raises(ValueError, match=r"there is no run=.*recorded there: 1, 2, 10"):
        find_run(runs, run_id)


def test_the_list_of_many_runs_has_the_last_ones(tmp_path):
    for number in range(1, 23):
        (tmp_path / str(number)).mkdir()
        write_json(tmp_path / str(number) / "run.json", {})

    with pytest.raises(ValueError, match=r"\(recorded there: \.\.\., 3, 4, .*, 22\)"):
        find_run(tmp_path, 23)


@pytest.mark.parametrize("run_id", [None, ""])
def test_a_missing_id_is_refused(runs, run_id):
    with pytest.raises(ValueError, match=r"missing run=<id> of a run in .* \(recorded there: 1, 2, 10\)"):
        find_run(runs, run_id)


def test_a_missing_directory_lists_no_runs(tmp_path):
    with pytest.raises(ValueError, match="nothing is recorded there"):
        find_run(tmp_path / "runs", 1)


def test_a_place_is_checked_without_creating_it(tmp_path):
    for run_id in ("7", "0", "9" * 18):
        check_place(tmp_path / "new" / "runs", run_id)

    assert not list(tmp_path.iterdir())


def test_runs_below_a_file_are_refused(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ValueError, match=r"cannot record runs in .*/file/runs: .*/file is not a directory"):
        check_place(tmp_path / "file" / "runs")


def test_the_id_of_an_existing_run_is_refused(runs):
    with pytest.raises(ValueError, match="exists already"):
        check_place(runs, "2")


@pytest.mark.parametrize("run_id", ["../1", "a b", "", ".", "a/b", "first_try", "007", "9" * 19, "٣", "7\n"])
def test_an_id_that_is_not_a_number_is_refused(runs, run_id):
    with pytest.raises(ValueError, match="is not a run id: it must be a whole number"):
        check_place(runs, run_id)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (None, "run.json is missing"),
        ("", "run.json is not JSON"),
        ("[]", "run.json has no status"),
        ("{}", "run.json has no status"),
        ('{"status": 1, "uuid": "a"}', "run.json has no status"),
        ('{"status": "COMPLETED"}', "run.json has no uuid: another observer recorded this run"),
        ('{"status": "COMPLETED", "uuid": null}', "run.json has no uuid"),
    ],
)
def test_a_run_that_cannot_be_read_is_skipped_and_named_and_the_others_are_read(recorded, run, message):
    warnings: list[str] = []
    for name in ("10", "1", "2"):
        recorded(name, run=run) if name == "2" else recorded(name)
    read = [run.directory.name for run in read_runs(recorded("_other").parent, warnings.append)]

    assert read == ["1", "10"]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"skipped {recorded('3').with_name('2')}: {message}")


def test_a_file_in_place_of_a_run_is_skipped_and_named(recorded):
    warnings: list[str] = []
    runs = recorded("1").parent
    (runs / "2").touch()
    (runs / "notes.txt").touch()

    assert [run.uuid for run in read_runs(runs, warnings.append)] == ["uuid of 1"]
    assert warnings == [f"skipped {runs / '2'}: run.json: {with_advice(os.strerror(errno.ENOTDIR), errno.ENOTDIR)}"]


def test_the_damage_of_a_run_is_reported_with_its_directory(recorded):
    warnings: list[str] = []
    directory = recorded("1", config=None)

    assert [run.uuid for run in read_runs(directory.parent, warnings.append)] == ["uuid of 1"]
    assert warnings == [f"{directory}: config.json is missing"]


def test_reading_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="is not a directory of runs"):
        list(read_runs(tmp_path / "runs", print))


def read(runs):
    """Return the names of the runs that are read, the warnings and the remarks."""
    warnings: list[str] = []
    remarks: list[str] = []
    names = [run.directory.name for run in read_runs(runs, warnings.append, remarks.append)]
    return names, warnings, remarks


def make_old(path):
    os.utime(path, (path.stat().st_mtime - 600,) * 2)


def test_each_run_is_read_once_and_links_and_copies_are_remarked_on(recorded):
    runs = recorded("1").parent
    shutil.copytree(runs / "1", runs / "2")
    (runs / "latest").symlink_to("1")
    (runs / "7").symlink_to("../elsewhere")
    (runs / "notes").symlink_to("/etc")

    assert read(runs) == (
        ["1"],
        [],
        [
            f"{runs / '7'} is a link to {runs.parent / 'elsewhere'}: left out",
            f"{runs / 'latest'} is a link to {runs / '1'}: left out",
            f"{runs / '2'} is a copy of {runs / '1'} (the same uuid): left out",
        ],
    )


def test_a_run_that_was_killed_before_it_was_recorded_is_remarked_on_once_it_cannot_be_starting(recorded):
    runs = recorded("1").parent
    (runs / "2").mkdir()
    (runs / "2" / "config.json").touch()
    assert read(runs) == (["1"], [], [])
    make_old(runs / "2")

    names, warnings, [remark] = read(runs)
    assert (names, warnings) == (["1"], [])
    assert remark.startswith(f"{runs / '2'} is a run that was killed before it was recorded; to delete it: ")


def test_a_run_that_lost_its_run_json_is_damage(recorded):
    runs = recorded("1", run=None).parent
    make_old(runs / "1")

    assert read(runs) == ([], [f"skipped {runs / '1'}: run.json is missing"], [])


def test_a_deletion_that_is_not_finished_is_remarked_on(recorded):
    runs = recorded("1").parent
    recorded(".deleted-2-0123abcd")

    names, warnings, [remark] = read(runs)
    assert (names, warnings) == (["1"], [])
    assert remark.startswith(f"{runs / '.deleted-2-0123abcd'}: its deletion is not finished; to finish it: ")


def test_a_run_that_is_deleted_while_others_are_read_is_none(recorded):
    runs = recorded("1").parent
    recorded("2")
    found: list[str] = []
    warnings: list[str] = []
    for run in read_runs(runs, warnings.append):
        found.append(run.directory.name)
        shutil.rmtree(runs / "2", ignore_errors=True)

    assert (found, warnings) == (["1"], [])


def test_a_link_is_not_found_as_a_run(recorded):
    runs = recorded("1").parent
    (runs / "latest").symlink_to("1")

    with pytest.raises(ValueError, match=r"runs/latest is a link to .*runs/1: name that run itself"):
        find_run(runs, "latest")


def test_without_a_remark_all_is_warned_of(recorded):
    warnings: list[str] = []
    runs = recorded("1").parent
    (runs / "2").symlink_to("1")

    assert len(list(read_runs(runs, warnings.append))) == len(warnings) == 1


def test_runs_share_what_they_have_in_common_in_memory(recorded):
    for name, packages in (("1", ["a==1"]), ("2", ["a==2"]), ("3", ["a==1"])):
        experiment = {"dependencies": packages, "sources": []}
        entry = {"status": "COMPLETED", "uuid": name, "experiment": experiment, "host": {"hostname": "here"}}
        place = recorded(name, run=json.dumps(entry)).parent
    first, second, third = read_runs(place, lambda _: None)

    assert first.entry["experiment"] is third.entry["experiment"]
    assert first.entry["host"] is second.entry["host"]
    assert [run.entry["experiment"]["dependencies"] for run in (first, second)] == [["a==1"], ["a==2"]]
