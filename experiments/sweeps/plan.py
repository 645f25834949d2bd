"""Plans a sweep: the command line of each run, and which runs the store already has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sacred import Experiment
from sacred.initialize import create_run

from experiments.cli.config_files import add_earlier_values, is_config_file, read_config_file, registered_files
from experiments.cli.updates import write_update
from experiments.pipeline.config import ENTRIES
from experiments.sweeps.grid import Values
from experiments.sweeps.store import Match, State, Store


@dataclass(frozen=True)
class PlannedRun:
    """A run of a sweep.

    Attributes:
        values: the config entries that the sweep sets.
        arguments: its command line, without the script.
        match: what the store has of it.
    """

    values: Values
    arguments: Sequence[str]
    match: Match

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
    known = experiment.named_configs
    files = [read_config_file(name) for name in named_configs if is_config_file(name, known)]
    planned, seen = [], set()
    with registered_files(experiment, named_configs) as names:
        for values in points:
            updates = add_earlier_values(values, named_configs, known)
            config = create_run(experiment, "print_config", updates, names, log_level="ERROR").config
            any_seed = not any("seed" in given for given in (values, *files))
            key = repr([config[name] for name in ENTRIES])
            if not any_seed and key in seen:
                continue  # two equal draws
            seen.add(key)
            match = store.take(config, any_seed=any_seed)
            words = _words(values, named_configs, match)
            planned.append(PlannedRun(values, [*(["with", *words] if words else []), *options], match))
    return planned


def _words(values: Values, named_configs: Sequence[str], match: Match) -> list[str]:
    if match.state is State.INTERRUPTED and match.run is not None:
        return [f"resume={match.run.directory.name}"]
    return [*named_configs, *(write_update(name, value) for name, value in values.items())]
