import numpy as np
import pandas as pd

from analysis.report.importance import importance


def runs_of(count, score):
    """Make a table whose scores follow from the config."""
    rows = [
        {"hidden": hidden, "head": head, "seed": seed, "score": score({"hidden": hidden, "head": head, "seed": seed})}
        for hidden in (1, 2, 4)
        for head in ("nac", "nalu")
        for seed in range(5)
    ]
    return pd.DataFrame(rows).iloc[:count]


def test_the_entry_that_decides_is_the_most_important_and_the_others_are_not():
    shares = importance(
        runs_of(30, lambda config: 10 * (config["head"] == "nalu")), ["hidden", "head", "seed"], "score"
    )

    assert shares.index[0] == "head"
    assert shares["head"] > 1
    assert shares[["hidden", "seed"]].abs().max() < 0.05


def test_chance_is_nothing_but_chance():
    noise = np.random.default_rng(0)
    shares = importance(runs_of(30, lambda _: noise.normal()), ["hidden", "head"], "score")

    assert shares.abs().max() < 0.5


def test_few_runs_or_equal_results_have_no_importance():
    assert importance(runs_of(9, lambda config: config["hidden"]), ["hidden"], "score").empty
    assert importance(runs_of(30, lambda _: 1), ["hidden"], "score").empty
    assert importance(runs_of(30, lambda config: config["hidden"]), [], "score").empty


def test_the_importance_is_the_same_each_time():
    runs = runs_of(30, lambda config: config["hidden"] + config["seed"])

    assert importance(runs, ["hidden"], "score").equals(importance(runs, ["hidden"], "score"))
