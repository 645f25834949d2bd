"""Points that Sacred hands over at heartbeats: many of them, one under way, and one after the end."""

import math
import threading

import pytest
from sacred.metrics_logger import linearize_metrics
from sacred.observers import FileStorageObserver, RunObserver

from observers.directory.log_scalar import log_points_at_once
from observers.directory.observer import RunDirectoryObserver
from observers.system.files import read_json
from tests.observers.directory.logged import LOGGED, Collector, by_name, experiment_with, journal, log, metrics_json

MANY = {"a": [(step, step / 7) for step in range(5000)], "b": [(step, math.sqrt(step)) for step in range(5000)]}


@pytest.fixture
def unknown_run(monkeypatch):
    """The observer does not find the run that calls it, as if another observer handed the events over."""
    monkeypatch.setattr("observers.directory.observer.attach_to_starting_run", lambda _: None)


class Late(RunObserver):
    """Delays the last heartbeat until Sacred, which waits two seconds for it, has ended the run."""

    priority = 30  # before the directory

    def __init__(self):
        self.ended = threading.Event()

    def heartbeat_event(self, *args, **kwargs):
        assert self.ended.wait(60)


def log_many(run):
    for step in range(5000):
        run.log_scalar("a", step / 7, step)
        run.log_scalar("b", math.sqrt(step))


def fail(run):
    log_many(run)
    raise ValueError("on purpose")


def test_points_reach_two_directories_and_another_observer_over_many_heartbeats(tmp_path):
    first, other, second = RunDirectoryObserver(tmp_path / "a"), Collector(), RunDirectoryObserver(tmp_path / "b")
    run = experiment_with(first, other, second, body=log_many)._create_run()
    run.beat_interval = 0.005
    run()
    run._heartbeat.join()  # Sacred waits for two seconds

    assert by_name(other.points) == MANY
    assert journal(tmp_path / "a" / "1") == journal(tmp_path / "b" / "1") == MANY


def test_points_of_a_heartbeat_under_way_are_logged_once(tmp_path, unknown_run):
    """It took points from Sacred's queue before log_scalar was replaced, and hands them over after that."""
    other = Collector()

    def replace_during_a_heartbeat(run):
        log(run)
        taken = run._metrics.get_last_metrics()
        log_points_at_once(run)
        for observer in run.observers:
            observer.log_metrics(linearize_metrics(taken), run.info)

    def log_more(run):
        run.log_scalar("a", 9.0)

    experiment_with(RunDirectoryObserver(tmp_path), other, body=log_more, hooks=(replace_during_a_heartbeat,)).run()

    logged = {**LOGGED, "a": [*LOGGED["a"], (22, 9.0)]}
    assert journal(tmp_path / "1") == by_name(other.points) == logged


@pytest.mark.parametrize("hooks", [(), (log_points_at_once,)])
def test_points_reach_every_observer_by_a_heartbeat_after_the_end(tmp_path, capsys, hooks, unknown_run):
    ours, sacreds, late = RunDirectoryObserver(tmp_path / "ours"), FileStorageObserver(tmp_path / "sacreds"), Late()

    run = experiment_with(ours, sacreds, late, body=fail, hooks=hooks)._create_run()
    with pytest.raises(ValueError, match="on purpose"):
        run()
    assert read_json(tmp_path / "ours" / "1" / "run.json")["status"] == "FAILED"
    late.ended.set()
    run._heartbeat.join()

    assert journal(tmp_path / "ours" / "1") == metrics_json(tmp_path / "ours" / "1") == MANY
    assert metrics_json(tmp_path / "sacreds" / "1") == MANY
    assert read_json(tmp_path / "ours" / "1" / "run.json")["status"] == "FAILED"
    assert "is not recorded" not in capsys.readouterr().err


def test_without_log_points_at_once_points_come_with_heartbeats(tmp_path, unknown_run):
    other = Collector()
    run = experiment_with(RunDirectoryObserver(tmp_path), other, body=fail, hooks=())._create_run()
    run.beat_interval = 0.01
    with pytest.raises(ValueError, match="on purpose"):
        run()
    run._heartbeat.join()

    assert journal(tmp_path / "1") == by_name(other.points) == MANY
