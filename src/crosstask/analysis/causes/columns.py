"""Columns of the models of the gain."""

from crosstask.analysis.schema import Column, TableSchema

LEVEL = Column(
    "level",
    "source: a property of the training data or the adapter; target: of the test data; pair: of both together",
    "source, target, pair",
)
FEATURE = Column("feature", "the property, see docs/statistics/causes.md", "text")
CAUSES_FEATURES = (
    LEVEL,
    FEATURE,
    Column("source", "source that it is of", "text", "of a target"),
    Column("target", "target that it is of", "text", "of a source"),
    Column("value", "its value, mean over the seeds of a source", "number"),
)
_ERROR = "root mean square error of gains of units that are left out, one source, target or (of a pair) cell at a time,"
CAUSES = (
    LEVEL,
    FEATURE,
    Column(
        "effect",
        "what one standard deviation more of it goes with: in donors (source), recipients (target) or in what these"
        " leave of gains (pair)",
        "unit of the score",
        "known of too few, or the same for all",
    ),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "unit of the score", "as effect, or unlimited"),
    Column("ci_high", "upper limit", "unit of the score", "as effect, or unlimited"),
    Column("p", "share of random assignments of it to the units that give as strong a relation", "0 to 1", "as effect"),
    Column(
        "q",
        "false discovery rate at which it is a discovery (Benjamini-Hochberg); features of all levels are one family",
        "0 to 1",
        "as effect",
    ),
    Column("significant", "whether q is at most alpha", "True, False", "as effect"),
    Column(
        "useless",
        "share of random assignments in which the best of all features looks as good as this one",
        "0 to 1",
        "as effect",
    ),
    Column("error", f"{_ERROR} by the additive model and this feature", "unit of the score", "as effect"),
    Column("error_mean", "the same by the mean of the other gains", "unit of the score", "as error"),
    Column("error_donor", "by the mean of the source; of one left out that of all", "unit of the score", "as error"),
    Column(
        "error_recipient",
        "by the mean of the target; of one left out that of all",
        "unit of the score",
        "as error",
    ),
    Column(
        "error_additive",
        "by mean, donor and recipient, as far as they are known without the unit",
        "unit of the score",
        "as error",
    ),
    Column("sd", "one standard deviation of it; of a pair, of what is particular to pairs", "number", "as effect"),
    Column(
        "vif",
        "variance inflation factor: 1 / (1 - R^2) of it given the other features of the level; above 5 it says what"
        " they say",
        "number, >= 1; inf: they say all of it",
        "as effect, or as many features as units",
    ),
    Column("units", "sources, targets or cells that it is known of, twins counted once", "whole number, >= 0"),
    Column("tests", "tests in the family", "whole number, >= 0"),
)
CAUSES_MODELS = (
    Column("left_out", "what is predicted without having been seen, one after the other", "source, target"),
    Column(
        "model",
        "additive: mean and, of a new source, recipients, of a new target, donors; least_squares: with it the best"
        " features, at most one for every ten units; ridge: with it all, shrunk",
        "additive, least_squares, ridge",
    ),
    Column(
        "baseline",
        "mean: of all gains; donor, recipient: mean of the source, or target, the mean where it is left out; additive",
        "text",
    ),
    Column("error", "mean over the units left out of the root mean square error", "unit of the score", "not fitted"),
    Column("baseline_error", "the same of the baseline", "unit of the score", "not fitted"),
    Column("difference", "error less baseline_error; below 0 the model is better", "unit of the score", "not fitted"),
    Column("ci_low", "lower limit of its t interval over the units left out", "unit of the score", "one unit"),
    Column("ci_high", "upper limit", "unit of the score", "one unit"),
    Column(
        "p",
        "share of random assignments of the features to sources and targets, with which all is chosen and fitted anew,"
        " that are as much better than the additive model",
        "0 to 1",
        "another baseline, or no features",
    ),
    Column("q", "p, corrected over the models (Benjamini-Hochberg)", "0 to 1", "as p"),
    Column(
        "significant",
        "whether q is at most alpha, the interval below 0, and error below that of every baseline",
        "True, False",
        "as p",
    ),
    Column("units", "units left out, twins together", "whole number"),
    Column("features", "features that the model chooses from", "whole number, >= 0"),
    Column("chosen", "features that have a part in it, with the share of the folds in which they have", "text", "none"),
)
CAUSES_SHARES = (
    Column(
        "part",
        "source: donors; target: recipients; pair: what is particular to a pair; noise: of a score, over test rows and"
        " seeds",
        "source, target, pair, noise",
    ),
    Column("variance", "variance of a gain that is due to it (REML)", "square of the unit of the score"),
    Column("share", "the same as a share of all variance", "0 to 1", "all gains are the same"),
    Column("sd", "its root", "unit of the score"),
    Column("ci_low", "lower limit of sd, by default of 95 %", "unit of the score", "cannot be told"),
    Column("ci_high", "upper limit of sd", "unit of the score", "cannot be told"),
    Column("units", "sources, targets or cells", "whole number"),
)
TABLES = (
    TableSchema(
        "causes",
        "One row per feature of sources, targets and pairs: does it go with transfer, and does it help to predict it?"
        " Cells on a source's own task are left out, and twins count as one.",
        CAUSES,
    ),
    TableSchema(
        "causes_models",
        "One row per kind of unit left out, model and baseline: how well the gains of a source, or a target, that was"
        " not seen are predicted.",
        CAUSES_MODELS,
    ),
    TableSchema(
        "causes_shares",
        "One row per part: what the variance of gains off the diagonal is due to, by restricted maximum likelihood.",
        CAUSES_SHARES,
    ),
    TableSchema(
        "causes_features",
        "One row per feature and source, target, or pair of both: everything that is known of them without scoring.",
        CAUSES_FEATURES,
    ),
)
"""The tables of the section, in the order in which they are written."""
