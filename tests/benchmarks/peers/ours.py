"""This project's own training, through its Estimator and hooks."""

import tempfile
from pathlib import Path
from typing import Any

from experiments.quiet import import_tensorflow
from tests.benchmarks.job import CONFIG, Job, Meter, read_job


def main(job: Job) -> None:
    """Train until the time is over."""
    import_tensorflow()
    import numpy as np
    import tensorflow as tf

    from core.characters import make_alphabet
    from core.encoder import parts_of_batch
    from core.estimator import make_estimator
    from core.events import Events
    from core.examples import Split
    from core.hooks import TrainingMeasuresHook
    from core.inputs import make_training_input_fn
    from core.model import make_model_fn
    from core.tasks import TASKS

    words, even = job.words()
    task, alphabet, meter = TASKS["parity"], make_alphabet(words), Meter(job)

    class MeterHook(tf.estimator.SessionRunHook):
        def after_run(self, run_context: Any, run_values: Any) -> None:
            if meter.step():
                run_context.request_stop()

    parts = parts_of_batch(job.batch, job.hidden)
    with tempfile.TemporaryDirectory() as vanishing:
        model_fn = make_model_fn(
            task=task,
            head=task.heads["softmax"],
            alphabet_size=alphabet.size,
            hidden=job.hidden,
            largest=float(job.max_number),
            max_steps=10**6,
            parts=parts,
            **CONFIG,
        )
        network = make_estimator(model_fn=model_fn, model_dir=Path(vanishing), seed=1, threads=parts)
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
