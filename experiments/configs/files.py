"""Config files on the command line: read as plain data, and what the config of an earlier version means.

Sacred's own reader executes what jsonpickle, pickle and YAML tags name, so Sacred gets the content, not the file.
"""

import errno
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from sacred import Experiment
from sacred.config import ConfigDict

from experiments.configs.yaml_scalars import check_scalar
from experiments.pipeline.config import EARLIER, ENTRIES, complete
from experiments.pipeline.errors import UserError
from observers.errors import phrase_of, with_advice

_LARGEST = 100_000  # bytes; a config.json has one thousand


def _read_json(raw: bytes) -> Any:
    return json.loads(raw, object_pairs_hook=_mapping_of)


def _read_yaml(raw: bytes) -> Any:
    loader = yaml.SafeLoader(raw)
    node = loader.get_single_node()
    if node is None:
        return None
    entries = node.value if isinstance(node, yaml.MappingNode) else []
    _mapping_of((str(key.value), None) for key, _ in entries)
    content = loader.construct_document(node)
    for key, value in entries:
        if isinstance(value, yaml.ScalarNode) and value.style is None and key.value in content:
            check_scalar(key.value, value.value, content[key.value])
    return content


def _mapping_of(entries: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping of names and values, and refuse a name that stands twice."""
    mapping: dict[str, Any] = {}
    for name, value in entries:
        if name in mapping:
            raise ValueError(f"{name:.80} stands twice")
        mapping[name] = value
    return mapping


_READERS: Mapping[str, Callable[[bytes], Any]] = {".json": _read_json, ".yaml": _read_yaml, ".yml": _read_yaml}


def check_named_config(name: str, known: Mapping[str, Any]) -> None:
    """Check that a named config is known, or a file that holds a config.

    Raises:
        UserError: says what it is instead.
    """
    if name in known:
        return
    if is_config_file(name, known):
        read_config_file(name)
    elif _is_hidden(name):
        raise UserError(f"{name}: {with_advice(os.strerror(errno.EACCES), errno.EACCES)}")
    else:
        kind = "not a regular file" if os.path.exists(name) else "neither a file nor a named config"  # noqa: PTH110
        raise UserError(f"{name} is {kind} (known: {', '.join(known)}); entries are NAME=VALUE")


def _is_hidden(name: str) -> bool:
    """Tell whether there is no right to look up a file."""
    try:
        os.stat(name)  # noqa: PTH116
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return False


def is_config_file(name: str, known: Mapping[str, Any]) -> bool:
    """Tell whether a named config is a file; a known name is none, even where a file has the same name."""
    return name not in known and os.path.isfile(name)  # noqa: PTH113 - False for what cannot be looked up


def read_config_file(name: str) -> dict[str, Any]:
    """Read a config file as plain data: nothing that it holds is executed.

    Args:
        name: the path of a .json, .yaml or .yml file of at most 100 kB.

    Raises:
        UserError: the file cannot be read, or is not a mapping of distinct names to numbers, text, True, False or
            None.
    """
    reader = _READERS.get(Path(name).suffix)
    if reader is None:
        raise UserError(f"{name} cannot be read as a config: its name must end in {', '.join(_READERS)}")
    try:
        with open(os.open(name, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123 - a FIFO must not block
            raw = file.read(_LARGEST + 1)
        content = reader(raw) if len(raw) <= _LARGEST else None
    except OSError as error:
        raise UserError(f"{name}: {phrase_of(error)}") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise UserError(f"{name} cannot be read as a config: {error}") from error
    if len(raw) > _LARGEST:
        raise UserError(f"{name} is not a config: it is larger than {_LARGEST} bytes")
    if not isinstance(content, dict):
        raise UserError(f"{name} is not a config: it must map names to values")
    for entry, value in content.items():
        if not (isinstance(entry, str) and entry.isidentifier()) or not isinstance(value, str | int | float | None):
            raise UserError(f"{name} is not a config: {entry!s:.80} is not a name with a number, text, true or null")
    return content


@contextmanager
def registered_files(experiment: Experiment, named_configs: Sequence[str]) -> Iterator[list[str]]:
    """Register each named config and file with an experiment by a name that is no path, for the length of the block.

    Args:
        experiment: gets the named configs.
        named_configs: of the command line, checked.

    Yields:
        The registered names, in the order of the named configs.
    """
    known = experiment.named_configs
    registered = {uuid.uuid4().hex: known.get(name) or ConfigDict(read_config_file(name)) for name in named_configs}
    known.update(registered)
    try:
        yield list(registered)
    finally:
        for name in registered:
            del known[name]


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
        if is_config_file(name, known):
            content = read_config_file(name)
            given = complete(content) if _is_of_a_run(content) else content
        else:
            given = known[name](fixed=updates, preset=earlier)
        earlier.update({name: given[name] for name in EARLIER.keys() & given.keys()})
    return {**earlier, **updates}


def _is_of_a_run(content: Mapping[str, Any]) -> bool:
    """Tell whether a run of some version wrote a config: it has every entry of the earliest one, but for the seed."""
    return ENTRIES.keys() - EARLIER.keys() - {"seed"} <= content.keys()
