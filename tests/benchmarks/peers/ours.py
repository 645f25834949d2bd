"""The training of this project, through its Estimator and hooks."""

import tempfile
from pathlib import Path
from typing import Any

from experiments.pipeline.config import make_architecture
from experiments.pipeline.tensorflow import import_training
from tests.benchmarks.peers.job import CONFIG, Job, Meter, read_job


def main(job: Job) -> None:
    """Train until the time is over."""
    import_training()
    import tensorflow as tf

    from core.training.tensorboard import EventWriter
    from experiments.pipeline.training import make_network
    from tests.benchmarks.recorded.hooks import MeasuresHook

    examples, plan, meter = job.examples(), job.training_plan(), Meter(job)
    config = {**CONFIG, "hidden": job.hidden, "max_number": job.max_number}
    architecture = make_architecture(config, alphabet_size=examples.encoder.alphabet.size)

    class MeterHook(tf.estimator.SessionRunHook):
        def after_run(self, run_context: Any, run_values: Any) -> None:
            if meter.step():
                run_context.request_stop()

    with tempfile.TemporaryDirectory() as model_dir:
        network = make_network(architecture, plan, Path(model_dir))
        log = MeasuresHook(lambda *_: None, EventWriter(model_dir), log_every=plan.log_every)
        network.train(examples.training_input_fn(plan, start_step=0), hooks=[log, MeterHook()])
    meter.report()


if __name__ == "__main__":
    main(read_job())
