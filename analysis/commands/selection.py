"""The runs that a command line selects: sources, and conditions on their values."""

import argparse
import difflib
import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from incense.query_set import QuerySet
from pandas.api.types import is_numeric_dtype

from analysis.loading import describe, is_url, load_runs, subdirectories_with_runs
from analysis.rows import tags_of
from analysis.tables import config_entries, table
from analysis.values import is_missing, value_as_given
from observers.stored_runs.conditions import Condition, read_conditions

DEFAULT = "runs"
"""The directory that is read if the command line names no source."""

_LISTED = 20  # runs, in a message
_LONG_LIST = 40  # names, in a message


@dataclass(frozen=True)
class Selection:
    """The selected runs.

    Attributes:
        experiments: of incense.
        runs: their table, see analysis.tables.
        entries: the config entries among its columns.
        source: the name of the sources in messages.
    """

    experiments: QuerySet
    runs: pd.DataFrame
    entries: list[str]
    source: str

    def where(self, text: str) -> pd.Series:
        """Tell which runs fulfil conditions such as `hidden=64 seed>2`.

        Raises:
            ValueError: the text is not valid, or no run has what it names.
        """
        fulfilled = pd.Series(True, index=self.runs.index)
        for condition in read_conditions(text):
            fulfilled &= self._values(condition.name).map(lambda value, each=condition: _holds(each, value))
        return fulfilled

    def columns(self, names: Sequence[str]) -> list[str]:
        """Return the names; `run` stands for the index.

        Raises:
            ValueError: no run has an entry or a metric of this name.
        """
        for name in names:
            self._values(name)
        return list(dict.fromkeys(names))

    def metric(self, name: str) -> str:
        """Return the name of a metric.

        Raises:
            ValueError: no run has numbers of this name.
        """
        values = self._values(name)
        if name not in self.runs or not is_numeric_dtype(values) or not values.notna().any():
            raise ValueError(f"{name} is no metric of a run in {self.source}")
        return name

    def check_entries(self, names: Sequence[str]) -> None:
        """Check that names are config entries.

        Raises:
            ValueError: no run has this entry.
        """
        for name in names:
            if name not in self.entries:
                raise ValueError(f"no run in {self.source} has the config entry {name}{_suggest(name, self.entries)}")

    def experiment(self, run: str) -> Any:
        """Return a run by its id.

        Raises:
            ValueError: there is none.
        """
        found = [each for each in self.experiments if str(each.id) == run]
        if not found:
            earlier = ["..."] * (len(self.experiments) > _LISTED)
            ids = ", ".join([*earlier, *(str(each.id) for each in self.experiments[-_LISTED:])])
            raise ValueError(f"there is no run {run} in {self.source} (recorded there: {ids})")
        return found[0]

    def _values(self, name: str) -> pd.Series:
        if name in ("run", "id"):
            return pd.Series(self.runs.index, index=self.runs.index)
        if name == "tag":
            return pd.Series([tags_of(each) for each in self.experiments], index=self.runs.index, dtype=object)
        if name == "experiment":
            return self.runs["name"]
        if name not in self.runs:
            known = ["run", *self.runs.columns]
            raise ValueError(f"no run in {self.source} has {name}{_suggest(name, known)}")
        return self.runs[name].map(value_as_given) if name in self.entries else self.runs[name]


def add_command(
    commands: Any, name: str, text: str, function: Callable[[argparse.Namespace], None]
) -> argparse.ArgumentParser:
    """Add a command with its help and the function that executes it; return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"Show {text}.".replace("%%", "%")
    )
    parser.set_defaults(run=function)
    return parser


def add_sources(parser: argparse.ArgumentParser) -> None:
    """Add the argument SOURCE and the option --where."""
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="*",
        help=f"a directory of runs (default: {DEFAULT}), or a database: mongodb://HOST/NAME",
    )
    add_where(parser)


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add the option --where."""
    parser.add_argument(
        "--where",
        metavar="CONDITIONS",
        action="append",
        help='only runs that fulfil all of these: "hidden=64 seed>2 status!=FAILED"',
    )


def select(sources: Sequence[str], where: Sequence[str] | None = None) -> Selection:
    """Load runs, and keep those that fulfil the conditions.

    Raises:
        ValueError: there are no runs, or none that fulfil them.
        FileNotFoundError: there is no such directory.
        ConnectionError: the database does not answer.
    """
    sources = list(sources) or [DEFAULT]
    source = " and ".join(map(describe, sources))
    for each in sources:
        if "=" in each and not is_url(each) and not Path(each).exists():
            raise ValueError(f"{each} is no source: write --where {shlex.quote(each)}")
    experiments = load_runs(*sources)
    if not experiments:
        nested = [path for each in sources for path in subdirectories_with_runs(each)]
        hint = f"; there are in {', '.join(nested[:_LONG_LIST])}" if nested else ""
        raise ValueError(f"there are no runs in {source}{hint}")
    selection = Selection(experiments, table(experiments), config_entries(experiments), source)
    if where is None:
        return selection
    conditions = " ".join(where)
    fulfilled = selection.where(conditions)
    if not fulfilled.any():
        raise ValueError(f"no run in {source} fulfils {conditions}")
    kept = QuerySet([each for each in experiments if fulfilled[each.id]])
    return Selection(kept, table(kept), config_entries(kept), source)


def names(text: str) -> list[str]:
    """Read names separated by commas, of an option."""
    return [name.strip() for name in text.split(",") if name.strip()]


def file_to_write(text: str, endings: Sequence[str]) -> Path:
    """Return the path of a file that a command writes.

    Raises:
        ValueError: it has another ending, or its directory is missing.
    """
    path = Path(text)
    if path.suffix not in endings:
        raise ValueError(f"{path} does not end with {' or '.join(endings)}")
    if not path.parent.is_dir():
        raise ValueError(f"{path} cannot be written: there is no directory {path.parent}")
    return path


def _holds(condition: Condition, value: Any) -> bool:
    return condition.holds(None if is_missing(value) or value in ("", "None") else value)


def _suggest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
