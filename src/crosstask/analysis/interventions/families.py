"""Which tests are corrected together: the declared families of interventions."""

import pandas as pd

from crosstask.analysis.interventions.kinds import APART
from crosstask.analysis.statistics.multiple_testing import at_most, false_discovery_rates


def families(table: pd.DataFrame, *further: str) -> pd.Series:
    """Family of each row: changed properties off the diagonal and on it; placebo and random update apart from them.

    ``further``: columns that tell families apart besides.
    """
    parts = [table["kind"].where(table["kind"].isin(APART), "property"), table["home"].astype(str)]
    parts += [table[name].astype("string").fillna("") for name in further]
    return pd.Series(["/".join(map(str, values)) for values in zip(*parts, strict=True)], table.index, dtype=object)


def corrected(table: pd.DataFrame, family: pd.Series, alpha: float, counted: pd.Series | None = None) -> pd.DataFrame:
    """Add ``q`` and ``significant``, and of tests of equivalence ``equivalence_q`` and ``equivalent``.

    Only rows that are ``counted`` are tests of the family; the others have no q.
    """
    counted = pd.Series(True, table.index) if counted is None else counted
    found = table
    for p, q, verdict in (("p", "q", "significant"), ("equivalence_p", "equivalence_q", "equivalent")):
        if p in table:
            rates = (
                table[p]
                .where(counted)
                .groupby(family)
                .transform(lambda values: pd.Series(false_discovery_rates(values), values.index))
            )
            found = found.assign(**{q: rates.astype(float), verdict: at_most(rates, alpha)})
    return found
