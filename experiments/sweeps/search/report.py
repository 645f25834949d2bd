"""Formats what a search has found: the best trials, and how many it has pruned."""

from collections.abc import Sequence
from statistics import median

from experiments.sweeps.options import SweepOptions
from experiments.sweeps.planning.draws import Draws
from experiments.sweeps.results import RunResult, fold_seeds, format_best, format_table, rank

_SHOWN = 10


def format_announcement(options: SweepOptions, waiting: int, searches: int) -> str:
    """Format how many trials there are to run, and how they are chosen and pruned.

    Args:
        options: of the sweep, with a search.
        waiting: the number of trials that have not ended.
        searches: the number of searches, one for each combination of the values in lists.
    """
    assert options.search is not None
    ended = searches * options.draws - waiting
    pruned = "" if options.search.pruner == "none" else f", pruned by {options.search.pruner}"
    parts = [
        (waiting, f"trials to run{'' if options.dry_run else ', once TensorFlow is imported'}"),
        (ended, "ended already"),
        (searches if searches > 1 else 0, f"searches of {options.draws}"),
    ]
    counts = "; ".join(f"{count} {text}" for count, text in parts if count)
    return f"search by {options.search.sampler}{pruned}: {counts}"


def format_space(draws: Draws) -> str:
    """Format where a search looks: a line for each drawn config entry."""
    width = max(map(len, draws))
    return "\n".join(f"  {name:<{width}}  {draw}" for name, draw in draws.items())


def format_results(results: Sequence[RunResult], varied: Sequence[str]) -> str:
    """Format the best configurations by validation, the best one, and a count of the pruned trials."""
    measured = [result for result in results if result.is_measured]
    configurations = sorted(fold_seeds(measured, varied).values(), key=rank)
    best = configurations[:_SHOWN]
    shown = [result for group in best for result in group]
    heading = f"the best {len(best)} of {len(configurations)} by validation" if len(best) < len(configurations) else ""
    parts = [heading, format_table(shown, varied), format_best(measured, varied), _pruned(results)]
    return "\n".join(part for part in parts if part)


def _pruned(results: Sequence[RunResult]) -> str:
    pruned = [result.run for result in results if result.is_pruned and result.run is not None]
    steps = [step for run in pruned if isinstance(step := run.info.get("pruned_at_step"), int)]
    after = f", at step {median(steps):g} in the median" if steps else ""
    return f"pruned: {len(pruned)} of {len(results)} runs{after}" if pruned else ""
