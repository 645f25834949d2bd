"""Shows what differs between two runs: config, results, sources, packages and environment."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridfs.errors import GridFSError
from pyrsistent import thaw

from analysis.sources.files import read_artifact, read_source, source_files
from analysis.sources.metrics import last_values
from analysis.tables import table

_MISSING = "-"
_GIT_DIFF = "git.diff"
_OUTCOME = ("status", "result", "best_step", "best_validation", "duration", "cpu_seconds", "comment", "tags", "note")
_ENVIRONMENT = (
    *("hostname", "os", "cpu", "instruction_sets", "gpus", "libc"),
    *("python_version", "tensorflow_build", "tensorflow_threads", "variables", "ENV"),
)


@dataclass(frozen=True)
class Difference:
    """What differs between two runs.

    Attributes:
        names: of the two runs.
        values: for each heading, the values that differ, by name: of the first and of the second run.
        texts: for each heading, lines of a unified diff.
    """

    names: tuple[str, str]
    values: Mapping[str, Mapping[str, tuple[Any, Any]]]
    texts: Mapping[str, tuple[str, ...]]


def diff(first: Any, second: Any) -> Difference:
    """Compare two runs of incense.

    Returns:
        The headings `config`, `results` (all metrics, also equal ones), `code`, `packages` and `environment`, and the
        diffs `sources` and `git diff`, the changes of each work tree against its commit.
    """
    names = (f"run {first.id}", f"run {second.id}")
    rows = table([first]).iloc[0].to_dict(), table([second]).iloc[0].to_dict()
    configs = _thawed(first.config), _thawed(second.config)
    results = [
        {str(name): row.get(name, value) for name, value in last_values(run.metrics).items()}
        for run, row in zip((first, second), rows, strict=True)
    ]
    values = {
        "config": _differing(*configs),
        "outcome": _differing(*({name: row[name] for name in _OUTCOME} for row in rows)),
        "results": _side_by_side(*results),
        "code": _differing(*({"commit": row["code"], "name": row["name"]} for row in rows)),
        "packages": _differing(_packages(first), _packages(second)),
        "environment": _differing(_environment(first), _environment(second)),
    }
    patches = (_read_patch(first), _read_patch(second))
    headings = (f"{names[0]}/{_GIT_DIFF}", f"{names[1]}/{_GIT_DIFF}")
    texts = {
        "sources": tuple(_source_diffs(first, second)),
        "git diff": tuple(_unified(*patches, *headings)),
    }
    return Difference(names, values, texts)


def _side_by_side(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = sorted(first.keys() | second.keys())
    return {name: (first.get(name, _MISSING), second.get(name, _MISSING)) for name in names}


def _differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    pairs = _side_by_side(first, second)
    return {name: pair for name, pair in pairs.items() if str(pair[0]) != str(pair[1])}


def _thawed(mapping: Any) -> dict[str, Any]:
    return dict(thaw(mapping)) if isinstance(mapping, Mapping) else {}


def _packages(experiment: Any) -> dict[str, str]:
    packages = getattr(getattr(experiment, "experiment", None), "dependencies", None)
    listed = packages if isinstance(packages, Sequence) and not isinstance(packages, str) else ()
    pairs = (str(package).partition("==") for package in listed)
    return {name: version for name, _, version in pairs}


def _environment(experiment: Any) -> dict[str, Any]:
    host = _thawed(getattr(experiment, "host", None))
    return {name: host[name] for name in _ENVIRONMENT if name in host}


def _source_diffs(first: Any, second: Any) -> Iterator[str]:
    before, after = source_files(first), source_files(second)
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after and before[name] == after[name]:
            continue
        old = _read(first, before[name]) if name in before else ""
        new = _read(second, after[name]) if name in after else ""
        yield from _unified(old, new, f"run {first.id}/{name}", f"run {second.id}/{name}")


def _read(experiment: Any, content: Any) -> str:
    try:
        return read_source(experiment, content)
    except (OSError, GridFSError, TypeError) as error:
        return f"(cannot be read: {type(error).__name__})\n"


def _read_patch(experiment: Any) -> str:
    try:
        return read_artifact(experiment, _GIT_DIFF)
    except (OSError, GridFSError) as error:
        return f"(cannot be read: {type(error).__name__})\n"


def _unified(first: str, second: str, first_name: str, second_name: str) -> Iterator[str]:
    return difflib.unified_diff(first.splitlines(), second.splitlines(), first_name, second_name, lineterm="")
