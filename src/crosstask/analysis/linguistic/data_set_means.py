"""What the examples of data sets are like: means of their features."""

import numpy as np
import pandas as pd
from scipy.stats import t

from crosstask.analysis.linguistic.columns import FEATURES
from crosstask.analysis.matrix.example_features import ExampleFeatures
from crosstask.analysis.schema import column_names


def feature_means(role: str, name: str, features: ExampleFeatures, alpha: float) -> pd.DataFrame:
    """Return the mean of each feature of a data set, with its interval over examples.

    With the mean m and the standard deviation s of n examples ::

        m  +-  t(n - 1, 1 - alpha / 2) s / sqrt(n)

    Returns
    -------
    DataFrame
        Columns ``FEATURES``, in the order of the features; one that no example has is not among them.
    """
    rates = features.rates()
    n = rates.notna().sum()
    with np.errstate(invalid="ignore"):
        half = t.ppf(1 - alpha / 2, (n - 1).where(n > 1)) * rates.std(ddof=1) / np.sqrt(n)
    mean, labels = rates.mean(), list(rates)
    table = pd.DataFrame(
        {
            "role": role,
            "name": name,
            "feature": labels,
            "unit": [features.unit(label) for label in labels],
            "mean": mean.to_numpy(),
            "ci_low": (mean - half).to_numpy(),
            "ci_high": (mean + half).to_numpy(),
            "share": ((rates > 0).sum() / n).to_numpy(),
            "n": n.to_numpy(),
            "f1": [features.f1.get(label, np.nan) for label in labels],
            "measured_by": [features.by.get(label, "") for label in labels],
        }
    )
    return table.loc[(n > 0).to_numpy() & rates.ne(0).any().to_numpy(), column_names(FEATURES)].reset_index(drop=True)
