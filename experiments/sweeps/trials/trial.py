"""Names a trial of a search, for the process that runs it on any machine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """A trial of a search; plain data, so that it can be sent to another machine.

    Attributes:
        journal: the path of the search's journal.
        study: the name of the search in it.
        number: of the trial, from 0.
        pruner: one of experiments.sweeps.trials.options.PRUNERS.
        interval: steps between two validations.
    """

    journal: str
    study: str
    number: int
    pruner: str
    interval: int
