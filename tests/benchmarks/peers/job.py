"""The training of a throughput benchmark: its words, its sizes, and its meter."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.data.split_plan import SplitPlan
from core.data.splits import draw_splits
from core.network.tasks import TASKS
from core.training.plan import TrainingPlan
from experiments.pipeline.defaults import defaults_of
from tests.benchmarks.measuring.processes import confine

if TYPE_CHECKING:
    from core.training.examples import Examples

CONFIG = defaults_of("parity")
TASK = TASKS["parity"]
_SEED = 1
_WARM_UP_STEPS, _WARM_UP_SECONDS = 20, 2.0  # until the first of them
_LEAST_STEPS = 5


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
        hidden: units of the LSTM.
        batch: words in a batch.
        max_number: the largest number.
        data_size: numbers in all splits; training gets three fifths of them.
        threads: processors that it may use.
        seconds: how long it is measured, after the warm-up.
    """

    hidden: int
    batch: int
    max_number: int
    data_size: int
    threads: int
    seconds: float

    @property
    def split_plan(self) -> SplitPlan:
        """The numbers of the training."""
        return SplitPlan(
            language="de",
            min_number=0,
            max_number=self.max_number,
            data_size=self.data_size,
            validation_fraction=0.2,
            test_fraction=0.2,
            cover_parts=False,
            extrapolation_max=None,
            extrapolation_size=1,
        )

    def words(self) -> tuple[Sequence[str], list[int]]:
        """Return the words to learn, and 1 for each even number and 0 for each odd one."""
        train = draw_splits(self.split_plan, seed=_SEED)["train"]
        return list(train.words), (1 - train.numbers % 2).tolist()

    def examples(self) -> "Examples":
        """Return the same as this project's training takes it."""
        from experiments.pipeline.training import draw_examples

        return draw_examples(self.split_plan, TASK, direction=CONFIG["direction"], seed=_SEED)

    def training_plan(self) -> TrainingPlan:
        """Return the plan of this project's training."""
        return TrainingPlan(
            batch_size=self.batch,
            learning_rate=CONFIG["learning_rate"],
            warmup=CONFIG["warmup"],
            schedule=CONFIG["schedule"],
            weight_decay=CONFIG["weight_decay"],
            log_loss=CONFIG["log_loss"],
            penalty=CONFIG["penalty"],
            penalty_start=CONFIG["penalty_start"],
            curriculum=CONFIG["curriculum"],
            max_steps=10**6,
            evaluate_every=10**6,
            log_every=10,
            patience=10**6,
            seed=_SEED,
        )


def read_job() -> Job:
    """Read the job on the command line, and restrict this process to its processors."""
    job = Job(**json.loads(sys.argv[1]))
    confine(job.threads)
    return job


class Meter:
    """Counts steps after a warm-up, until the time is over."""

    def __init__(self, job: Job) -> None:
        """Measure a job."""
        self._job = job
        self._first = self._began = self._ended = (0.0, 0.0)
        self._is_warm = False
        self._steps = 0

    def step(self) -> bool:
        """Count a step that is done; return whether it was the last."""
        self._steps += 1
        self._ended = _now()
        if self._is_warm:
            return self._steps >= _LEAST_STEPS and self._ended[0] - self._began[0] >= self._job.seconds
        if self._steps == 1:
            self._first = self._ended
        self._is_warm = self._steps >= _WARM_UP_STEPS or self._ended[0] - self._first[0] >= _WARM_UP_SECONDS
        if self._is_warm:
            self._began, self._steps = self._ended, 0
        return False

    def report(self) -> None:
        """Print the examples that were trained per second and per second of processor time.

        The time ends with the last step, because the time that a library takes to end a training is no throughput.
        """
        examples = self._steps * self._job.batch
        wall, cpu = (end - begin for begin, end in zip(self._began, self._ended, strict=True))
        print(json.dumps({"examples_per_second": examples / wall, "examples_per_cpu_second": examples / cpu}))


def _now() -> tuple[float, float]:
    """Return wall time, and processor time of all threads of this process."""
    return time.perf_counter(), time.process_time()
