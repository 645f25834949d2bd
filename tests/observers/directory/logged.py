"""Runs that log points for several observers, and what each observer got."""

from typing import Any

import numpy as np
from sacred import Experiment
from sacred.observers import RunObserver

from observers.directory.journal_reader import read_points
from observers.directory.log_scalar import log_points_at_once
from observers.system.files import read_json


class Collector(RunObserver):
    """Keeps all points that Sacred hands over."""

    def __init__(self):
        self.points: list[tuple[str, float, Any]] = []

    def log_metrics(self, metrics_by_name, info):
        for name, metric in metrics_by_name.items():
            self.points += [(name, *point) for point in zip(metric["steps"], metric["values"], strict=True)]


def experiment_with(*observers, body, hooks=(log_points_at_once,)):
    """Make an experiment that calls each hook with the run before it starts, and then the body."""
    experiment = Experiment("small", base_dir="/", save_git_info=False)
    experiment.observers += observers
    for hook in hooks:
        experiment.pre_run_hook(_of_run(hook))

    @experiment.main
    def main(_run):
        body(_run)

    return experiment


def _of_run(hook):
    def call(_run):
        hook(_run)

    return call


def log(run):
    for value in range(3):
        run.log_scalar("a", value / 2)
        run.log_scalar("b", np.float32(value), np.int64(10 * value))
    run.log_scalar("a", 7.0, 20)
    run.log_scalar("a", 8.0)


LOGGED = {
    "a": [(0, 0.0), (1, 0.5), (2, 1.0), (20, 7.0), (21, 8.0)],
    "b": [(0, 0.0), (10, 1.0), (20, 2.0)],
}


def journal(directory):
    """Return the steps and values of each metric in a journal."""
    return by_name((point.name, point.step, point.value) for point in read_points(directory / "metrics.jsonl"))


def by_name(points):
    found: dict[str, list[tuple[float, Any]]] = {}
    for name, step, value in points:
        found.setdefault(name, []).append((step, value))
    return found


def metrics_json(directory):
    """Return the steps and values of each metric in metrics.json."""
    metrics: dict[str, Any] = read_json(directory / "metrics.json")
    return {name: list(zip(metric["steps"], metric["values"], strict=True)) for name, metric in metrics.items()}
