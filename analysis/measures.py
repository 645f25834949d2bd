"""What the metrics of a run measure, and in which direction they are better."""

from collections.abc import Iterable

RESULTS = {"accuracy": "accuracy", "mean_absolute_error": "exact"}
"""The measures that a task reports as its result, and the share of right answers that decides about a success."""

_LOWER = ("loss", "error", "seconds", "duration", "perplexity", "step")


def is_lower_better(metric: str) -> bool:
    """Tell whether less of a metric is better: losses, errors, times, and the step at which something is reached."""
    measure = metric.rpartition("/")[2]
    return any(measure == name or measure.endswith(f"_{name}") for name in _LOWER)


def result_metrics(names: Iterable[str], split: str = "test") -> list[str]:
    """List the metrics with a result on a split, such as test/accuracy."""
    known = set(names)
    return [f"{split}/{measure}" for measure in RESULTS if f"{split}/{measure}" in known]


def success_metric(metric: str) -> str:
    """Return the metric that decides whether a run is a success: test/exact for test/mean_absolute_error."""
    split, _, measure = metric.rpartition("/")
    return f"{split}/{RESULTS.get(measure, measure)}"


def in_words(metric: str) -> str:
    """Write the name of a metric as words: test mean absolute error."""
    return metric.replace("/", " ").replace("_", " ")


def is_better(value: float, other: float, metric: str) -> bool:
    """Tell whether a value of a metric is better than another one."""
    return value < other if is_lower_better(metric) else value > other
