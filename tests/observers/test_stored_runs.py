import json
from datetime import UTC, datetime, timedelta

import pytest

from observers.files import read_json, write_json
from observers.process import this_process
from observers.stored_runs import by_id, check_place, find_run, lives, moment, read_run, read_runs

NOON = datetime(2026, 11, 23, 12)


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


def test_of_many_runs_the_last_are_listed(tmp_path):
    for number in range(1, 23):
        (tmp_path / str(number)).mkdir()
        write_json(tmp_path / str(number) / "run.json", {})

    with pytest.raises(ValueError, match=r"\(recorded there: \.\.\., 3, 4, .*, 22\)"):
        find_run(tmp_path, 23)


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


@pytest.fixture
def recorded(tmp_path):
    """Make a directory of a run from the contents of its files."""

    def make(name, **files):
        directory = tmp_path / "runs" / name
        directory.mkdir(parents=True)
        run = {"status": "COMPLETED", "uuid": f"uuid of {name}"}
        contents = {"run": json.dumps(run), "config": '{"seed": 1}', "info": '{"best_step": 20}', **files}
        for file, content in contents.items():
            if content is not None:
                (directory / f"{file}.json").write_text(content)
        (directory / "metrics.jsonl").touch()
        return directory

    return make


def test_a_run_is_read(recorded):
    run = read_run(recorded("1"))

    assert (run.uuid, run.status, run.damaged) == ("uuid of 1", "COMPLETED", ())
    assert run.entry == {"status": "COMPLETED", "uuid": "uuid of 1"}
    assert run.config == {"seed": 1}
    assert run.info == {"best_step": 20, "uuid": "uuid of 1"}
    assert run.journal == run.directory / "metrics.jsonl"


@pytest.mark.parametrize("file", ["config", "info"])
@pytest.mark.parametrize(
    ("content", "damage"),
    [
        (None, ".json is missing"),
        ("", ".json is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[1]", ".json holds no names and values"),
    ],
)
def test_what_is_missing_or_torn_is_named_and_the_run_is_read(recorded, file, content, damage):
    run = read_run(recorded("1", **{file: content}))

    assert run.damaged == (f"{file}{damage}",)
    assert getattr(run, file) == ({"uuid": "uuid of 1"} if file == "info" else {})
    assert run.status == "COMPLETED"


def test_the_uuid_is_that_of_the_run_whatever_info_says(recorded):
    assert read_run(recorded("1", info='{"uuid": 7}')).info == {"uuid": "uuid of 1"}


def test_a_file_that_is_a_directory_is_damage(recorded):
    directory = recorded("1", config=None)
    (directory / "config.json").mkdir()
    [damage] = read_run(directory).damaged

    assert "Is a directory" in damage
    assert "config.json" in damage


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (None, "run.json: No such file or directory"),
        ("", "run.json is no JSON"),
        ("[]", "run.json has no status"),
        ("{}", "run.json has no status"),
        ('{"status": 1, "uuid": "a"}', "run.json has no status"),
        ('{"status": "COMPLETED"}', "run.json has no uuid: another observer has recorded this run"),
        ('{"status": "COMPLETED", "uuid": null}', "run.json has no uuid"),
    ],
)
def test_what_is_no_run_is_skipped_and_named_and_the_rest_is_read(recorded, run, message):
    said: list[str] = []
    for name in ("10", "1", "2"):
        recorded(name, run=run) if name == "2" else recorded(name)
    read = [run.directory.name for run in read_runs(recorded("_other").parent, said.append)]

    assert read == ["1", "10"]
    assert len(said) == 1
    assert said[0].startswith(f"skipped {recorded('3').with_name('2')}: {message}")


def test_a_file_in_place_of_a_run_is_skipped_and_named(recorded):
    said: list[str] = []
    runs = recorded("1").parent
    (runs / "2").touch()
    (runs / "notes.txt").touch()

    assert [run.uuid for run in read_runs(runs, said.append)] == ["uuid of 1"]
    assert said == [f"skipped {runs / '2'}: run.json: Not a directory"]


def test_damage_of_a_run_that_is_read_is_said_with_its_directory(recorded):
    said: list[str] = []
    directory = recorded("1", config=None)

    assert [run.uuid for run in read_runs(directory.parent, said.append)] == ["uuid of 1"]
    assert said == [f"{directory}: config.json is missing"]


def test_where_there_is_no_directory_no_runs_are_read(tmp_path):
    with pytest.raises(ValueError, match="is no directory of runs"):
        list(read_runs(tmp_path / "runs", print))


@pytest.mark.parametrize(("seconds", "alive"), [(0, True), (299, True), (300, False), (86_400, False), (-60, True)])
@pytest.mark.parametrize("process", [None, {}, "torn", {**this_process(), "hostname": "another"}])
def test_a_run_of_another_host_lives_for_five_minutes_after_its_heartbeat(seconds, alive, process):
    heartbeat = NOON - timedelta(seconds=seconds)

    assert lives({"process": process, "heartbeat": heartbeat.isoformat()}, NOON) is alive
    assert lives({"process": process, "heartbeat": heartbeat}, NOON) is alive
    assert lives({"process": process, "start_time": heartbeat.isoformat(), "heartbeat": None}, NOON) is alive


def test_a_run_of_this_host_lives_as_long_as_its_process():
    assert lives({"process": this_process(), "heartbeat": "2000-01-01T00:00:00"}, NOON)
    assert not lives({"process": {**this_process(), "started": 1}, "heartbeat": NOON.isoformat()}, NOON)


def test_a_run_that_has_given_no_sign_does_not_live():
    assert not lives({})
    assert not lives({"heartbeat": "noon", "start_time": 12})


def test_now_is_utc():
    now = datetime.now(UTC).replace(tzinfo=None)

    assert lives({"heartbeat": now.isoformat()})
    assert not lives({"heartbeat": (now - timedelta(minutes=6)).isoformat()})


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-23T12:00:00", NOON),
        (NOON, NOON),
        (NOON.replace(tzinfo=UTC), NOON),
        ("2026-11-23T12:00:00Z", NOON),
        ("", None),
        (None, None),
        (12, None),
    ],
)
def test_a_moment_is_read_if_it_can_be(value, read):
    assert moment(value) == read


def test_runs_are_in_the_order_of_their_numbers(tmp_path):
    names = ["10", "2", "1", "100", "9"]

    assert [path.name for path in sorted((tmp_path / name for name in names), key=by_id)] == [
        "1",
        "2",
        "9",
        "10",
        "100",
    ]


def test_a_journal_that_is_missing_is_damage(recorded):
    (recorded("1") / "metrics.jsonl").unlink()

    assert read_run(recorded("2").parent / "1").damaged == ("metrics.jsonl is missing",)
