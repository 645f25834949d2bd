"""The plan of a training: how a network is trained, before anything is built."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingPlan:
    """How a network is trained.

    Attributes:
        batch_size: words in a batch.
        learning_rate: of AdamW at the first step; it falls linearly to 0 at max_steps.
        weight_decay: of AdamW, decoupled.
        max_steps: the last step of training.
        evaluate_every: steps between validations.
        log_every: steps between logged batches.
        patience: training stops after this many steps without a better validation.
        seed: fixes the initial weights and the order of the examples.

    Raises:
        ValueError: if a value is not allowed; the message names it.
    """

    batch_size: int
    learning_rate: float
    weight_decay: float
    max_steps: int
    evaluate_every: int
    log_every: int
    patience: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("batch_size", "learning_rate", "max_steps", "evaluate_every", "log_every", "patience"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        if self.weight_decay < 0:
            raise ValueError(f"weight_decay={self.weight_decay} must be at least 0")
        if self.evaluate_every > self.patience:
            raise ValueError(
                f"evaluate_every={self.evaluate_every} is larger than patience={self.patience}: "
                "training would stop before its first validation"
            )
