"""Finds the searches that a command line asks for, and opens them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sacred.utils import SacredError

from core.network.tasks import TASKS
from experiments.experiment import WordExperiment
from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.grid import Values
from experiments.sweeps.planning.plan import PlannedRun, plan
from experiments.sweeps.planning.store import Store
from experiments.sweeps.search.combination import CombinationSearch
from experiments.sweeps.search.naming import journal_of, made_of_other_sources, name_search
from experiments.sweeps.search.recorded import RecordedTrials, trial_of
from experiments.sweeps.search.source import Search
from experiments.sweeps.search.study import SharedStudy
from experiments.sweeps.trials.options import SearchOptions
from observers.stored_runs.runs_directory import read_runs
from observers.stored_runs.stored_run import StoredRun, read_again
from observers.system.stderr import warn

_EXAMPLES = (0.5, 0.0, 0.9)  # where each draw is tried


@dataclass(frozen=True)
class FoundSearch:
    """A search that is asked for.

    Attributes:
        name: of its study.
        fixed: the values in lists.
        example: a run that is like its trials.
    """

    name: str
    fixed: Values
    example: PlannedRun


def find_searches(experiment: WordExperiment, options: SweepOptions, sources: Mapping[str, str]) -> list[FoundSearch]:
    """Find a search for each combination of the values in lists; nothing is written.

    Raises:
        SacredError: if the config of every trial would be invalid, or there are too many.
    """
    options.grid.check_size(options.draws)
    script, found = Path(experiment.mainfile.filename).stem, []
    for fixed in options.grid.combinations():
        example = _make_example(experiment, options, fixed)
        found.append(FoundSearch(name_search(options, script, example, sources), fixed, example))
    return found


def open_search(
    experiment: WordExperiment, options: SweepOptions, sources: Mapping[str, str], found: Sequence[FoundSearch]
) -> Search:
    """Open the journals of searches, and create those that are missing.

    Raises:
        ValueError: if one is damaged.
        OSError: if one cannot be read or written.
    """
    assert options.search is not None
    stored = list(read_runs(options.runs, warn, remark=lambda _: None)) if options.runs.is_dir() else []
    studies = [_open_study(options, options.search, search) for search in found]
    begun = {(study.name, trial.number) for study in studies for trial in study.trials()}
    script = experiment.script
    store = Store((run for run in stored if trial_of(run) not in begun), script=script, sources=sources, warn=warn)
    recorded = RecordedTrials(options.runs, stored)

    def plan_run(values: Values, known: StoredRun | None) -> PlannedRun:
        now = read_again(known) if known is not None else None
        found = store if now is None else Store([now], script=script, sources=sources, warn=warn)
        return _plan(experiment, options, values, found)

    return Search(
        [
            CombinationSearch(
                study,
                recorded,
                plan_run,
                fixed=search.fixed,
                any_seed=search.example.any_seed,
                trials=options.draws,
                pruner=options.search.pruner,
            )
            for study, search in zip(studies, found, strict=True)
        ]
    )


def _open_study(options: SweepOptions, how: SearchOptions, search: FoundSearch) -> SharedStudy:
    if made_of_other_sources(options.runs, search.name):
        warn("sources have changed since the earlier search: this is a new one, whose trials can be compared")
    return SharedStudy(
        search.name,
        journal_of(options.runs, search.name),
        options.grid.draws,
        sampler=how.sampler,
        seed=options.draw_seed,
        higher_is_better=TASKS[search.example.config["task"]].higher_is_better,
    )


def _make_example(experiment: WordExperiment, options: SweepOptions, fixed: Values) -> PlannedRun:
    """Plan a run where a search looks, to see whether its config is valid."""
    errors = []
    for number in _EXAMPLES:
        drawn = {name: draw(number) for name, draw in options.grid.draws.items()}
        try:
            return _plan(experiment, options, {**fixed, **drawn}, Store([], script="", sources={}))
        except SacredError as error:
            errors.append(error)
    raise errors[0]


def _plan(experiment: WordExperiment, options: SweepOptions, values: Values, store: Store) -> PlannedRun:
    [planned] = plan(
        experiment,
        [values],
        named_configs=options.grid.named_configs,
        options=options.run_options,
        store=store,
    )
    return planned
