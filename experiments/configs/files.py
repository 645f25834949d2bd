"""Config files on the command line: read as plain data, and what the config of an earlier version means.

Sacred's own reader executes what jsonpickle, pickle and YAML tags name, so Sacred gets the content, not the file.
"""

import errno
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
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


class ConfigFile(ConfigDict):
    """A config file that was read, as a named config.

    Attributes:
        content: the config entries by name.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self.content = content


def read_named_configs(names: Iterable[str], known: Mapping[str, Any]) -> list[Any]:
    """Return known named configs, and read each file that holds a config, once.

    Args:
        names: of named configs and files.
        known: the named configs of an experiment.

    Returns:
        The named configs of Sacred, a ConfigFile for each file.

    Raises:
        UserError: says what a name is instead.
    """
    return [_read_named_config(name, known) for name in names]


def _read_named_config(name: str, known: Mapping[str, Any]) -> Any:
    if name in known:
        return known[name]
    if is_config_file(name, known):
        return ConfigFile(read_config_file(name))
    if _is_hidden(name):
        raise UserError(f"{name}: {with_advice(os.strerror(errno.EACCES), errno.EACCES)}")
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
def registered(experiment: Experiment, named_configs: Iterable[Any]) -> Iterator[list[str]]:
    """Register named configs with an experiment by names that are no paths, for the length of the block.

    Args:
        experiment: gets the named configs.
        named_configs: that read_named_configs has returned.

    Yields:
        The registered names, in the order of the named configs.
    """
    known = experiment.named_configs
    added = {uuid.uuid4().hex: named_config for named_config in named_configs}
    known.update(added)
    try:
        yield list(added)
    finally:
        for name in added:
            del known[name]


def add_earlier_values(updates: Mapping[str, Any], named_configs: Iterable[Any]) -> dict[str, Any]:
    """Add what the config.json of an earlier version lacks, with the values that its run had in effect.

    Without these, the run would be repeated with the defaults of today. A later named config and the command line
    override them.

    Args:
        updates: the config updates of the command line.
        named_configs: that read_named_configs has returned.
    """
    earlier: dict[str, Any] = {}
    for named_config in named_configs:
        if isinstance(named_config, ConfigFile):
            content = named_config.content
            given = complete(content) if _is_of_a_run(content) else content
        else:
            given = named_config(fixed=updates, preset=earlier)
        earlier.update({name: given[name] for name in EARLIER.keys() & given.keys()})
    return {**earlier, **updates}


def _is_of_a_run(content: Mapping[str, Any]) -> bool:
    """Tell whether a run of some version wrote a config: it has every entry of the earliest one, but for the seed."""
    return ENTRIES.keys() - EARLIER.keys() - {"seed"} <= content.keys()
