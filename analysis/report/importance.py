"""Estimates how much each config entry matters for a result, by a random forest."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import KFold

from analysis.values import as_numbers

FEWEST = 10
"""Runs, from which an estimate makes sense."""

_FOLDS = 5
_TREES = 100
_REPEATS = 20


def importance(runs: pd.DataFrame, entries: Sequence[str], metric: str) -> pd.Series:
    """Estimate the importance of config entries: what a forest that has learned the runs loses without each.

    A random forest (scikit-learn's) learns the metric of four fifths of the runs, and predicts that of the others. The
    importance of an entry is the growth of the squared error when the values of the entry are permuted among the
    others, as a share of the variance: 0 for an entry that says nothing. The seed stands beside the entries as a
    yardstick: what it seems to explain is chance.

    Args:
        runs: a table, see analysis.tables; runs without the metric are left out.
        entries: the columns to rate, such as those that differ, and the seed.
        metric: a column.

    Returns:
        The importance by entry, the largest first. It is empty if there are fewer than FEWEST runs, or nothing varies.
    """
    measured = runs[np.isfinite(runs[metric].astype(float))]
    target = measured[metric].to_numpy(float)
    if len(measured) < FEWEST or not entries or np.ptp(target) == 0:
        return pd.Series(dtype=float)
    features = np.column_stack([as_numbers(measured[entry])[0].to_numpy(float) for entry in entries])
    losses = []
    for learned, others in KFold(_FOLDS, shuffle=True, random_state=0).split(features):
        forest = RandomForestRegressor(_TREES, random_state=0).fit(features[learned], target[learned])
        permuted = permutation_importance(
            forest,
            features[others],
            target[others],
            scoring="neg_mean_squared_error",
            n_repeats=_REPEATS,
            random_state=0,
        )
        losses.append(permuted.importances_mean)
    shares = np.mean(losses, axis=0) / target.var()
    return pd.Series(shares, index=list(entries)).sort_values(ascending=False)
