"""The plan of a training: how a network is trained, before anything is built."""

from dataclasses import dataclass

SCHEDULES = ("linear", "cosine")


@dataclass(frozen=True)
class TrainingPlan:
    """How a network is trained.

    Attributes:
        batch_size: words in a batch.
        learning_rate: of AdamW at its highest.
        warmup: steps over which the learning rate rises linearly.
        schedule: how it falls to 0 at max_steps, `linear` or `cosine`.
        weight_decay: of AdamW, decoupled.
        log_loss: whether a head that learns from the value has the loss LOG_VALUE (core.network.heads.objectives).
        penalty: weight in the loss of what the head's own regularizer adds to it.
        penalty_start: the step of training from which the penalty counts.
        curriculum: for so many steps, training grows from the smallest numbers to all of them.
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
    warmup: int
    schedule: str
    weight_decay: float
    log_loss: bool
    penalty: float
    penalty_start: int
    curriculum: int
    max_steps: int
    evaluate_every: int
    log_every: int
    patience: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("batch_size", "learning_rate", "max_steps", "evaluate_every", "log_every", "patience"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        for name in ("weight_decay", "warmup", "penalty", "penalty_start", "curriculum"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 0")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule={self.schedule} is unknown: choose one of {', '.join(SCHEDULES)}")
        for name in ("warmup", "penalty_start", "curriculum"):
            if getattr(self, name) >= self.max_steps:
                raise ValueError(
                    f"{name}={getattr(self, name)} must be below max_steps={self.max_steps}: "
                    f"lower {name} or raise max_steps"
                )
        if self.evaluate_every > self.patience:
            raise ValueError(
                f"evaluate_every={self.evaluate_every} is larger than patience={self.patience}: "
                "training would stop before its first validation"
            )
