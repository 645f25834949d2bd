"""The examples of a run as the network reads them: splits, alphabet and labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.data.batches import make_batches
from core.data.characters import Encoder
from core.data.curriculum import begin_small
from core.data.input_fn import InputFn, make_evaluation_input_fn, make_training_input_fn
from core.data.splits import Split
from core.network.tasks import Task
from core.training.plan import TrainingPlan


@dataclass(frozen=True)
class Examples:
    """The splits of a run, with all that an input function needs.

    Attributes:
        splits: `train`, `validation`, `test` and further splits, by name.
        encoder: maps words to character ids.
        task: gives numbers their labels.
    """

    splits: Mapping[str, Split]
    encoder: Encoder
    task: Task

    def training_input_fn(self, plan: TrainingPlan, *, start_step: int) -> InputFn:
        """Make the endless input of training, from the batch after start_step on."""
        split = self.splits["train"]
        words = self.encoder.encode_all(split.words)
        draw = {"batch_size": plan.batch_size, "seed": plan.seed}
        batch = make_batches(words.lengths, **draw)
        if plan.curriculum:
            batch = begin_small(batch, split.numbers, **draw, steps=plan.curriculum)
        return make_training_input_fn(words, self.task.labels(split.numbers), batch=batch, start_step=start_step)

    def evaluation_input_fn(self, name: str) -> InputFn:
        """Make the input of one pass over a split."""
        split = self.splits[name]
        return make_evaluation_input_fn(self.encoder.encode_all(split.words), self.task.labels(split.numbers))
