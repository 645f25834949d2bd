"""The architecture of a network: what it is, before anything is built."""

from dataclasses import dataclass

from core.network.tasks import Task


@dataclass(frozen=True)
class Architecture:
    """What the network is.

    Attributes:
        task: what is asked of the number.
        head: the name of one of the task's heads.
        alphabet_size: how many character ids there are, at least 1.
        embedding: features of a character, at least 1.
        hidden: units of the LSTM, at least 1.
        memory: how many characters the LSTM remembers, at least 1; None: all of the word.
        largest: the largest number of training, above 0; it scales the value of a number.
        limit: the largest number that the network may be asked for; heads that write digits have its places.

    Raises:
        ValueError: if a value is not allowed; the message names it.
    """

    task: Task
    head: str
    alphabet_size: int
    embedding: int
    hidden: int
    memory: int | None
    largest: int
    limit: int

    def __post_init__(self) -> None:
        if self.head not in self.task.heads:
            heads = ", ".join(self.task.heads)
            raise ValueError(f"head={self.head} is unknown for task={self.task.name}: choose one of {heads}")
        for name in ("alphabet_size", "embedding", "hidden", "largest", "limit"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}={getattr(self, name)} must be above 0")
        if self.memory is not None and self.memory <= 0:
            raise ValueError(f"memory={self.memory} must be above 0")
