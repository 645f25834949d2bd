"""Sacred captures no output in these tests."""

import pytest


@pytest.fixture(autouse=True)
def capture_nothing(monkeypatch):
    monkeypatch.setattr("sacred.SETTINGS.CAPTURE_MODE", "no")
