import tensorflow as tf

from core import events
from core.events import Events
from tests.event_files import points


def test_scalars_are_in_the_file_when_they_are_flushed(tmp_path):
    written = Events(tmp_path)
    written.flush()  # the writer makes the file in a thread of its own
    written.add_scalars({"loss": 0.5, "accuracy": 0.25}, 10)
    written.add_scalars({"loss": 0.125}, 20)
    assert points(tmp_path) == {}
    written.flush()

    assert points(tmp_path) == {("loss", 10): 0.5, ("accuracy", 10): 0.25, ("loss", 20): 0.125}


def test_scalars_are_in_the_file_when_they_have_been_held_for_long_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_HELD_SECONDS", 0.0)
    Events(tmp_path).add_scalars({"loss": 0.5}, 10)

    assert points(tmp_path) == {("loss", 10): 0.5}


def test_a_summary_does_not_overtake_the_scalars_before_it(tmp_path):
    written = Events(tmp_path)
    written.add_scalars({"loss": 0.5}, 10)
    written.add_summary(tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag="square", simple_value=0.25)]), 10)
    written.add_scalars({"loss": 0.125}, 20)
    written.flush()

    assert list(points(tmp_path)) == [("loss", 10), ("square", 10), ("loss", 20)]


def test_two_in_a_process_go_on_with_one_file(tmp_path):
    for step in (10, 20):
        written = Events(tmp_path)
        written.add_scalars({"loss": 0.5}, step)
        written.flush()

    assert list(points(tmp_path)) == [("loss", 10), ("loss", 20)]
