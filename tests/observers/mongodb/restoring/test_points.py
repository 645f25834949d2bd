"""Journals that are written from a real database."""

import pytest

from observers.directory.journal import JOURNAL
from observers.directory.journal_reader import read_points
from observers.mongodb.delivery import Delivery
from observers.mongodb.restoring.points import has_more_points, write_journal
from observers.system.files import read_json

pytestmark = pytest.mark.slow


def values(path):
    return [(point.name, point.step, repr(point.value)) for point in read_points(path)]


@pytest.fixture
def run(database, recorded):
    directory = recorded(100)
    with (directory / JOURNAL).open("a") as journal:
        for number, value in enumerate(('"NaN"', '"-Infinity"', "null", '"text"', "1e-300", str(2**62))):
            time = f"2026-12-01T00:00:0{number}"  # after the others
            journal.write(f'{{"name":"odd","step":{number}.5,"value":{value},"timestamp":"{time}"}}\n')
    Delivery(directory, database, pytest.fail).deliver()
    return directory


def test_a_journal_is_restored_in_the_order_in_which_it_was_logged(run, database, tmp_path):
    uuid = read_json(run / "run.json")["uuid"]
    count = write_journal(tmp_path / "new", uuid, database)
    of_metric = {name: [v for v in values(run / JOURNAL) if v[0] == name] for name in ("train/speed", "train/loss")}

    assert count == 108
    assert not has_more_points(tmp_path / "new", uuid, database)
    assert sorted(values(tmp_path / "new")) == sorted(values(run / JOURNAL))
    for name, expected in of_metric.items():
        assert [value for value in values(tmp_path / "new") if value[0] == name] == expected
    assert values(tmp_path / "new")[-6:] == values(run / JOURNAL)[-6:]


def test_the_points_of_both_sides_are_restored(run, database, plain, tmp_path):
    damaged = tmp_path / "damaged"
    damaged.write_bytes((run / JOURNAL).read_bytes()[:4000])
    plain.metrics.delete_one({"name": "train/loss"})
    write_journal(tmp_path / "new", read_json(run / "run.json")["uuid"], database, damaged)

    assert sorted(values(tmp_path / "new")) == sorted(values(run / JOURNAL))
