"""Draws as parameters of an Optuna trial, and its parameters as config entries."""

from collections.abc import Mapping
from typing import Any

import optuna

from experiments.sweeps.planning.draws import Choice, Draw, Draws


def suggest(trial: optuna.Trial, name: str, draw: Draw) -> None:
    """Let Optuna choose where a draw would draw. A parameter that a trial has already stays as it is."""
    if isinstance(draw, Choice):
        trial.suggest_categorical(name, tuple(_labels(draw)))
    elif draw.whole:
        trial.suggest_int(name, int(draw.low), int(draw.high), log=draw.logarithmic)
    else:
        trial.suggest_float(name, draw.low, draw.high, log=draw.logarithmic)


def make_values(draws: Draws, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the config entries for the parameters of a trial; numbers have as few digits as drawn ones."""
    return {name: _value(draw, parameters[name]) for name, draw in draws.items()}


def _value(draw: Draw, parameter: Any) -> Any:
    return _labels(draw)[parameter] if isinstance(draw, Choice) else draw.rounded(parameter)


def _labels(draw: Choice) -> dict[str, Any]:
    """Return the values by what Optuna calls them: it accepts few types, and takes 1 for True."""
    return {str(value): value for value in draw.values}
