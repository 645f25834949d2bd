"""The config entries that all experiments share: type, range, help, and whether a config makes sense."""

import difflib
import inspect
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sacred.config import ConfigDict
from sacred.config.config_summary import ConfigSummary
from sacred.utils import SacredError

from core.examples import plan_splits
from core.numerals import SMALLEST_BEYOND, check_language, number_word
from core.tasks import TASKS

LARGEST_NUMBER = SMALLEST_BEYOND - 1
LARGEST_SEED = 2**31 - 1


class RefusedError(SacredError):
    """What was asked for cannot be done; the message is one line that a person can act on."""

    def __init__(self, message: object) -> None:
        super().__init__(" ".join(str(message).split()), print_traceback=False, print_usage=False)


@dataclass(frozen=True)
class Entry:
    """One entry of the config.

    Attributes:
        help: what print_config says about it.
        kind: int, float, bool or str.
        minimum: the least value of a number.
        maximum: the largest value of a number.
        optional: whether None is a value, too.
    """

    help: str
    kind: type
    minimum: float = -math.inf
    maximum: float = math.inf
    optional: bool = False

    def allows(self, value: object) -> bool:
        """Tell whether the value is of the right type and within range."""
        if value is None:
            return self.optional
        if self.kind in (str, bool):
            return isinstance(value, self.kind)
        accepted = (int, float) if self.kind is float else (int,)
        if not isinstance(value, accepted) or isinstance(value, bool):
            return False
        return self.minimum <= value <= self.maximum

    def allowed(self) -> str:
        """Say what is allowed."""
        if self.kind in (str, bool):
            return "a word" if self.kind is str else "True or False"
        noun = "a whole number" if self.kind is int else "a number"
        return f"{noun} from {self.minimum} to {self.maximum}" + (" or None" if self.optional else "")


ENTRIES: Mapping[str, Entry] = {
    "task": Entry(f"what is asked of a number: {' or '.join(TASKS)}", str),
    "language": Entry("language of the number words: de, or one that num2words knows", str),
    "min_number": Entry("smallest number, inclusive", int, 0, LARGEST_NUMBER),
    "max_number": Entry("largest number, inclusive", int, 0, LARGEST_NUMBER),
    "data_size": Entry("distinct numbers in all splits together", int, 3, 10**7),
    "validation_fraction": Entry("share of them that chooses the checkpoint", float, 0, 1),
    "test_fraction": Entry("share of them that measures it, never seen before", float, 0, 1),
    "cover_parts": Entry("put 0..19 and every part of the words into training", bool),
    "extrapolation_max": Entry(
        "also test on numbers from max_number+1 to this; None: do not", int, 1, LARGEST_NUMBER, optional=True
    ),
    "extrapolation_size": Entry("how many of those numbers", int, 1, 10**7),
    "hidden": Entry("units of the LSTM", int, 1, 4096),
    "embedding": Entry("features of a character", int, 1, 1024),
    "head": Entry(
        "layer on the LSTM: " + "; ".join(f"{name}: {', '.join(task.heads)}" for name, task in TASKS.items()),
        str,
    ),
    "batch_size": Entry("words in a batch", int, 1, 10**5),
    "learning_rate": Entry("of AdamW at first; it falls to 0 at max_steps", float, 1e-9, 1e3),
    "weight_decay": Entry("of AdamW, decoupled: a step shrinks weights by rate * decay", float, 0, 1e3),
    "max_steps": Entry("training ends here at the latest", int, 1, 10**9),
    "evaluate_every": Entry("steps between validations", int, 1, 10**9),
    "log_every": Entry("steps between logged batches", int, 1, 10**9),
    "patience": Entry("steps without a better validation that end training", int, 1, 10**9),
    "seed": Entry("fixes the draw of numbers, the initial weights and their order", int, 0, LARGEST_SEED),
}

SHARED_DEFAULTS: Mapping[str, Any] = {
    "language": "de",
    "min_number": 0,
    "max_number": 999,
    "data_size": 1000,
    "validation_fraction": 0.2,
    "test_fraction": 0.2,
    "cover_parts": False,
    "extrapolation_max": None,
    "extrapolation_size": 1000,
}

FAST: Mapping[str, Any] = {"data_size": 200, "hidden": 16, "max_steps": 40, "evaluate_every": 20}
"""The named config `fast`: a smoke run of seconds, of any task."""


class SharedConfig(ConfigDict):
    """The shared defaults as a Sacred config that knows the help of every entry."""

    def __init__(self) -> None:
        """Take the defaults from SHARED_DEFAULTS and the help from ENTRIES."""
        super().__init__(dict(SHARED_DEFAULTS))

    def __call__(self, fixed: Any = None, preset: Any = None, fallback: Any = None) -> ConfigSummary:
        """Evaluate as Sacred does, and add the help."""
        summary = super().__call__(fixed=fixed, preset=preset, fallback=fallback)
        summary.docs.update({name: entry.help for name, entry in ENTRIES.items()})
        return summary


def check_config(config: Mapping[str, Any], arguments: Collection[str] = ()) -> None:
    """Refuse a config that is of the wrong type, out of range or impossible.

    Args:
        config: flat, all entries; the seed may be missing, Sacred then chooses one.
        arguments: further keys that the command takes.

    Raises:
        RefusedError: names the value and what is allowed.
    """
    for name, value in config.items():
        if name not in arguments:
            _check_entry(name, value, arguments)
    missing = ENTRIES.keys() - config.keys() - {"seed"}
    if missing:
        raise RefusedError(f"the config has no {', '.join(sorted(missing))}")
    _choose("task", config["task"], TASKS)
    _choose("head", config["head"], TASKS[config["task"]].heads, f" for task={config['task']}")
    _in_order(config, "min_number", "max_number", "is larger than")
    _in_order(config, "evaluate_every", "patience", "leaves no validation in time: it is larger than")
    try:
        plan_splits(**{name: config[name] for name in inspect.signature(plan_splits).parameters})
        check_language(config["language"])
        number_word(config["extrapolation_max"] or config["max_number"], config["language"])
    except ValueError as error:
        raise RefusedError(error) from error


def hint(name: str, known: Collection[str]) -> str:
    """Say what may have been meant by a name that is not known, or which are, where none is like it."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _check_entry(name: str, value: object, arguments: Collection[str]) -> None:
    if name not in ENTRIES:
        raise RefusedError(f"{name}={value} is no entry of the config: {hint(name, [*ENTRIES, *arguments])}")
    if not ENTRIES[name].allows(value):
        raise RefusedError(f"{name}={value!r} is not {ENTRIES[name].allowed()} ({ENTRIES[name].help})")


def _in_order(config: Mapping[str, Any], less: str, more: str, trouble: str) -> None:
    if config[less] > config[more]:
        raise RefusedError(f"{less}={config[less]} {trouble} {more}={config[more]}")


def _choose(name: str, value: str, choices: Collection[str], where: str = "") -> None:
    if value not in choices:
        raise RefusedError(f"{name}={value} is unknown{where}: it is one of {', '.join(choices)}")
