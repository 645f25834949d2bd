import pandas as pd
import pytest

from analysis.sources.metrics import Metrics, last_values


def test_the_last_values_are_read_without_the_points():
    def fail():
        raise AssertionError("the points are read")

    assert Metrics(fail, lambda: {"train/loss": 1.0}).last() == {"train/loss": 1.0}


def test_points_are_read_once_at_the_first_access():
    reads: list[int] = []

    def read():
        reads.append(1)
        return {"train/loss": ([1, 2], [2.0, 1.0]), "empty": ([], [])}

    metrics = Metrics(read)
    assert not reads
    assert metrics["train/loss"].to_dict() == {1: 2.0, 2: 1.0}
    assert sorted(metrics) == ["empty", "train/loss"]
    assert metrics.last() == {"train/loss": 1.0}
    assert len(reads) == 1
    assert "empty" in metrics
    assert metrics["train/loss"].index.name == "step"


def test_the_first_metric_is_read_alone_and_with_the_second_all_are():
    reads: list[str] = []
    points = {"a": ([1], [2.0]), "b": ([1], [3.0])}

    def read():
        reads.append("all")
        return points

    def read_one(name):
        reads.append(name)
        return points.get(name)

    metrics = Metrics(read, read_one=read_one)
    assert "a" in metrics
    assert metrics["a"].to_dict() == {1: 2.0}
    assert reads == ["a"]
    assert metrics["b"].to_dict() == {1: 3.0}
    assert "c" not in metrics
    assert reads == ["a", "all"]
    with pytest.raises(KeyError):
        Metrics(read, read_one=read_one)["c"]


def test_the_metrics_of_incense_itself_have_last_values_too():
    assert last_values({"a": pd.Series([1, 2]), "b": pd.Series([], dtype=float)}) == {"a": 2}
