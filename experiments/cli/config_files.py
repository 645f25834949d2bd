"""Config files on the command line: which can be read, and what the config of an earlier version means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sacred.config.config_files import load_config_file

from experiments.pipeline.config import EARLIER, ENTRIES, complete
from experiments.pipeline.errors import UserError


def check_named_config(name: str, known: Mapping[str, Any]) -> None:
    """Check that a named config is known, or a file that holds a config.

    Raises:
        UserError: says what it is instead.
    """
    if not Path(name).is_file():
        if name in known:
            return
        raise UserError(
            f"{name} is neither a file nor a named config (known: {', '.join(known)}); entries are NAME=VALUE"
        )
    try:
        content = load_config_file(name)
    except Exception as error:  # a parser may raise anything on a file that is not a config
        raise UserError(f"{name} cannot be read as a config: {error}") from error
    if not isinstance(content, dict):
        raise UserError(f"{name} is not a config: it must map names to values")


def add_earlier_values(
    updates: Mapping[str, Any], named_configs: Sequence[str], known: Mapping[str, Any]
) -> dict[str, Any]:
    """Add what the config.json of an earlier version lacks, with the values that its run had in effect.

    Without these, the run would be repeated with the defaults of today. A later named config and the command line
    override them.

    Args:
        updates: the config updates of the command line.
        named_configs: of the command line, checked.
        known: the named configs of the script.
    """
    earlier: dict[str, Any] = {}
    for name in named_configs:
        if Path(name).is_file():
            content = load_config_file(name)
            given = complete(content) if _is_of_a_run(content) else content
        else:
            given = known[name](fixed=updates, preset=earlier)
        earlier.update({name: given[name] for name in EARLIER.keys() & given.keys()})
    return {**earlier, **updates}


def _is_of_a_run(content: Mapping[str, Any]) -> bool:
    """Tell whether a run of some version wrote a config: it has every entry of the earliest one, but for the seed."""
    return ENTRIES.keys() - EARLIER.keys() - {"seed"} <= content.keys()
