from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import plugin_data_pb2

from core.training import tensorboard
from core.training.tensorboard import EventWriter, closing_event_files, write_hparams
from tests.event_files import points, summaries


def test_flush_writes_the_scalars(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "_FLUSH_SECONDS", 1e9)
    writer = EventWriter(tmp_path)
    writer.flush()  # the writer creates the file in another thread
    writer.add_scalars({"loss": 0.5, "accuracy": 0.25}, 10)
    writer.add_scalars({"loss": 0.125}, 20)
    assert points(tmp_path) == {}
    writer.flush()

    assert points(tmp_path) == {("loss", 10): 0.5, ("accuracy", 10): 0.25, ("loss", 20): 0.125}


def test_scalars_are_writer_when_they_have_been_buffered_for_long_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(tensorboard, "_FLUSH_SECONDS", 0.0)
    EventWriter(tmp_path).add_scalars({"loss": 0.5}, 10)

    assert points(tmp_path) == {("loss", 10): 0.5}


def test_a_summary_is_writer_after_the_scalars_before_it(tmp_path):
    writer = EventWriter(tmp_path)
    writer.add_scalars({"loss": 0.5}, 10)
    writer.add_summary(tf.compat.v1.Summary(value=[tf.compat.v1.Summary.Value(tag="square", simple_value=0.25)]), 10)
    writer.add_scalars({"loss": 0.125}, 20)
    writer.flush()

    assert list(points(tmp_path)) == [("loss", 10), ("square", 10), ("loss", 20)]


def test_two_writers_of_a_process_share_one_file(tmp_path):
    for step in (10, 20):
        writer = EventWriter(tmp_path)
        writer.add_scalars({"loss": 0.5}, step)
        writer.flush()

    assert list(points(tmp_path)) == [("loss", 10), ("loss", 20)]


def test_hparams_are_written_in_the_format_of_the_page(tmp_path):
    write_hparams(
        tmp_path, {"hidden": 64, "head": "nalu", "cover_parts": True, "extrapolation_max": None}, trial="run 3"
    )

    assert len(list(tmp_path.iterdir())) == 1
    found = {tag: value.metadata.plugin_data for (tag, _), value in summaries(tmp_path).items()}
    [data] = [found[tag] for tag in found if tag.endswith("session_start_info")]
    hparams = plugin_data_pb2.HParamsPluginData.FromString(data.content).session_start_info.hparams
    assert plugin_data_pb2.HParamsPluginData.FromString(data.content).session_start_info.group_name == "run 3"
    assert data.plugin_name == "hparams"
    assert hparams["hidden"].number_value == 64
    assert hparams["head"].string_value == "nalu"
    assert hparams["cover_parts"].bool_value is True
    assert hparams["extrapolation_max"].string_value == "None"


def test_event_files_are_closed_at_the_end_of_a_run_and_another_run_of_that_path_has_its_own(tmp_path):
    directory = tmp_path / "model"
    for _ in range(2):
        with closing_event_files(directory):
            EventWriter(directory).add_scalars({"loss": 0.5}, 1)
            EventWriter(directory).flush()
        assert not [link for link in Path("/proc/self/fd").iterdir() if str(directory) in str(link.resolve())]
        [path] = directory.glob("events.out.tfevents.*")
        assert path.stat().st_size > 0
        path.unlink()
