import numpy as np
import pandas as pd
import pytest

from analysis.comparison.pairing import compare, default_metric, measured_in_words

ENTRIES = ["task", "hidden", "language", "seed"]
METRIC = "test/accuracy"


def runs_of(*groups, language="de"):
    """Make a table of groups: hidden, and the accuracies by seed."""
    rows = [
        {"status": "COMPLETED", "task": "parity", "hidden": hidden, "language": language, "seed": seed, METRIC: value}
        for hidden, values in groups
        for seed, value in values.items()
    ]
    return pd.DataFrame(rows)


def compare_sizes(runs, first=8, second=16, metric=METRIC):
    sides = [(f"hidden={hidden}", runs["hidden"] == hidden) for hidden in (first, second)]
    return compare(runs, ENTRIES, sides[0], sides[1], metric)


def test_configurations_are_paired_over_their_common_seeds():
    values = {seed: 0.5 + 0.01 * seed for seed in range(8)}
    better = {seed: value + 0.1 + 0.001 * seed for seed, value in values.items() if seed != 3}
    comparison = compare_sizes(runs_of((8, values), (16, better)))

    assert comparison.pairs.index.tolist() == [0, 1, 2, 4, 5, 6, 7]
    assert comparison.difference.mean == pytest.approx(0.1 + 0.001 * 25 / 7)
    assert comparison.better == "hidden=16"
    assert comparison.sentence().startswith(
        "hidden=16 is better than hidden=8: the difference is more than chance, from 7 common seeds"
    )
    assert measured_in_words(comparison).startswith("test accuracy, mean: hidden=8 0.5357, hidden=16 0.6393;")


def test_less_of_an_error_is_better():
    runs = runs_of((8, dict.fromkeys(range(6), 1.0)), (16, {seed: 2.0 + seed for seed in range(6)}))
    runs = runs.rename(columns={METRIC: "test/mean_absolute_error"})

    assert compare_sizes(runs, metric="test/mean_absolute_error").better == "hidden=8"


def test_few_seeds_tell_no_difference():
    comparison = compare_sizes(runs_of((8, dict.fromkeys(range(4), 0.5)), (16, {0: 0.9, 1: 0.8, 2: 0.9, 3: 0.7})))

    assert comparison.better is None
    assert comparison.sentence() == "no difference can be told from 4 common seeds; that takes 6 or more"


def test_equal_results_are_called_equal():
    comparison = compare_sizes(runs_of((8, {0: 1.0, 1: 0.5}), (16, {0: 1.0, 1: 0.5})))

    assert comparison.sentence() == "no difference: equal on 2 common seeds"


def test_a_configuration_that_differs_in_more_than_seeds_is_refused():
    runs = pd.concat(
        [runs_of((8, {0: 0.5}), (16, {0: 0.5})), runs_of((8, {0: 0.4}), language="en")], ignore_index=True
    )

    with pytest.raises(ValueError, match="the runs of hidden=8 also differ in language: choose language=de or en"):
        compare_sizes(runs)


def test_other_differences_repeated_seeds_and_diverged_runs_are_told():
    runs = pd.concat(
        [runs_of((8, {0: 0.5, 1: 0.5, 2: 0.4})), runs_of((16, {0: 0.6, 1: 0.7, 2: 0.8}), language="en")],
        ignore_index=True,
    )
    runs = pd.concat([runs, runs.iloc[[0]].assign(**{METRIC: 0.55})], ignore_index=True)
    runs.loc[2, METRIC] = np.inf
    comparison = compare_sizes(runs)

    assert comparison.pairs["hidden=8"].to_dict() == {0: 0.55, 1: 0.5}
    assert comparison.remarks == (
        "they differ in hidden, language",
        "without seed 2, on which hidden=8 diverged",
        "of runs with the same config and seed, the last counts",
    )


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([(8, {0: 0.5}), (16, {1: 0.5})], "have no seed in common"),
        ([(8, {0: 0.5})], "no completed run of hidden=16 has test/accuracy"),
        ([(8, {0: np.inf}), (16, {0: 0.5})], "in each pair of hidden=8 and hidden=16, a run diverged"),
    ],
)
def test_what_cannot_be_compared_is_refused(groups, message):
    with pytest.raises(ValueError, match=message):
        compare_sizes(runs_of(*groups))


def test_a_configuration_is_not_compared_with_itself():
    with pytest.raises(ValueError, match="hidden=8 and hidden=8 name the same runs"):
        compare_sizes(runs_of((8, {0: 0.5})), 8, 8)


def test_the_metric_is_the_result_of_the_task():
    runs = runs_of((8, {0: 0.5}))

    assert default_metric(runs) == METRIC
    with pytest.raises(ValueError, match="the runs have test/accuracy and test/mean_absolute_error: name one"):
        default_metric(runs.assign(**{"test/mean_absolute_error": 1.0}))
    with pytest.raises(ValueError, match="no run has a test result: name one with --metric"):
        default_metric(runs.drop(columns=METRIC))


def test_runs_without_a_seed_are_not_paired():
    with pytest.raises(ValueError, match="a run of hidden=8 has no seed to pair it by"):
        compare_sizes(runs_of((8, {None: 0.5, 1: 0.5}), (16, {0: 0.5, 1: 0.6})))


def test_seeds_of_several_kinds_can_be_paired():
    values = {1: 0.5, "a": 0.25, 10: 0.125}

    assert compare_sizes(runs_of((8, values), (16, values))).pairs.index.tolist() == [1, 10, "a"]


def test_an_unknown_metric_is_not_called_better():
    runs = runs_of((8, dict.fromkeys(range(6), 1.0)), (16, {seed: 2.0 + seed for seed in range(6)}))
    comparison = compare_sizes(runs.rename(columns={METRIC: "glossary"}), metric="glossary")

    assert comparison.better is None
    assert comparison.sentence().startswith("hidden=16 has more than hidden=8: the difference is more than chance")
