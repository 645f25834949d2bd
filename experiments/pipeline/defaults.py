"""The defaults of the config: those of all runs, and those of each head."""

from collections.abc import Mapping
from typing import Any

from sacred.config import ConfigDict
from sacred.config.config_summary import ConfigSummary

from core.network.tasks import TASKS
from experiments.pipeline.config import ENTRIES
from experiments.pipeline.errors import UserError

SHARED: Mapping[str, Any] = {
    "language": "de",
    "min_number": 0,
    "max_number": 999,
    "data_size": 1000,
    "validation_fraction": 0.2,
    "test_fraction": 0.2,
    "cover_parts": True,
    "extrapolation_max": None,
    "extrapolation_size": 1000,
    "hidden": 64,
    "embedding": 16,
    "memory": None,
    "log_every": 10,
}


_PARITY: Mapping[str, Any] = {
    "direction": "backwards",
    "batch_size": 32,
    "learning_rate": 0.005,
    "warmup": 0,
    "schedule": "linear",
    "weight_decay": 0.5,
    "log_loss": False,
    "penalty": 0.0,
    "penalty_start": 0,
    "curriculum": 0,
    "max_steps": 2000,
    "evaluate_every": 50,
    "patience": 2000,
}

_FROM_VALUE: Mapping[str, Any] = {
    "direction": "backwards",
    "batch_size": 32,
    "learning_rate": 0.01,
    "warmup": 100,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "log_loss": True,
    "penalty": 0.0,
    "penalty_start": 0,
    "curriculum": 0,
    "max_steps": 3000,
    "evaluate_every": 100,
    "patience": 3000,
}

_FROM_DIGITS: Mapping[str, Any] = {
    "direction": "backwards",
    "batch_size": 64,
    "learning_rate": 0.01,
    "warmup": 100,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "log_loss": False,
    "penalty": 0.0,
    "penalty_start": 0,
    "curriculum": 0,
    "max_steps": 600,
    "evaluate_every": 50,
    "patience": 600,
}

_FROM_ADDENDS: Mapping[str, Any] = {
    "hidden": 32,
    "direction": "backwards",
    "memory": 5,
    "batch_size": 64,
    "learning_rate": 0.02,
    "warmup": 100,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "log_loss": True,
    "penalty": 0.03,
    "penalty_start": 0,
    "curriculum": 700,
    "max_steps": 4000,
    "evaluate_every": 100,
    "patience": 4000,
}

HEAD_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "softmax": _PARITY,
    "places": {**_FROM_DIGITS, "penalty": 0.03, "penalty_start": 150},
    "digits": _FROM_DIGITS,
    "linear": _FROM_VALUE,
    "nac": _FROM_VALUE,
    "nalu": _FROM_VALUE,
    "inalu": {**_FROM_VALUE, "penalty": 0.1},
    "nau": _FROM_VALUE,
    "nmu": {**_FROM_VALUE, "penalty": 0.1},
    "codebook": _FROM_ADDENDS,
    "product": _FROM_ADDENDS,
}
"""The defaults of each head, chosen for its first task."""

FAST: Mapping[str, Any] = {
    "data_size": 200,
    "hidden": 16,
    "warmup": 0,
    "penalty_start": 0,
    "curriculum": 0,
    "max_steps": 40,
    "evaluate_every": 20,
}
"""The named config `fast`: a smoke run of a few seconds, for any task."""


def defaults_of(task: str, head: str | None = None) -> dict[str, Any]:
    """Return the defaults of a task with one of its heads, by default the first one."""
    head = head or TASKS[task].heads[0]
    return {"task": task, "head": head, **SHARED, **HEAD_DEFAULTS[head]}


class Defaults(ConfigDict):
    """The defaults of a script as a Sacred config, with the help of every entry.

    Another task on the command line brings its first head, and another head its own defaults.
    """

    def __init__(self, task: str) -> None:
        """Take the task of the script."""
        super().__init__({})
        self._task = task

    def __call__(self, fixed: Any = None, preset: Any = None, fallback: Any = None) -> ConfigSummary:
        """Evaluate the config as Sacred does, and add the help."""
        given = fixed or {}
        task, head = given.get("task"), given.get("head")
        known_task = task if isinstance(task, str) and task in TASKS else self._task
        if isinstance(head, str) and head in TASKS[known_task].heads and head not in HEAD_DEFAULTS:
            raise UserError(
                f"head={head} has no defaults: add them to HEAD_DEFAULTS in experiments/pipeline/defaults.py"
            )
        known_head = head if isinstance(head, str) and head in HEAD_DEFAULTS else None
        self._conf = defaults_of(known_task, known_head)  # what ConfigDict evaluates
        summary = super().__call__(fixed=fixed, preset=preset, fallback=fallback)
        summary.docs.update({name: entry.help for name, entry in ENTRIES.items()})
        return summary
