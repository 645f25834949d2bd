"""A whole run in Keras: model.fit with ModelCheckpoint and EarlyStopping, an epoch ends with each validation.

python -m tests.benchmarks.peers.whole_keras CONFIG
"""

import tempfile
from pathlib import Path
from typing import Any

from experiments.pipeline.costs import Phases
from tests.benchmarks.peers.whole_job import Config, draw_examples, read_config, report


def main(config: Config) -> None:
    """Train, and measure the best weights on the test split."""
    phases = Phases({})
    phases.enter("import")
    import numpy as np
    import tensorflow as tf

    phases.enter("data")
    tf.keras.utils.set_random_seed(config["seed"])
    examples, size = draw_examples(config)
    arrays = {
        name: (tf.keras.utils.pad_sequences(split.characters, padding="post"), np.array(split.even))
        for name, split in examples.items()
    }
    phases.enter("training")
    model = make_model(config, size)
    with tempfile.TemporaryDirectory() as directory:
        best = str(Path(directory) / "best.weights.h5")
        steps = fit(model, config, arrays, best)
        phases.enter("evaluation")
        model.load_weights(best)
    _, accuracy = model.evaluate(*arrays["test"], batch_size=len(arrays["test"][1]), verbose=0)
    report(phases, accuracy=accuracy, steps=steps)


def make_model(config: Config, size: int) -> Any:
    """Make Embedding, LSTM and Dense, compiled with AdamW."""
    import tensorflow as tf

    model = tf.keras.Sequential(
        [
            tf.keras.layers.Embedding(size, config["embedding"], mask_zero=True),
            tf.keras.layers.LSTM(config["hidden"]),
            tf.keras.layers.Dense(2),
        ]
    )
    rate = tf.keras.optimizers.schedules.PolynomialDecay(config["learning_rate"], config["max_steps"], 0.0)
    model.compile(
        tf.keras.optimizers.AdamW(rate, config["weight_decay"], global_clipnorm=1.0),
        tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def fit(model: Any, config: Config, arrays: Any, best: str) -> int:
    """Train until max_steps or until patience is exhausted, save the best weights, and return the last step."""
    import tensorflow as tf

    every = config["evaluate_every"]
    train = tf.data.Dataset.from_tensor_slices(arrays["train"])
    batches = train.shuffle(len(train)).repeat().batch(config["batch_size"]).prefetch(tf.data.AUTOTUNE)
    history = model.fit(
        batches,
        steps_per_epoch=every,
        epochs=config["max_steps"] // every,
        validation_data=arrays["validation"],
        validation_batch_size=len(arrays["validation"][1]),
        callbacks=[
            tf.keras.callbacks.ModelCheckpoint(
                best, monitor="val_accuracy", save_best_only=True, save_weights_only=True
            ),
            tf.keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=config["patience"] // every),
        ],
        verbose=0,
    )
    return len(history.epoch) * every


if __name__ == "__main__":
    main(read_config())
