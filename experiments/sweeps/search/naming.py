"""Names a search by all that its trials depend on: another search gets a journal of its own."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.plan import PlannedRun

_FOLDER = "_search"  # no run has such a name
_NO_SOURCES = ("experiments/sweep.py", "experiments/sweeps/")


def name_search(options: SweepOptions, script: str, example: PlannedRun, sources: Mapping[str, str]) -> str:
    """Name the search for one combination of the values in lists.

    Args:
        options: of the sweep.
        script: the name of the experiment.
        example: a trial of the search.
        sources: digests of the project's sources: trials of other sources are not comparable.
    """
    assert options.search is not None
    draws = options.grid.draws
    fixed = {name: value for name, value in example.config.items() if name not in draws and name != "seed"}
    given = {name: value for name, value in example.values.items() if name not in draws}
    seed = None if example.any_seed else example.config["seed"]
    asked = [fixed, given, seed, dict(draws), list(options.grid.named_configs), options.search, options.draw_seed]
    shown = "-".join([script, options.search.sampler, options.search.pruner])
    made_from = sorted((name, digest) for name, digest in sources.items() if not name.startswith(_NO_SOURCES))
    return f"{shown}-{_digest(*map(_sorted, asked))}-{_digest(made_from)}"


def journal_of(runs: Path, name: str) -> Path:
    """Return the path of the journal of a search."""
    return runs.absolute() / _FOLDER / f"{name}.journal"


def made_of_other_sources(runs: Path, name: str) -> bool:
    """Tell whether the same search was begun with other sources, and not with those of now."""
    journal, others = journal_of(runs, name), f"{name.rpartition('-')[0]}-*.journal"
    return not journal.exists() and any(journal.parent.glob(others))


def _sorted(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, dict) else value


def _digest(*values: Any) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:10]
