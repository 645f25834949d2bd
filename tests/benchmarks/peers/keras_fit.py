"""Keras: Embedding, LSTM and Dense over words padded to the longest word, and model.fit."""

import os
from typing import Any

from tests.benchmarks.peers.job import CONFIG, Job, Meter, read_job

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main(job: Job) -> None:
    """Train until the time is over."""
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(job.threads)
    words, even = job.words()
    letters = {letter: place + 1 for place, letter in enumerate(sorted(set("".join(words))))}
    encoded = [[letters[letter] for letter in word] for word in words]
    padded = tf.keras.utils.pad_sequences(encoded, padding="post")
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Embedding(len(letters) + 1, CONFIG["embedding"], mask_zero=True),
            tf.keras.layers.LSTM(job.hidden),
            tf.keras.layers.Dense(2),
        ]
    )
    model.compile(
        tf.keras.optimizers.AdamW(CONFIG["learning_rate"], CONFIG["weight_decay"], global_clipnorm=1.0),
        tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    meter = Meter(job)

    class Metering(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = meter.step()

    whole = len(words) // job.batch * job.batch  # every batch is full
    times = max(1, -(-job.batch // len(words)))
    size = max(whole, job.batch)
    characters, labels = np.tile(padded, (times, 1))[:size], np.tile(even, times)[:size]
    model.fit(characters, labels, batch_size=job.batch, epochs=10**6, verbose=0, callbacks=[Metering()])
    meter.report()


if __name__ == "__main__":
    main(read_job())
