"""The examples of a run as the network reads them: splits, alphabet and labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.data.characters import Alphabet
from core.data.input_fn import InputFn, make_evaluation_input_fn, make_training_input_fn
from core.data.splits import Split
from core.network.tasks import Task
from core.training.plan import TrainingPlan


@dataclass(frozen=True)
class Examples:
    """The splits of a run, with all that an input function needs.

    Attributes:
        splits: `train`, `validation`, `test` and further splits, by name.
        alphabet: maps characters to ids.
        task: gives numbers their labels.
    """

    splits: Mapping[str, Split]
    alphabet: Alphabet
    task: Task

    def training_input_fn(self, plan: TrainingPlan, *, start_step: int) -> InputFn:
        """Make the endless input of training, from the batch after start_step on."""
        split = self.splits["train"]
        return make_training_input_fn(
            split.words,
            self.task.labels(split.numbers),
            alphabet=self.alphabet,
            batch_size=plan.batch_size,
            seed=plan.seed,
            start_step=start_step,
        )

    def evaluation_input_fn(self, name: str) -> InputFn:
        """Make the input of one pass over a split."""
        split = self.splits[name]
        return make_evaluation_input_fn(split.words, self.task.labels(split.numbers), alphabet=self.alphabet)
