"""This project's own training, through its Estimator and hooks."""

import tempfile
from pathlib import Path
from typing import Any

from experiments.quiet import import_tensorflow
from experiments.steps import build_network
from tests.benchmarks.job import CONFIG, Job, Meter, read_job


def main(job: Job) -> None:
    """Train until the time is over."""
    import_tensorflow()
    import numpy as np
    import tensorflow as tf

    from core.characters import make_alphabet
    from core.events import Events
    from core.examples import Split
    from core.hooks import TrainingMeasuresHook
    from core.inputs import make_training_input_fn

    words, even = job.words()
    alphabet, meter = make_alphabet(words), Meter(job)

    class MeterHook(tf.estimator.SessionRunHook):
        def after_run(self, run_context: Any, run_values: Any) -> None:
            if meter.step():
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as vanishing:
        network = build_network(
            alphabet,
            Path(vanishing),
            task="parity",
            head="softmax",
            hidden=job.hidden,
            max_number=job.max_number,
            batch_size=job.batch,
            max_steps=10**6,
            seed=1,
            **CONFIG,
        )
        input_fn = make_training_input_fn(
            Split(np.array(even), words),
            label_name="parity",
            label=lambda even: even.astype(np.int32),
            alphabet=alphabet,
            batch_size=job.batch,
            seed=1,
            start_step=0,
        )
        log = TrainingMeasuresHook(lambda *_: None, 10, Events(vanishing))
        network.train(input_fn, hooks=[log, MeterHook()])
    meter.report()


if __name__ == "__main__":
    main(read_job())
