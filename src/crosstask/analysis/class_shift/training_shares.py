"""Shares of the labels of training rows, from what is known of the data sets."""

import pandas as pd


def training_shares(profiles: pd.DataFrame | None) -> dict[str, dict[str, float]]:
    """By source its labels with their shares of the training rows; none of a source whose task is open.

    A label that no training row has counts as half a row of it, and all others for half a row more (Jeffreys), so that
    its logarithm is finite.

    Examples
    --------
    >>> rows = [("source", "imdb", "rows", "rows", 9.0), ("source", "imdb", "label", "0", 1.0)]
    >>> names = ["role", "name", "kind", "feature", "value"]
    >>> training_shares(pd.DataFrame([*rows, ("source", "imdb", "label", "1", 0.0)], columns=names))
    {'imdb': {'0': 0.95, '1': 0.05}}
    """
    if profiles is None or profiles.empty:
        return {}
    sources = profiles[profiles["role"] == "source"]
    found = {}
    for source, table in sources[sources["kind"] == "label"].groupby("name", sort=False):
        rows = sources.loc[(sources["name"] == source) & (sources["kind"] == "rows"), "value"]
        count, labels = float(rows.iloc[0]) if len(rows) else float("inf"), len(table)
        counts = table["value"] * count + 0.5 if rows.size else table["value"]
        total = count + labels / 2 if rows.size else 1.0
        shares = dict(zip(table["feature"], (counts / total).tolist(), strict=True))
        if all(share > 0 for share in shares.values()):
            found[str(source)] = shares
    return found
