"""Reads the arguments of a command from its signature, and refuses others."""

from collections.abc import Callable
from typing import Any

from sacred.run import Run

from experiments.pipeline.config import ENTRIES
from experiments.pipeline.errors import UserError


def arguments_of(command: Callable[..., Any]) -> tuple[str, ...]:
    """Return the arguments of a command that are not entries of the config, in the order of its signature.

    Args:
        command: a function that Sacred has captured.
    """
    names: list[str] = command.signature.arguments  # type: ignore[attr-defined]
    return tuple(name for name in names if not name.startswith("_") and name not in ENTRIES)


def refuse_config_entries(run: Run) -> None:
    """Refuse config entries and named configs for a command whose config is that of a recorded run.

    Args:
        run: the run of the command.

    Raises:
        UserError: lists what the command takes.
    """
    allowed = arguments_of(run.main_function)
    further = [*run.meta_info["named_configs"], *(run.meta_info.get("config_updates", {}).keys() - set(allowed))]
    if further:
        raise UserError(f"{run.meta_info['command']} takes only {', '.join(allowed)}: remove {further[0]}")
