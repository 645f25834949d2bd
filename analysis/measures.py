"""What the metrics of a run measure, and in which direction they are better."""

import re
from collections.abc import Iterable

RESULTS = {"accuracy": "accuracy", "mean_absolute_error": "exact"}
"""The measures that a task reports as its result, and the share of right answers that decides about a success."""

_LOWER = "loss error seconds duration perplexity step mse mae rmse nll wer cer".split()
_HIGHER = "accuracy acc exact f1 precision recall auc bleu score reward result second".split()


def direction(metric: str) -> str | None:
    """Return `lower` or `higher`, what is better of a metric by the last word of its name; None if it is unknown.

    Less is better of losses, errors, times, and the step at which something is reached.
    """
    words = re.split(r"[/._\-\s]+", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", metric.strip()))
    last = words[-1].lower()
    return "lower" if last in _LOWER else "higher" if last in _HIGHER else None


def is_lower_better(metric: str) -> bool:
    """Tell whether less of a metric is known to be better."""
    return direction(metric) == "lower"


def result_metrics(names: Iterable[str], split: str = "test") -> list[str]:
    """List the metrics with a result on a split, such as test/accuracy."""
    known = set(names)
    return [f"{split}/{measure}" for measure in RESULTS if f"{split}/{measure}" in known]


def success_metric(metric: str) -> str:
    """Return the metric that decides whether a run is a success: test/exact for test/mean_absolute_error."""
    split, _, measure = metric.rpartition("/")
    return f"{split}/{RESULTS[measure]}" if measure in RESULTS else metric


def in_words(metric: str) -> str:
    """Write the name of a metric as words: test mean absolute error."""
    return metric.replace("/", " ").replace("_", " ")
