import pandas as pd

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


def test_the_metrics_of_incense_itself_have_last_values_too():
    assert last_values({"a": pd.Series([1, 2]), "b": pd.Series([], dtype=float)}) == {"a": 2}
