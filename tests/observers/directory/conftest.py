"""Sacred captures no output in these tests; an empty journal, and its points in short."""

import pytest

from observers.directory.journal import Journal


@pytest.fixture(autouse=True)
def capture_nothing(monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def short(points):
    return [(point.name, point.step, point.value) for point in points]
