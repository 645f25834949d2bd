"""Every command prints the same for the runs of a directory and for the same runs in MongoDB."""

import json
import uuid

import pytest

from observers.__main__ import main as maintain

pytestmark = pytest.mark.slow

COMMANDS = [
    *(["table", "--format", form] for form in ("text", "csv", "markdown", "latex", "json")),
    ["table", "--all"],
    ["table", "--where", "hidden=8,32 seed>2", "--sort", "test/accuracy"],
    ["table", "--where", "tag=old note~repeated"],
    ["groups"],
    ["groups", "--format", "csv"],
    ["compare", "hidden=8", "hidden=32"],
    ["diff", "1", "8"],
    ["best"],
    ["failed"],
    ["duplicates"],
]


@pytest.fixture
def database(sweep, mongo_url, capsys):
    """The runs of the sweep, as the observer would have recorded them, delivered into MongoDB."""
    for directory in sweep.iterdir():
        entry, info, metrics = (
            json.loads((directory / f"{name}.json").read_text()) for name in ("run", "info", "metrics")
        )
        identity = {"uuid": uuid.uuid4().hex}
        (directory / "run.json").write_text(json.dumps({"start_time": "2026-01-01T00:00:00", **entry, **identity}))
        (directory / "info.json").write_text(json.dumps({**info, **identity}))
        points = [
            {"name": name, "step": step, "value": value, "timestamp": "2026-01-01T00:00:00"}
            for name, columns in metrics.items()
            for step, value in zip(columns["steps"], columns["values"], strict=True)
        ]
        (directory / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in points))
    assert maintain(["tag", "1..3", "-F", str(sweep), "--add", "small,old"]) == 0
    assert maintain(["note", "2", "-F", str(sweep), "--add", "to be repeated"]) == 0
    assert maintain(["sync", str(sweep), "-m", mongo_url]) == 0
    capsys.readouterr()
    return mongo_url


def test_text_is_the_same_byte_for_byte(sweep, database, analyse):
    for command, *options in COMMANDS:
        assert analyse(command, sweep, *options) == analyse(command, database, *options), command


def test_pictures_are_the_same_byte_for_byte(sweep, database, tmp_path, analyse):
    for options in ([], ["--against", "hidden"], ["--metric", "validation/accuracy"]):
        for source, name in ((sweep, "a.svg"), (database, "b.svg")):
            analyse("plot", source, "-o", tmp_path / name, *options)
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_report_of_a_database_differs_in_its_title_and_links_only(sweep, database, tmp_path, analyse):
    for source, name in ((sweep, "a.html"), (database, "b.html")):
        analyse("report", source, "-o", tmp_path / name)
    here, there = ((tmp_path / name).read_text().splitlines() for name in ("a.html", "b.html"))

    different = [line for line, other in zip(here, there, strict=True) if line != other]
    assert all("<a href=" in line or str(sweep) in line for line in different)
    assert len(different) == 2 + 19
