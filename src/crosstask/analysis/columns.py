"""The columns of every table, said once, and the checker that asks for them.

``CELLS`` is what the run store gives; every other table is written as a CSV file or listed. Where a table has
one column per task or component, that column is declared once, with its name in angle brackets.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from crosstask.errors import UserError

BASE = "base"
"""Name of the source that stands for the model without fine-tuning."""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    """Header; in angle brackets when there is one such column per task or component."""
    meaning: str
    """What the values say."""
    values: str
    """Type, unit and range."""
    missing: str = "never missing"
    """What an empty cell means."""


SOURCE = Column("source", "task the model was fine-tuned on; base: not fine-tuned", "text")
TARGET = Column("target", "task the model was scored on", "text")
SEED = Column("seed", "random seed of the training", "whole number", "base model, or a table without seeds")
METRIC = Column("metric", "name of the metric that gives the score", "text", "not stated by the table read")
SCORE = Column("score", "value of the metric", "fraction, 0 to 1; a table read from elsewhere as it stands")
STDERR = Column("stderr", "standard error of the score over rows", "unit of the score, >= 0", "not known")
N = Column("n", "rows scored", "whole number, >= 1", "not known")
SEEDS = Column("seeds", "seeds that the mean is over; the base model counts as one", "whole number, >= 1")
CI_LOW = Column("ci_low", "lower limit of the interval, by default of 95 %", "unit of the value", "cannot be told")
CI_HIGH = Column("ci_high", "upper limit of the interval", "unit of the value", "cannot be told")
P = Column("p", "two-sided p value against no difference", "0 to 1", "not tested")
Q = Column("q", "false discovery rate at which it is a discovery (Benjamini-Hochberg)", "0 to 1", "not tested")
SIGNIFICANT = Column("significant", "whether q is at most alpha", "True, False", "not tested")
COMPONENT = Column("component", "principal component, by falling variance", "PC1, PC2, ...")

_UNTESTED = "not tested: a component before it is not told from noise"

CELLS = (
    Column("run", "name of the run", "text, unique per run"),
    SOURCE,
    SEED,
    Column("model", "name of the base model", "text"),
    Column("base", "hash of the base model", "text"),
    Column("data", "name of the data settings", "text"),
    Column("data_id", "hash of the data settings", "text"),
    Column("settings", "hash of the training settings", "text", "base model: nothing was trained"),
    Column("group", "name the user gave to runs that belong together", "text", "no group"),
    Column("updated", "when the run was last written", "ISO 8601 timestamp"),
    TARGET,
    Column("target_id", "hash of the target's rows and scoring settings", "text"),
    METRIC,
    SCORE,
    STDERR,
    N,
    Column("metrics", "every metric of the cell", "dict of name to number", "no metric besides the score"),
)
"""One row per run and target: what the run store holds."""

SCORES = (SOURCE, TARGET, SEED, METRIC, SCORE, STDERR, N)
"""scores.csv: one row per source, target and seed."""

INTERVALS = (CI_LOW, CI_HIGH)
"""scores.csv has these after ``SCORES``: the interval of the run by itself, over its test rows."""

METRICS = (
    SOURCE,
    TARGET,
    SEED,
    Column("metric", "name of the metric", "text"),
    Column("value", "value of the metric", "number", "the metric is not defined for this cell"),
)
"""metrics.csv: one row per source, target, seed and metric."""

MATRIX = (
    SOURCE,
    Column("<target>", "score on this target, mean over seeds", "unit of the score", "never run"),
)
"""matrix.csv: one row per source, the base model first, one column per target."""

GAINS = (
    SOURCE,
    Column("<target>", "score minus the base model's", "unit of the score, -1 to 1", "one of the two never run"),
)
"""gains.csv: as matrix.csv without the base model."""

MATRIX_LONG = (
    SOURCE,
    TARGET,
    SCORE,
    CI_LOW,
    CI_HIGH,
    N,
    SEEDS,
    Column("seed_sd", "standard deviation of the score between seeds", "unit of the score", "one seed"),
)
"""matrix_long.csv: one row per source and target that was scored; mean over seeds. With one seed the interval is for
that adapter, with several for the mean over a population of seeds."""

GAINS_LONG = (
    SOURCE,
    TARGET,
    Column("gain", "score minus the base model's; without base, minus the target's mean", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Column(
        "q",
        "false discovery rate at which it is a discovery (Benjamini-Hochberg); cells on a source's own task are a"
        " family of their own",
        "0 to 1",
        "not tested",
    ),
    SIGNIFICANT,
    Column(
        "test",
        "mcnemar: exact, one seed, 0/1 scores; sign_flip: paired permutation, one seed; crossed_t: seeds crossed with"
        " examples; unpaired_z, unpaired_t: from standard errors, one seed or several; seeds_t: between seeds alone",
        "text",
        "not tested",
    ),
    N,
    SEEDS,
    Column("relative", "gain over the base score", "number, 0.1 is 10 %", "base score 0, or no base"),
    Column(
        "headroom",
        "share of what base has left to gain, gain / (perfect - base); for a loss, of what it had to lose,"
        " gain / (base - chance), chance being 0 for an open task",
        "number, at most 1; -1 is down to chance",
        "nothing left to gain or lose, or no base",
    ),
    Column("z", "gain over its standard error", "number", "standard error not known, or 0"),
    Column("rank", "place of the source on this target by gain, ties sharing the best", "whole number, 1 is the best"),
    Column("home", "whether the target is the source's own task", "True, False"),
    Column("stderr", "standard error of the gain, over examples and seeds", "unit of the score", "not known"),
)
"""gains_long.csv: one row per source and target with a gain. With one seed interval and test are for that adapter,
with several for the mean over a population of seeds; in both cases over a population of test rows."""

REFERENCES = (
    TARGET,
    Column("reference", "base, majority (class), chance, home (the target's own adapter)", "text"),
    Column("name", "the model, the class, the number of labels, or the source", "text"),
    SCORE,
    Column("ci_low", "lower limit of the interval", "unit of the score", "chance is known exactly; or cannot be told"),
    Column("ci_high", "upper limit of the interval", "unit of the score", "chance is known exactly; or cannot be told"),
    N,
)
"""references.csv: what a score on a target is to be seen against."""

ALARMS = (
    Column("alarm", "no_effect, nothing_moves, below_majority, refused", "text"),
    Column("name", "source or target that it is about", "text"),
    Column("message", "what is the matter", "text"),
)
"""alarms.csv: what makes a row or column of the matrix worth less than it looks."""

DONORS = (
    Column("role", "donor: a source over its targets; recipient: a target over its sources", "text"),
    Column("name", "the source or target", "text"),
    Column("effect", "how much more than the mean it gives or receives; least squares", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Column("q", "false discovery rate (Benjamini-Hochberg), donors and recipients apart", "0 to 1", "not tested"),
    SIGNIFICANT,
    Column("cells", "gains that it is estimated from", "whole number, >= 1"),
)
"""donors.csv: gain = mean + donor + recipient + residual, fitted to all gains but those on a source's own task.
Missing cells are left out of the fit. The intervals take the tasks as given."""

RESIDUALS = (
    SOURCE,
    Column("<target>", "gain less mean, donor and recipient", "unit of the score", "no gain, or no donor or recipient"),
)
"""residuals.csv: what the additive model leaves; a source's own task, which the model did not see, included."""

ASYMMETRY = (
    Column("first", "a task", "text"),
    Column("second", "another task, later in the order", "text"),
    Column("forward", "gain of the first task's source on the second task", "unit of the score"),
    Column("backward", "gain of the second task's source on the first task", "unit of the score"),
    Column("asymmetry", "half the difference, (forward - backward) / 2", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Q,
    SIGNIFICANT,
)
"""asymmetry.csv: pairs of tasks with a gain in both directions."""

INDICES = (
    Column(
        "index",
        "asymmetry: sum A^2 / sum T^2 over the pairs, 0 symmetric, 0.5 unrelated directions, 1 antisymmetric; donors,"
        " recipients, interaction: share of the variance of the gains off home that each explains",
        "text",
    ),
    Column("value", "the index as observed", "0 to 1"),
    Column("corrected", "the same without the share of sampling noise", "number", "noise is all there is, or unknown"),
    Column("ci_low", "lower limit of the corrected value's interval, bootstrap", "number", "cannot be told"),
    Column("ci_high", "upper limit of the corrected value's interval, bootstrap", "number", "cannot be told"),
)
"""indices.csv: the whole matrix in a few numbers."""

RATES = (
    Column("side", "source: over its targets; target: over its sources", "text"),
    Column("name", "the source or target", "text"),
    Column("cells", "gains off home", "whole number, >= 1"),
    Column("win_rate", "share of gains above 0", "0 to 1"),
    Column("win_low", "lower limit of its Wilson interval over a population of tasks", "0 to 1"),
    Column("win_high", "upper limit", "0 to 1"),
    Column("harm_rate", "share of losses of more than one percentage point", "0 to 1", "scores without a unit"),
    Column("harm_low", "lower limit of its Wilson interval", "0 to 1", "scores without a unit"),
    Column("harm_high", "upper limit", "0 to 1", "scores without a unit"),
    Column("better", "gains that are significant", "whole number", "not tested"),
    Column("worse", "losses that are significant", "whole number", "not tested"),
)
"""rates.csv: how often a source helps or harms, and how often a target is helped or harmed."""

CLUSTERS = (
    Column("side", "source or target", "text"),
    Column("merge", "step, the closest first", "whole number, 1 onwards"),
    Column("left", "name, or #step of an earlier merge", "text"),
    Column("right", "name, or #step of an earlier merge", "text"),
    Column("height", "distance at which they merge: 1 - Pearson correlation, average linkage", "0 to 2"),
    Column("size", "members", "whole number, >= 2"),
    Column("support", "share of bootstrap replicates in which just these members merge", "0 to 1", "cannot be told"),
)
"""clusters.csv: hierarchical clustering of sources and of targets by their gains off home."""

AFFINITY = (
    TARGET,
    SOURCE,
    Column("affinity", "Taskonomy's normalised affinity: weight of the source among all, base included", "0 to 1"),
    Column("ci_low", "lower limit of its interval, delete-a-group jackknife over examples", "0 to 1"),
    Column("ci_high", "upper limit", "0 to 1"),
)
"""affinity.csv: one row per target and source; the affinities of a target sum to 1."""

COMPONENTS = (
    COMPONENT,
    Column("eigenvalue", "variance along the component, n - 1 in the denominator", "number, > 0"),
    Column("explained_variance_ratio", "share of the total variance", "fraction, 0 to 1"),
    Column("null_mean", "mean share for Gaussian noise of the same shape", "fraction, 0 to 1"),
    Column("null_p95", "95th percentile of the share for Gaussian noise", "fraction, 0 to 1"),
    Column("permutation_mean", "mean share with each target's scores in random order", "fraction, 0 to 1"),
    Column("permutation_p95", "95th percentile of the share with each target's scores in random order", "0 to 1"),
    Column(
        "threshold",
        "share it must exceed, given the components before it: the higher of both nulls'",
        "fraction, 0 to 1",
        _UNTESTED,
    ),
    Column("p", "how often Gaussian noise does as much, given the components before it", "0 to 1", _UNTESTED),
    Column("p_permutation", "the same with residuals in random order", "0 to 1", _UNTESTED),
    Column("retained", "told from noise: p, p_permutation and all before them at most 0.05", "true or false"),
)
"""components.csv: one row per principal component."""

RULES = (
    Column("rule", "rule for the number of components; the first decides", "text"),
    Column("retained", "components it retains", "whole number, >= 0"),
)
"""components_rules.csv: one row per rule."""

LOADINGS = (
    TARGET,
    Column("<component>", "weight of the target in the unit-length eigenvector", "number, -1 to 1"),
)
"""loadings.csv: one row per target, one column per component."""

TRAITS = (
    SOURCE,
    Column("<component>", "entry of the source in the unit-length left singular vector", "number, -1 to 1"),
)
"""traits.csv: one row per source, one column per component."""

_LOW = Column("ci_low", "lower end of the 95 % interval", "number")
_HIGH = Column("ci_high", "upper end of the 95 % interval", "number")

LOADING_INTERVALS = (COMPONENT, TARGET, Column("loading", "as in loadings.csv", "number, -1 to 1"), _LOW, _HIGH)
"""loadings_intervals.csv: one row per component and target, where there are resampled matrices."""

TRAIT_INTERVALS = (COMPONENT, SOURCE, Column("trait", "as in traits.csv", "number, -1 to 1"), _LOW, _HIGH)
"""traits_intervals.csv: one row per component and source: the trait profile of an adapter."""

STABILITY = (
    Column("change", "what was changed: answers and seeds drawn anew, or a source or target left out", "text"),
    Column("left_out", "name of the source or target left out", "text", "nothing was left out"),
    COMPONENT,
    Column("congruence", "Tucker's coefficient with the component reported; mean over draws", "number, -1 to 1"),
    Column("angle", "largest angle between the spaces of the retained components, or of the first", "degrees, 0 to 90"),
)
"""components_stability.csv: one row per change and component."""

ENRICHMENT = (
    COMPONENT,
    Column("ability", "ability that the task files name", "text"),
    Column("targets", "targets of this ability", "whole number, >= 2"),
    Column("mean_loading", "mean of their loadings", "number, -1 to 1"),
    Column("z", "the mean in standard deviations from that of targets chosen at random", "number"),
    Column("p", "how often targets chosen at random lie as far", "0 to 1"),
    Column("p_adjusted", "the same for the farthest of all components and abilities", "0 to 1"),
)
"""abilities.csv: one row per component and ability of at least two targets."""

TRAIT_NAMES = (
    COMPONENT,
    Column("retained", "told from noise", "true or false"),
    Column("strongest", "targets with the largest loadings whose interval leaves out 0", "text", "there is none"),
    Column("proposed", "abilities enriched at either end, p_adjusted at most 0.05", "text", "nothing can be proposed"),
)
"""trait_names.csv: one row per component."""

STALE = (SOURCE, TARGET, SEED)
"""Cells scored on other rows, or in another way, than the newest run of that target."""

PROFILES = (
    Column("role", "what the data set is used as: source (its training rows) or target (its test rows)", "text"),
    Column("name", "source or target", "text"),
    Column("kind", "what is counted or measured: rows, word, word_rows, trigram, label, prompt_length, ...", "text"),
    Column("feature", "which word, trigram, label, row or dimension", "text"),
    Column("value", "count, share, characters, or entry of a vector", "number"),
)
"""Surface of the data sets, as `crosstask.data.profile` makes it."""

SIMILARITIES = (
    Column("measure", "measure of similarity, see `crosstask.analysis.similarity`", "text"),
    SOURCE,
    TARGET,
    Column("similarity", "larger for what is more alike", "number", "the measure is not defined for this pair"),
)
"""similarity.csv: one row per measure, source and target."""

SIMILARITY_TESTS = (
    Column("measure", "measure of similarity", "text"),
    Column("cells", "cells away from home in which it is defined", "whole number"),
    Column("correlation", "Spearman's, with the gains, over those cells", "-1 to 1", "defined in too few cells"),
    Column("null_low", "2.5th percentile of it where data sets are renamed at random", "-1 to 1", "as correlation"),
    Column("null_high", "97.5th percentile of it where data sets are renamed at random", "-1 to 1", "as correlation"),
    Column("p", "share of renamings with a correlation as far from 0, two-sided", "0 to 1", "as correlation"),
    Column("q", "p, corrected over the measures (Benjamini-Hochberg)", "0 to 1", "as correlation"),
    Column(
        "partial",
        "the same of the ranks without what the other measures say of them",
        "-1 to 1",
        "not defined in every cell, or nothing left",
    ),
    Column("partial_p", "its p-value, by double semi-partialing", "0 to 1", "as partial"),
    Column("partial_q", "partial_p, corrected over the measures", "0 to 1", "as partial"),
)
"""similarity_tests.csv: one row per measure."""

MISSING = (SOURCE, TARGET)
"""missing.csv: cells of the matrix without a score."""

REFUSED = (SOURCE, TARGET, SEED, Column("reason", "why its answers are not used", "text"))
"""Cells that cannot be compared example by example."""


def column_names(columns: Iterable[Column]) -> list[str]:
    """Names of the columns, in order.

    Examples
    --------
    >>> column_names(SCORES)
    ['source', 'target', 'seed', 'metric', 'score', 'stderr', 'n']
    """
    return [column.name for column in columns]


def require_columns(frame: pd.DataFrame, columns: Iterable[Column | str], where: str) -> None:
    """Raise if the table lacks one of the columns.

    Parameters
    ----------
    frame : DataFrame
        The table to check.
    columns : iterable of Column or str
        Columns it must have; others may be there as well.
    where : str
        What the message calls the table, e.g. a file name.

    Raises
    ------
    UserError
        Naming every column that is absent and those that are there.
    """
    needed = [column if isinstance(column, str) else column.name for column in columns]
    absent = [name for name in needed if name not in frame.columns]
    if absent:
        word = "column" if len(absent) == 1 else "columns"
        there = ", ".join(map(repr, frame.columns)) or "none"
        raise UserError(f"{where}: no {word} {', '.join(map(repr, absent))}; the columns are {there}")
