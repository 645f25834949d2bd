"""One call has a Sacred experiment record its runs: every point, the output, and MongoDB."""

import sys
from typing import Any

import pymongo
import pytest
from sacred import SETTINGS, Experiment, Ingredient
from sacred.observers import FileStorageObserver, RunObserver

from observers import record
from observers.directory.observer import RunDirectoryObserver
from observers.stored_runs.stored_run import read_run
from tests.observers.small_experiment import LOGGED, make_experiment, points


def test_a_run_is_recorded_with_its_points_output_and_result(experiment, tmp_path):
    record(experiment, tmp_path / "runs")
    experiment.run()
    run = read_run(tmp_path / "runs" / "1")

    assert (run.status, run.entry["result"]) == ("COMPLETED", 0.75)
    assert points(run.directory) == LOGGED
    assert (run.directory / "cout.txt").read_text() == "measured\n"


def test_the_directory_is_runs_in_the_working_directory_unless_one_is_named(experiment, tmp_path):
    record(experiment)
    experiment.run()

    assert points(tmp_path / "runs" / "1") == LOGGED


def test_a_point_is_on_the_disk_when_it_is_logged(tmp_path):
    seen = []
    experiment = make_experiment(body=lambda run: seen.append(points(tmp_path / "runs" / run._id)))
    record(experiment, tmp_path / "runs")
    experiment.run()

    assert seen == [LOGGED]


def test_nothing_is_written_before_a_run_starts(experiment, tmp_path):
    record(experiment, tmp_path / "runs")
    experiment.run("print_config")

    assert not (tmp_path / "runs").exists()


def test_the_option_of_sacred_names_another_directory_for_one_run(experiment, tmp_path):
    record(experiment, "runs")
    experiment.run_commandline(["small", "-F", str(tmp_path / "others")])
    experiment.run()

    assert points(tmp_path / "others" / "1") == points(tmp_path / "runs" / "1") == LOGGED
    assert not list(tmp_path.glob("*/2"))


def test_each_run_of_a_process_gets_a_directory_of_its_own(experiment, tmp_path):
    record(experiment, "runs")
    runs = [experiment.run() for _ in range(3)]

    assert [run._id for run in runs] == ["1", "2", "3"]
    assert [points(tmp_path / "runs" / run._id) for run in runs] == [LOGGED] * 3


def test_a_run_that_starts_another_one_is_recorded_as_a_whole(tmp_path):
    def start_another(run):
        if run._id == "1":
            outer.run()
            run.log_scalar("after", 1)

    outer = make_experiment(body=start_another)
    record(outer, tmp_path / "runs")
    outer.run()

    assert points(tmp_path / "runs" / "1") == [*LOGGED, ("after", 0, 1)]
    assert points(tmp_path / "runs" / "2") == LOGGED
    assert read_run(tmp_path / "runs" / "1").status == "COMPLETED"


def test_a_second_call_replaces_the_directory_and_records_once(experiment, tmp_path):
    record(experiment, "first")
    record(experiment, "second")
    experiment.run()

    assert points(tmp_path / "second" / "1") == LOGGED
    assert not (tmp_path / "first").exists()


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_address_is_none(experiment, tmp_path, monkeypatch, blank):
    monkeypatch.setenv("MONGO_URL", " ")
    record(experiment, "runs", mongo=blank)
    run = experiment.run()

    assert [type(each).__name__ for each in run.observers] == ["RunDirectoryObserver", "Termination"]


def test_other_experiments_of_the_process_are_not_changed(experiment, tmp_path):
    before, streams = dict(SETTINGS), (sys.stdout, sys.stderr)
    record(experiment, "runs")
    experiment.run()
    other = make_experiment("other")
    other.observers.append(FileStorageObserver("others"))
    other.run(options={"--capture": "sys"})

    assert (dict(SETTINGS), sys.stdout, sys.stderr) == (before, *streams)
    assert (tmp_path / "others" / "1" / "cout.txt").read_text().startswith("measured")
    assert not list(tmp_path.glob("runs/2"))


class Collector(RunObserver):
    def __init__(self):
        self.points, self.output = [], ""

    def log_metrics(self, metrics_by_name, info):
        for name, metric in metrics_by_name.items():
            self.points += [(name, *point) for point in zip(metric["steps"], metric["values"], strict=True)]

    def heartbeat_event(self, info, captured_out, beat_time, result):
        self.output = captured_out


@pytest.mark.parametrize("is_first", [True, False])
def test_observers_of_the_user_get_points_and_output_as_before(experiment, tmp_path, is_first):
    collector = Collector()
    if is_first:
        experiment.observers.append(collector)
    record(experiment, "runs")
    if not is_first:
        experiment.observers.append(collector)
    for _ in range(2):
        experiment.run(options={"--capture": "sys", "--beat_interval": 0.05})

    assert collector.points == LOGGED * 2
    assert "measured" in collector.output
    assert points(tmp_path / "runs" / "2") == LOGGED


def test_with_other_observers_sacred_goes_on_capturing_and_the_output_is_recorded_once(
    experiment, tmp_path, monkeypatch
):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "sys")
    experiment.observers.append(collector := Collector())
    record(experiment, "runs")
    experiment.run()

    assert "measured" in collector.output
    assert (tmp_path / "runs" / "1" / "cout.txt").read_text() == "measured\n"


def test_points_of_earlier_hooks_and_of_ingredients_are_recorded(tmp_path):
    ingredient = Ingredient("data", base_dir="/", save_git_info=False)

    @ingredient.pre_run_hook
    def log_words(_run):
        _run.log_scalar("words", 3, 0)

    experiment = Experiment("small", ingredients=[ingredient], base_dir="/", save_git_info=False)
    experiment.main(lambda _run: _run.log_scalar("loss", 1.0, 1))
    record(experiment, tmp_path / "runs")
    experiment.run()

    assert points(tmp_path / "runs" / "1") == [("words", 0, 3), ("loss", 1, 1.0)]


@pytest.mark.usefixtures("patient_delivery")
@pytest.mark.slow
@pytest.mark.parametrize("way", ["argument", "environment", "option"])
def test_a_run_is_delivered_to_mongodb(experiment, monkeypatch, tmp_path, mongo_url, way):
    if way == "environment":
        monkeypatch.setenv("MONGO_URL", mongo_url)
    record(experiment, "runs", mongo=mongo_url if way == "argument" else None)
    experiment.run(options={"--mongo_db": mongo_url} if way == "option" else {})
    client: pymongo.MongoClient
    with pymongo.MongoClient(mongo_url) as client:
        database: Any = client.get_default_database()
        run, metric = database.runs.find_one(), database.metrics.find_one()

    assert (run["status"], run["result"], run["captured_out"]) == ("COMPLETED", 0.75, "measured\n")
    assert metric["values"] == [0.5, 0.25]
    assert mongo_url not in (tmp_path / "runs" / "1" / "run.json").read_text()


def test_the_observers_of_a_run_tell_where_it_is_recorded(experiment, tmp_path):
    record(experiment, "runs")
    run = experiment.run()
    [observer] = [observer for observer in run.observers if isinstance(observer, RunDirectoryObserver)]

    assert (tmp_path / observer.directory).samefile(tmp_path / "runs" / "1")
    assert (observer.points, observer.unrecorded) == (2, [])
