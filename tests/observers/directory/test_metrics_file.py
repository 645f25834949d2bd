import json
import math
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from incense.experiment import FileSystemExperiment

from observers.directory.journal import Journal
from observers.directory.metrics_file import MetricColumns, write_metrics

NOON = datetime(2026, 11, 23, 12)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=3)


def metrics_of(directory, points):
    journal = Journal(directory / "metrics.jsonl")
    for point in points:
        journal.append(*point)
    journal.close()
    write_metrics(directory / "metrics.jsonl", directory / "metrics.json")
    return json.loads((directory / "metrics.json").read_bytes(), parse_constant=pytest.fail)


def test_metrics_are_in_the_format_of_sacred(tmp_path):
    metrics = metrics_of(tmp_path, [("b", 0.5, 10, NOON), ("a", 1, 1, NOON), ("b", 0.25, 20, NOON)])

    noon = "2026-11-23T12:00:00"
    assert list(metrics.items()) == [
        ("a", {"steps": [1], "timestamps": [noon], "values": [1]}),
        ("b", {"steps": [10, 20], "timestamps": [noon, noon], "values": [0.5, 0.25]}),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "metrics.jsonl"]


def test_values_that_are_not_finite_become_null(tmp_path):
    metrics = metrics_of(tmp_path, [("a", value, 1, NOON) for value in (math.nan, math.inf, -math.inf, 0.5)])

    assert metrics["a"]["values"] == [None, None, None, 0.5]


def test_incense_reads_the_metrics(tmp_path):
    metrics_of(tmp_path, [("a", 0.5, 10, NOON), ("a", math.nan, 20, NOON), ("b", 2.0, 1.5, NOON)])
    read = FileSystemExperiment._load_metrics(tmp_path / "metrics.json")

    assert read["a"].index.tolist() == [10, 20]
    assert read["a"].iloc[0] == 0.5
    assert math.isnan(read["a"].iloc[1])
    assert read["b"].to_dict() == {1.5: 2.0}


def test_a_missing_journal_has_no_metrics(tmp_path):
    write_metrics(tmp_path / "metrics.jsonl", tmp_path / "metrics.json")

    assert json.loads((tmp_path / "metrics.json").read_bytes()) == {}


def test_columns_that_exceed_the_memory_buffer_are_complete(tmp_path):
    points = [(name, step / 7, step, NOON) for step in range(12_000) for name in ("a", "b")]
    metrics = metrics_of(tmp_path, [*points, ("once", 1.0, 1, NOON)])

    assert metrics["a"]["steps"] == metrics["b"]["steps"] == list(range(12_000))
    assert metrics["a"]["values"] == metrics["b"]["values"] == [step / 7 for step in range(12_000)]
    assert metrics["a"]["timestamps"] == ["2026-11-23T12:00:00"] * 12_000
    assert metrics["once"]["values"] == [1.0]


def test_values_of_any_length_are_complete(tmp_path):
    metrics = metrics_of(tmp_path, [("a", "w" * length, 1, NOON) for length in (1, 20_000, 3, 16_384, 2)])

    assert [len(value) for value in metrics["a"]["values"]] == [1, 20_000, 3, 16_384, 2]


def test_a_full_disk_leaves_the_old_metrics(small_disk):
    disk = small_disk("100k")
    metrics_of(disk, [("a", 0.5, 1, NOON)])
    with (disk / "metrics.jsonl").open("ab") as file:
        file.write((disk / "metrics.jsonl").read_bytes() * 1300)

    with pytest.raises(OSError, match="No space left"):
        write_metrics(disk / "metrics.jsonl", disk / "metrics.json")

    assert json.loads((disk / "metrics.json").read_bytes())["a"]["values"] == [0.5]
    assert sorted(path.name for path in disk.iterdir()) == ["metrics.json", "metrics.jsonl"]


@settings(deadline=None)
@given(points=st.lists(st.tuples(NAMES, st.floats(allow_nan=False), st.integers())))
def test_any_points_are_in_the_metrics(tmp_path_factory, points):
    metrics = metrics_of(tmp_path_factory.mktemp("metrics"), points)

    assert list(metrics) == sorted({name for name, _, _ in points})
    for name, metric in metrics.items():
        of_name = [(value if math.isfinite(value) else None, step) for n, value, step in points if n == name]
        assert list(zip(metric["values"], metric["steps"], strict=True)) == of_name


LINE = '{{"name":"{}","step":{},"value":{},"timestamp":"2026-11-23T12:00:00.000001"}}\n'


def follow(tmp_path, changes):
    """Follow a journal while it changes; return what metrics.json is then, and what it is when it is made at once."""
    journal, columns = tmp_path / "metrics.jsonl", MetricColumns(tmp_path)
    journal.write_text("")
    for change in changes:
        change(journal)
        columns.follow(journal, is_check=False)
    write_metrics(journal, tmp_path / "followed.json", columns=columns)
    write_metrics(journal, tmp_path / "metrics.json")
    return (tmp_path / "followed.json").read_bytes(), (tmp_path / "metrics.json").read_bytes()


def append(text):
    def change(journal):
        with journal.open("a") as file:
            file.write(text)

    return change


def test_metrics_that_follow_a_journal_are_those_that_are_made_at_once(tmp_path):
    parts = ["".join(LINE.format(name, step, step / 7) for name in "ab") for step in range(5000)]
    torn = [append(text) for text in (parts[0][:30], parts[0][30:], "corrupt\n", *parts[1:])]
    followed, at_once = follow(tmp_path, torn)

    assert followed == at_once
    assert json.loads(followed)["b"]["steps"] == list(range(5000))


@pytest.mark.parametrize("change", ["edit", "cut", "remove", "replace"])
def test_a_journal_that_others_have_changed_is_read_again(tmp_path, change):
    def disturb(journal):
        content = journal.read_text()
        if change == "edit":
            journal.write_text(content.replace('"value":1.5', '"value":2.5'))
        elif change == "cut":
            journal.write_text(content[: len(content) // 2])
        elif change == "remove":
            journal.unlink()
        else:
            (journal.parent / "other").write_text(LINE.format("c", 1, 0.5) * 20)
            (journal.parent / "other").replace(journal)

    followed, at_once = follow(tmp_path, [append(LINE.format("a", 1, 1.5) * 9), disturb])

    assert followed == at_once
    assert (b"1.5" in followed) == (change == "cut")


def test_corrupt_lines_are_named_where_they_are(tmp_path):
    warnings: list[str] = []
    (tmp_path / "metrics.jsonl").write_text(LINE.format("a", 1, 0.5) * 9000 + "torn\n" + LINE.format("a", 2, 0.5))
    write_metrics(tmp_path / "metrics.jsonl", tmp_path / "metrics.json", warnings.append)

    assert warnings == [f"metrics.jsonl: corrupt line at byte {9000 * len(LINE.format('a', 1, 0.5))}"]
    assert len(json.loads((tmp_path / "metrics.json").read_bytes())["a"]["steps"]) == 9001
