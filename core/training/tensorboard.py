"""Writes the event files that TensorBoard shows, and the hyper-parameters of its HParams page."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

_FLUSH_SECONDS = 1.0


class EventWriter:
    """Writes the one event file that this process has in a directory.

    Scalars are buffered for a second and written together. Written one by one between two training steps, they find
    cold processor caches and take three times as long.
    """

    def __init__(self, directory: str | Path) -> None:
        """Open the event file, or continue it: two files of the same second would overwrite each other."""
        with tf.Graph().as_default():  # a writer stores the graph that is the default when it is made
            self._writer = tf.compat.v1.summary.FileWriterCache.get(str(directory))
        self._buffer: list[tuple[float, int, Mapping[str, float]]] = []

    def add_scalars(self, scalars: Mapping[str, float], step: int) -> None:
        """Add values by name, at a step and with the current time."""
        now = time.time()
        self._buffer.append((now, step, scalars))
        if now - self._buffer[0][0] >= _FLUSH_SECONDS:
            self.flush()

    def add_summary(self, summary: bytes | tf.compat.v1.Summary, step: int | None = None) -> None:
        """Add a summary of a graph or a plugin."""
        self._write()
        self._writer.add_summary(summary, step)

    def flush(self) -> None:
        """Write everything that was added to the file."""
        self._write()
        self._writer.flush()

    def _write(self) -> None:
        for wall_time, step, scalars in self._buffer:
            values = [tf.compat.v1.Summary.Value(tag=name, simple_value=value) for name, value in scalars.items()]
            summary = tf.compat.v1.Summary(value=values)
            self._writer.add_event(tf.compat.v1.Event(wall_time=wall_time, step=step, summary=summary))
        self._buffer = []


@contextmanager
def closing_event_files(directory: Path) -> Iterator[None]:
    """Close the event files in a directory and below at the end of the block.

    TensorFlow keeps them open until the process ends, and would continue them if another run had the same path.
    """
    cache = tf.compat.v1.summary.FileWriterCache
    try:
        yield
    finally:
        with cache._lock:
            for path in [path for path in cache._cache if Path(path).is_relative_to(directory)]:
                cache._cache.pop(path).close()


def write_hparams(model_dir: Path, hparams: Mapping[str, str | bool | float | None], trial: str) -> None:
    """Write hyper-parameters beside the events of a run; the HParams page finds the measures itself.

    Args:
        model_dir: directory of the run's events.
        hparams: by name; None is written as the word None.
        trial: the name of the run on the page.
    """
    from tensorboard.plugins.hparams import api

    shown = {name: "None" if value is None else value for name, value in hparams.items()}
    summary = tf.compat.v1.Summary.FromString(api.hparams_pb(shown, trial_id=trial).SerializeToString())
    writer = EventWriter(model_dir)
    writer.add_summary(summary)
    writer.flush()
