import pytest

from observers.mongodb.documents.preservation import keep_more
from observers.stored_runs.stored_run import StoredRun


@pytest.fixture
def run(tmp_path):
    def make(*damage):
        return StoredRun(tmp_path / "1", {"status": "COMPLETED", "uuid": "a"}, {}, {"uuid": "a"}, damage)

    return make


def kept(run, content, stored, *, lines=0):
    warnings: list[str] = []
    content = {"config": {}, "info": {"uuid": "a"}, "captured_out": "", **content}
    left = keep_more(content, stored, run, warnings.append)
    assert len(warnings) == lines
    return left


def test_a_config_that_cannot_be_read_does_not_replace_that_of_mongodb(run):
    stored = {"config": {"seed": 1}}

    assert "config" not in kept(run("config.json is missing"), {}, stored, lines=1)
    assert "config" not in kept(run("config.json is not JSON: ..."), {}, stored, lines=1)
    assert kept(run(), {"config": {"seed": 2}}, stored)["config"] == {"seed": 2}
    assert kept(run("config.json is missing"), {}, {"config": {}})["config"] == {}


def test_entries_of_info_that_an_ended_run_has_lost_stay(run):
    stored = {"status": "COMPLETED", "info": {"uuid": "a", "best_step": 20}}

    assert kept(run(), {}, stored, lines=1)["info"] == {"uuid": "a", "best_step": 20}
    assert kept(run(), {}, {**stored, "status": "RUNNING"})["info"] == {"uuid": "a"}
    assert "info" not in kept(run("info.json is missing"), {}, stored, lines=1)


@pytest.mark.parametrize(
    ("new", "earlier", "replaces"),
    [
        ("first\nsecond\n", "first\n", True),
        ("first\n", "first\n", True),
        ("grün\n", "gr\ufffd", True),  # a character that was half written
        ("", "first\n", False),
        ("fir", "first\n", False),
        ("\0\0\0\0\0\0\0\0", "first\n", False),
        ("... 100 bytes before this\nend", "... 50 bytes before this\nmiddle", True),
        ("... 10 bytes before this\nend", "... 50 bytes before this\nmiddle", False),
        ("x" * 60, "... 50 bytes before this\nmiddle", True),
        ("short", "... 50 bytes before this\nmiddle", False),
    ],
)
def test_an_output_replaces_only_one_that_it_continues(run, new, earlier, replaces):
    left = kept(run(), {"captured_out": new}, {"captured_out": earlier}, lines=0 if replaces else 1)

    assert ("captured_out" in left) == replaces
