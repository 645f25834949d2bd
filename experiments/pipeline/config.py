"""The config entries of all experiments: type, range, help and default, and the check of a whole config."""

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from core.data.characters import DIRECTIONS
from core.data.numerals import NUMBER_LIMIT, check_language, number_word
from core.data.split_plan import SplitPlan
from core.network.architecture import Architecture
from core.network.tasks import PENALTY_HEADS, TASKS, VALUE_HEADS
from core.training.plan import SCHEDULES, TrainingPlan
from experiments.pipeline.errors import UserError

LARGEST_NUMBER = NUMBER_LIMIT - 1
LARGEST_SEED = 2**31 - 1

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """One entry of the config.

    Attributes:
        help: shown by print_config.
        kind: int, float, bool or str.
        minimum: smallest value of a number.
        maximum: largest value of a number.
        optional: whether None is allowed as well.
        earlier: for an entry that runs of earlier versions do not have, the value that they had in effect.
    """

    help: str
    kind: type
    minimum: float = -math.inf
    maximum: float = math.inf
    optional: bool = False
    earlier: Any = ...

    def allows(self, value: object) -> bool:
        """Tell whether the value has the right type and is within the range."""
        if value is None:
            return self.optional
        if self.kind in (str, bool):
            return isinstance(value, self.kind)
        accepted = (int, float) if self.kind is float else (int,)
        if not isinstance(value, accepted) or isinstance(value, bool):
            return False
        return self.minimum <= value <= self.maximum

    def allowed(self) -> str:
        """Describe the allowed values."""
        if self.kind in (str, bool):
            return "text" if self.kind is str else "True or False"
        noun = "a whole number" if self.kind is int else "a number"
        minimum, maximum = (
            f"{bound:g}" if isinstance(bound, float) else bound for bound in (self.minimum, self.maximum)
        )
        return f"{noun} from {minimum} to {maximum}" + (", or None" if self.optional else "")


ENTRIES: Mapping[str, Entry] = {
    "task": Entry(f"what is asked of a number: {' or '.join(TASKS)}", str),
    "language": Entry("language of the number words: de, or one of num2words", str),
    "min_number": Entry("smallest number, inclusive", int, 0, LARGEST_NUMBER),
    "max_number": Entry("largest number, inclusive", int, 0, LARGEST_NUMBER),
    "data_size": Entry("distinct numbers in all splits together", int, 3, 10**7),
    "validation_fraction": Entry("share of them that selects the checkpoint", float, 0, 1),
    "test_fraction": Entry("share of them that measures the result, never seen in training", float, 0, 1),
    "cover_parts": Entry("put 0..19 and every part of the words into training", bool),
    "extrapolation_max": Entry(
        "also test on numbers from max_number+1 to this one, if given", int, 1, LARGEST_NUMBER, optional=True
    ),
    "extrapolation_size": Entry("how many of these numbers", int, 1, 10**7),
    "hidden": Entry("units of the LSTM", int, 1, 4096),
    "embedding": Entry("features of a character", int, 1, 1024),
    "direction": Entry(f"of reading: {' or '.join(DIRECTIONS)}", str, earlier="forwards"),
    "memory": Entry(
        "how many of the last characters the LSTM remembers; None: all of the word", int, 1, 64, True, earlier=None
    ),
    "head": Entry(
        "layer on the LSTM: " + "; ".join(f"{name}: {', '.join(task.heads)}" for name, task in TASKS.items()),
        str,
    ),
    "batch_size": Entry("words in a batch", int, 1, 10**5),
    "learning_rate": Entry("of AdamW at its highest; it falls to 0 at max_steps", float, 1e-9, 1e3),
    "warmup": Entry("steps over which the learning rate rises", int, 0, 10**9, earlier=0),
    "schedule": Entry(f"how the learning rate falls: {' or '.join(SCHEDULES)}", str, earlier="linear"),
    "weight_decay": Entry("of AdamW, decoupled: each step shrinks the weights by rate * decay", float, 0, 1e3),
    "log_loss": Entry(
        "add the error of the logarithm to the loss, so that small numbers count; for heads that learn from the value",
        bool,
        earlier=False,
    ),
    "penalty": Entry(f"weight of the head's regularizer ({', '.join(PENALTY_HEADS)})", float, 0, 1e3, earlier=0.0),
    "penalty_start": Entry("step of training from which the penalty counts", int, 0, 10**9, earlier=0),
    "curriculum": Entry("steps in which training grows from the smallest numbers to all", int, 0, 10**9, earlier=0),
    "max_steps": Entry("last step of training", int, 1, 10**9),
    "evaluate_every": Entry("steps between validations", int, 1, 10**9),
    "log_every": Entry("steps between logged batches", int, 1, 10**9),
    "patience": Entry(
        "training stops after so many steps without a better validation, by result, then by loss", int, 1, 10**9
    ),
    "seed": Entry("fixes the numbers, their order and the initial weights", int, 0, LARGEST_SEED),
}


EARLIER: Mapping[str, Any] = {name: entry.earlier for name, entry in ENTRIES.items() if entry.earlier is not ...}
"""The entries that runs of earlier versions do not have, with the values that they had in effect."""


def check_config(config: Mapping[str, Any], arguments: Collection[str] = ()) -> None:
    """Check types, ranges, and whether the entries fit together.

    Args:
        config: all entries; the seed may be missing, because Sacred can choose one.
        arguments: names of the arguments of the command, which are not entries.

    Raises:
        UserError: names the value and what is allowed.
    """
    for name, value in config.items():
        if name not in arguments:
            _check_entry(name, value, arguments)
    missing = ENTRIES.keys() - config.keys() - {"seed"}
    if missing:
        raise UserError(f"the config lacks {', '.join(sorted(missing))}")
    _choose("task", config["task"], TASKS)
    _choose("head", config["head"], TASKS[config["task"]].heads, f" for task={config['task']}")
    if config["log_loss"] and config["head"] not in VALUE_HEADS:
        raise UserError(f"log_loss=True is for the heads {', '.join(VALUE_HEADS)}, not for head={config['head']}")
    if config["penalty"] and config["head"] not in PENALTY_HEADS:
        raise UserError(
            f"penalty={config['penalty']} is for the heads {', '.join(PENALTY_HEADS)}, not for head={config['head']}"
        )
    _choose("direction", config["direction"], DIRECTIONS)
    if config["min_number"] > config["max_number"]:
        raise UserError(f"min_number={config['min_number']} is larger than max_number={config['max_number']}")
    try:
        from_config(SplitPlan, config)
        from_config(TrainingPlan, {"seed": 0, **config})
        check_language(config["language"])
        number_word(config["extrapolation_max"] or config["max_number"], config["language"])
    except ValueError as error:
        raise UserError(error) from error


def from_config(kind: type[T], config: Mapping[str, Any]) -> T:
    """Build a dataclass from the config entries that have the names of its fields.

    Raises:
        ValueError: if the dataclass refuses a value.
    """
    return kind(**{field.name: config[field.name] for field in fields(kind)})  # type: ignore[arg-type]


def make_architecture(config: Mapping[str, Any], *, alphabet_size: int) -> Architecture:
    """Build the architecture of a config.

    Raises:
        ValueError: if it refuses a value.
    """
    return Architecture(
        task=TASKS[config["task"]],
        head=config["head"],
        alphabet_size=alphabet_size,
        embedding=config["embedding"],
        hidden=config["hidden"],
        memory=config["memory"],
        largest=max(config["max_number"], 1),
        limit=max(config["max_number"], config["extrapolation_max"] or 1),
    )


def complete(config: Mapping[str, Any]) -> dict[str, Any]:
    """Add the entries that the config of an earlier version lacks, with the values that it had in effect."""
    return {**EARLIER, **config}


def hint(name: str, known: Collection[str]) -> str:
    """Suggest a known name that is similar to an unknown one, or list the known names."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"choose one of {', '.join(known)}"


def _check_entry(name: str, value: object, arguments: Collection[str]) -> None:
    if name not in ENTRIES:
        raise UserError(f"{name}={value} is not an entry of the config: {hint(name, [*ENTRIES, *arguments])}")
    if not ENTRIES[name].allows(value):
        raise UserError(f"{name}={value!r} is not {ENTRIES[name].allowed()} ({ENTRIES[name].help})")


def _choose(name: str, value: str, choices: Collection[str], where: str = "") -> None:
    if value not in choices:
        raise UserError(f"{name}={value} is unknown{where}: choose one of {', '.join(choices)}")
