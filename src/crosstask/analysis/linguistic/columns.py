"""Columns of linguistic features."""

from crosstask.analysis.schema import HOME, Q_OF_CELLS, SIGNIFICANT, SOURCE, TARGET, Column, TableSchema

FEATURE = Column(
    "feature",
    "a measure of words, such as negations or reading_ease; of parses relation_ with a dependency relation, pos_ with a"
    " part of speech, entity_ with a kind of entity, tree_depth and the like; answer_: of the gold answer",
    "text",
)
F1 = Column(
    "f1",
    "F1 of the parser for this relation or kind of entity on its authors' test data",
    "0 to 1",
    "found without a parser, or not stated",
)
FEATURES = (
    Column("role", "source: training examples; target: test examples", "text"),
    Column("name", "source or target", "text"),
    FEATURE,
    Column("unit", "what it is counted in; none for what is no count of a larger number", "text", "no count"),
    Column("mean", "mean over examples", "number in the unit"),
    Column("ci_low", "lower limit of its t interval over examples, by default of 95 %", "as mean", "one example"),
    Column("ci_high", "upper limit", "as mean", "one example"),
    Column("share", "share of the examples in which it is above 0", "0 to 1"),
    Column("n", "examples of which it is defined", "whole number, >= 1"),
    F1,
    Column("measured_by", "what measured it, with its version", "text"),
)
_SEEDS = "one seed, not testable, or a source beyond the first ten of the target"
FEATURE_TESTS = (
    SOURCE,
    TARGET,
    Column("seed", "seed of the training", "whole number", "outcomes are means over the seeds of the source"),
    Column("seeds", "seeds that outcomes are means over", "whole number, >= 1"),
    HOME,
    Column(
        "outcome",
        "won: right, among the examples that base has wrong; lost: wrong, among those that base has right; an answer is"
        " right if it is worth 0.5 or more",
        "won, lost",
    ),
    FEATURE,
    Column("above", "an example has the feature if its value, a rate for counts, is above this", "as mean in features"),
    F1,
    Column("n", "examples at stake: those that base has wrong, or right", "whole number, >= 1"),
    Column("with", "of these the examples with the feature", "whole number, >= 0"),
    Column("changed", "of those at stake the examples won or lost; with several seeds the mean", "number, >= 0"),
    Column("changed_with", "of these the examples with the feature", "number, >= 0"),
    Column("expected", "what that would be if the feature did not matter, in strata", "number, >= 0"),
    Column(
        "odds_ratio",
        "odds of a change with the feature over those without, common to strata of gold class and length"
        " (Mantel-Haenszel)",
        "> 0",
        "not testable, or infinite",
    ),
    Column("ci_low", "lower limit of its interval over examples, by default of 95 %", "> 0", "as odds_ratio"),
    Column("ci_high", "upper limit", "> 0", "as odds_ratio"),
    Column("p", "two-sided p value, corrected for the features of the cell (max-T)", "0 to 1", "not testable"),
    Q_OF_CELLS,
    SIGNIFICANT,
    Column(
        "verdict",
        "more, fewer: examples with the feature change more, or less often; cannot be told; not testable: too few"
        " examples with or without it, analysis.linguistic.occurrences and expected",
        "text",
    ),
    Column(
        "placebo_p",
        "the same p where there is nothing to find: of the examples that one of two seeds of the source has right and"
        " the other has not, which has the second? The same for both outcomes",
        "0 to 1",
        _SEEDS,
    ),
    Column(
        "ease_p",
        "the same p where a seed of the source is compared with another one instead of with base: what is small here,"
        " too, says which examples are easy, not what the training did",
        "0 to 1",
        _SEEDS,
    ),
)
TABLES = (
    TableSchema(
        "features",
        "One row per data set and feature: what its examples are like. The lines that more than half of the prompts"
        " have are the task's template, and left out. English only, lengths and numerals aside.",
        FEATURES,
    ),
    TableSchema(
        "feature_tests",
        "One row per source, target, outcome and feature that an example at stake has (and a column for each setting in"
        " ``analysis.rows``): do the examples that an adapter wins or loses differ from the others at stake? Features"
        " of the prompt only.",
        FEATURE_TESTS,
        about="p",
    ),
)
"""The tables of the section, in the order in which they are written."""
