import pytest

from analysis.measures import direction, in_words, is_lower_better, result_metrics, success_metric


@pytest.mark.parametrize(
    ("metric", "lower"),
    [
        ("test/accuracy", False),
        ("test/exact", False),
        ("validation/mean_absolute_error", True),
        ("train/loss", True),
        ("cpu_seconds", True),
        ("train/steps_per_second", False),
        ("first_step", True),
        ("my_loss", True),
        ("glossary", False),
        ("val-loss", True),
        ("valLoss", True),
        ("val.mse", True),
    ],
)
def test_losses_errors_and_times_are_better_if_smaller(metric, lower):
    assert is_lower_better(metric) == lower


def test_the_direction_of_an_unknown_name_is_unknown():
    assert direction("glossary") is None
    assert direction("test/accuracy") == "higher"


def test_the_result_of_a_task_is_found_among_its_metrics():
    names = ["test/loss", "test/exact", "test/mean_absolute_error", "extrapolation/accuracy"]

    assert result_metrics(names) == ["test/mean_absolute_error"]
    assert result_metrics(names, "extrapolation") == ["extrapolation/accuracy"]


def test_exact_answers_decide_about_the_success_of_a_number_network():
    assert success_metric("test/mean_absolute_error") == "test/exact"
    assert success_metric("test/accuracy") == "test/accuracy"


def test_a_metric_is_written_in_words():
    assert in_words("test/mean_absolute_error") == "test mean absolute error"
