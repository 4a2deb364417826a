"""What changes did to what they were meant to change: the table intervention_checks.csv.

Training rows of changed runs beside those of the originals, from the profiles of the data sets: the share of each
label, mean lengths of answers and prompts, number of rows; and the score on the source's own task.
"""

from collections.abc import Iterator

import pandas as pd

from crosstask.analysis.interventions.columns import CHECKS
from crosstask.analysis.interventions.kinds import RANDOM
from crosstask.analysis.matrix.interventions import Interventions
from crosstask.analysis.schema import column_names

_MEANS = {
    "answer_words": "words of an answer",
    "answer_length": "characters of an answer",
    "prompt_length": "characters of a prompt",
}
"""Kind of a profile -> what the mean of its values is called."""
LABEL_SHARE = "share of label "
"""Before a label."""
HOME_SCORE = "score on "
"""Before the name of the source's own task."""


def checks(interventions: Interventions, effects: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Columns ``CHECKS``: one row per source, variant and property, mean over seeds.

    Parameters
    ----------
    interventions : Interventions
        Pairs and profiles.
    effects : DataFrame
        Columns ``EFFECTS``.
    scores : DataFrame
        ``source``, ``variant``, ``target``, ``original`` and ``changed``: mean scores over seeds.
    """
    properties, known = _properties(interventions.profiles), scores.set_index(["source", "variant", "target"])
    at_home = dict(list(effects[effects["home"]].groupby(["source", "variant"], sort=False)))
    pairs = interventions.pairs
    rows: list[tuple[object, ...]] = []
    for (source, variant), of in pairs.groupby(["source", "variant"], sort=False):
        keys = (source, variant, of["kind"].iloc[0], of["dose"].iloc[0], of["changed"].mean(), of["what"].iloc[0])
        # A random update is trained on no rows at all.
        trained = of if of["kind"].iloc[0] != RANDOM else of.iloc[:0]
        before, after = (_mean(properties, trained[name]) for name in ("original", "run"))
        rows += [
            (*keys, name, before.get(name, 0.0), after.get(name, 0.0), None, None)
            for name in dict.fromkeys([*before, *after])
            if before and after
        ]
        rows += [(*keys, *score) for score in _home_scores(at_home.get((source, variant), effects.iloc[:0]), known)]
    table = pd.DataFrame(rows, columns=[*column_names(CHECKS)[:9], "ci_low", "ci_high"])
    table = table.assign(difference=table["changed"].astype(float) - table["original"].astype(float))
    return table[column_names(CHECKS)].astype({"dose": float, "ci_low": float, "ci_high": float})


def _properties(profiles: pd.DataFrame) -> pd.DataFrame:
    """Properties of the training rows of runs, (runs, properties), NaN where a run has none."""
    named = profiles[profiles["role"] == "source"]
    lots = []
    rows = named[named["kind"] == "rows"]
    lots.append(rows.assign(property="rows"))
    lots += [named[named["kind"] == kind].assign(property=name) for kind, name in _MEANS.items()]
    labels = named[named["kind"] == "label"]
    lots.append(labels.assign(property=LABEL_SHARE + labels["feature"].astype(str).str.strip()))
    found = pd.concat(lots)
    means = found.groupby(["name", "property"], sort=False)["value"].mean().unstack("property")
    return means[list(found["property"].unique())]


def _mean(properties: pd.DataFrame, runs: pd.Series) -> dict[str, float]:
    """Mean over runs of each property that is known of them; a label that a run does not have is none of its rows."""
    wide = properties.loc[properties.index.isin(set(runs))].dropna(axis="columns", how="all")
    labels = wide.columns.str.startswith(LABEL_SHARE)
    means: dict[str, float] = wide.where(wide.notna() | ~labels, 0.0).mean().to_dict()
    return means


def _home_scores(effects: pd.DataFrame, scores: pd.DataFrame) -> Iterator[tuple[str, float, float, float, float]]:
    """Scores on own tasks before and after, with the interval of the difference, of one source and variant."""
    for target, of_target in effects.groupby("target", sort=False):
        cell = of_target.loc[of_target["seeds"].idxmax()]
        score = scores.loc[(cell["source"], cell["variant"], target)]
        yield f"{HOME_SCORE}{target}", score["original"], score["changed"], cell["ci_low"], cell["ci_high"]
