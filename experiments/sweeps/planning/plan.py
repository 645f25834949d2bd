"""Plans a sweep: the command line of each run, and which runs the store already has."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sacred import Experiment

from experiments.cli.updates import write_update
from experiments.configs.files import ConfigFile, add_earlier_values, read_named_configs, registered
from experiments.pipeline.config import ENTRIES
from experiments.sweeps.executors.worker import make_arguments
from experiments.sweeps.planning.evaluation import ConfigEvaluation
from experiments.sweeps.planning.grid import Values
from experiments.sweeps.planning.store import Match, State, Store
from experiments.sweeps.trials.trial import Trial


@dataclass(frozen=True)
class PlannedRun:
    """A run of a sweep.

    Attributes:
        values: the config entries that the sweep sets.
        words: the config on its command line: named configs, NAME=VALUE, or resume=<id>.
        options: the options on its command line.
        match: what the store has of it.
        config: all config entries.
        any_seed: whether no seed was given, so that a run with another seed counts as well.
        trial: of the search that has chosen the config, if one has.
    """

    values: Values
    words: Sequence[str]
    options: Sequence[str]
    match: Match
    config: Mapping[str, Any]
    any_seed: bool
    trial: Trial | None = None

    @property
    def arguments(self) -> list[str]:
        """Its command line, without the script."""
        return make_arguments(self.words, self.options)

    @property
    def is_needed(self) -> bool:
        """Whether the run has to be trained or resumed."""
        return self.match.state not in (State.DONE, State.RUNNING)


def plan(
    experiment: Experiment,
    points: Iterable[Values],
    *,
    named_configs: Sequence[str],
    options: Sequence[str],
    store: Store,
) -> list[PlannedRun]:
    """Plan the runs of a sweep and check the config of each.

    Args:
        experiment: the experiment to train.
        points: the config entries of each run.
        named_configs: applied to every run.
        options: added to every command line.
        store: the runs that may be recorded already.

    Raises:
        SacredError: if a config is invalid.
    """
    configs = read_named_configs(named_configs, experiment.named_configs)
    files = [config.content for config in configs if isinstance(config, ConfigFile)]
    planned, seen = [], set()
    with registered(experiment, configs) as names:
        evaluate = ConfigEvaluation(experiment, names)
        for values in points:
            updates = add_earlier_values(values, configs)
            made = evaluate(updates)
            config = {name: made[name] for name in ENTRIES}
            any_seed = not any("seed" in given for given in (values, *files))
            key = tuple(config.values())
            if not any_seed and key in seen:
                continue  # two equal draws, or 1 and 1.0
            seen.add(key)
            match = store.take(config, any_seed=any_seed)
            words = _words(values, named_configs, match)
            planned.append(PlannedRun(values, words, options, match, config, any_seed))
    return planned


def _words(values: Values, named_configs: Sequence[str], match: Match) -> list[str]:
    if match.state is State.INTERRUPTED and match.run is not None:
        return [f"resume={match.run.directory.name}"]
    return [*named_configs, *(write_update(name, value) for name, value in values.items())]
