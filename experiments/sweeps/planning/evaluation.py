"""Evaluates the configs of thousands of runs as Sacred does that of each run, without what else it does for a run.

For each run, Sacred also asks the system for its processor, lists sources and packages, and gives each function of the
experiment a config and a generator of its own, which together takes several times as long.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sacred import Experiment
from sacred.initialize import (
    Scaffold,
    create_run,
    create_scaffolding,
    distribute_config_updates,
    distribute_presets,
    get_configuration,
    initialize_logging,
)
from sacred.utils import convert_to_nested_dict, iterate_flattened, recursive_update, set_by_dotted_path

_COMMAND = "print_config"  # whose run trains nothing, and needs no TensorFlow
_QUIET = "ERROR"


class ConfigEvaluation:
    """Evaluates and checks configs of an experiment, which differ in the values of their entries."""

    def __init__(self, experiment: Experiment, named_configs: Sequence[str]) -> None:
        """Prepare.

        Args:
            experiment: has the configs.
            named_configs: that Sacred knows, applied to every config.
        """
        self._experiment = experiment
        self._named_configs = named_configs
        self._names: set[frozenset[str]] = set()

    def __call__(self, updates: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a whole config.

        Args:
            updates: the values of entries.

        Raises:
            SacredError: if the config is invalid. What Sacred says of names it has said of the first updates with
                these names, which are evaluated as for a run.
        """
        names = frozenset(updates)
        if names in self._names and not self._experiment.ingredients:
            return self._evaluate(updates)
        run = create_run(self._experiment, _COMMAND, updates, self._named_configs, log_level=_QUIET)
        self._names.add(names)
        config: Mapping[str, Any] = run.config
        return config

    def _evaluate(self, updates: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what create_run does until the config is known."""
        scaffolding = create_scaffolding(self._experiment, [self._experiment])
        [scaffold] = scaffolding.values()
        _, logger = initialize_logging(self._experiment, scaffolding, _QUIET)
        nested = convert_to_nested_dict(updates)
        distribute_config_updates([], scaffolding, nested)
        for name in self._named_configs:
            self._apply(name, scaffold, nested)
        distribute_config_updates([], scaffolding, nested)
        scaffold.gather_fallbacks()
        scaffold.set_up_config()
        config = get_configuration(scaffolding)
        recursive_update(scaffold.config, scaffold.run_config_hooks(config, _COMMAND, logger))
        scaffold.set_up_seed()
        return {**get_configuration(scaffolding)}

    @staticmethod
    def _apply(name: str, scaffold: Scaffold, updates: dict[str, Any]) -> None:
        scaffold.gather_fallbacks()
        given = scaffold.run_named_config(name)
        distribute_presets("", [], {"": scaffold}, given)
        for path, value in iterate_flattened(given):
            set_by_dotted_path(updates, path, value)
