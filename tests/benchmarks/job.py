"""What a training of a benchmark is given, and how it is timed."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.examples import make_examples, plan_splits
from experiments.parity import defaults
from tests.benchmarks.processes import confine

CONFIG = {name: value for name, value in defaults().items() if name in ("embedding", "learning_rate", "weight_decay")}
_SEED = 1
_WARM_UP_STEPS, _WARM_UP_SECONDS = 20, 2.0  # whichever is over first
_LEAST_STEPS, _SECONDS = 5, 5.0  # whichever is over last


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
        hidden: units of the LSTM.
        batch: words in a batch.
        max_number: the largest number; the words are of 1000 numbers, or of 10,000 when there are more.
        threads: processors that it may use.
    """

    hidden: int
    batch: int
    max_number: int
    threads: int

    def words(self) -> tuple[Sequence[str], list[int]]:
        """The words to learn, and whether their numbers are even, 1 or 0."""
        splits = plan_splits(
            min_number=0,
            max_number=self.max_number,
            data_size=min(self.max_number + 1, 10_000),
            validation_fraction=0.2,
            test_fraction=0.2,
            extrapolation_max=None,
            extrapolation_size=1,
        )
        train = make_examples(language="de", seed=_SEED, splits=splits, cover_parts=False)["train"]
        return list(train.words), (1 - train.numbers % 2).tolist()


def read_job() -> Job:
    """Read the job of the command line, and keep to so many processors."""
    job = Job(**json.loads(sys.argv[1]))
    confine(job.threads)
    return job


class Meter:
    """Counts steps after a warm-up, until the time is over."""

    def __init__(self, job: Job) -> None:
        """Measure a job."""
        self._job = job
        self._first = self._began = self._ended = (0.0, 0.0)
        self._warm = False
        self._steps = 0

    def step(self) -> bool:
        """Count a step that is done; tell whether that was the last."""
        self._steps += 1
        self._ended = _now()
        if self._warm:
            return self._steps >= _LEAST_STEPS and self._ended[0] - self._began[0] >= _SECONDS
        if self._steps == 1:
            self._first = self._ended
        self._warm = self._steps >= _WARM_UP_STEPS or self._ended[0] - self._first[0] >= _WARM_UP_SECONDS
        if self._warm:
            self._began, self._steps = self._ended, 0
        return False

    def report(self) -> None:
        """Print the examples that were taken in, per second and per second of processor time.

        The time ends with the last step: what a library does to end a training is no throughput.
        """
        examples = self._steps * self._job.batch
        wall, cpu = (end - begin for begin, end in zip(self._began, self._ended, strict=True))
        print(json.dumps({"examples_per_second": examples / wall, "examples_per_cpu_second": examples / cpu}))


def _now() -> tuple[float, float]:
    """Wall time, and processor time of all threads of this process."""
    return time.perf_counter(), time.process_time()
