"""Tables of confusion."""

from crosstask.analysis.schema import (
    Q_OF_ROWS,
    RUN_OR_MEAN,
    SEED,
    SIGNIFICANT,
    SOURCE,
    TARGET,
    Column,
    N,
    TableSchema,
)

_OF_BASE = "base model, or there is none"
_UNKNOWN = "not defined, or all examples are alike"
_CHANGE = (
    Column("base", "that of the base model on the same test rows", "unit of the value", _OF_BASE),
    Column("change", "value less that of the base model", "unit of the value", _OF_BASE),
    Column("change_low", "lower limit of the interval of the change", "unit of the value", _UNKNOWN),
    Column("change_high", "upper limit", "unit of the value", _UNKNOWN),
)
_INTERVAL = (
    Column("ci_low", "lower limit of its interval, by default of 95 %", "unit of the value", _UNKNOWN),
    Column("ci_high", "upper limit", "unit of the value", _UNKNOWN),
)

CONFUSION = (
    SOURCE,
    TARGET,
    SEED,
    Column("gold", "right label", "text"),
    Column("predicted", "label that was answered; invalid: none can be read in the answer", "text"),
    Column("count", "test rows with both", "whole number, >= 0"),
    Column("share", "their share of the test rows with this gold label", "0 to 1"),
    Column("ci_low", "lower limit of its Wilson interval over test rows, by default of 95 %", "0 to 1"),
    Column("ci_high", "upper limit", "0 to 1"),
    Column("base_share", "the same share of the base model", "0 to 1", _OF_BASE),
    Column("base_low", "lower limit of its interval", "0 to 1", _OF_BASE),
    Column("base_high", "upper limit", "0 to 1", _OF_BASE),
    Column("n", "test rows with this gold label", "whole number, >= 1"),
)

CONFUSION_SCORES = (
    *RUN_OR_MEAN,
    Column(
        "measure",
        "accuracy; balanced_accuracy: mean recall of the labels that test rows have; macro_f1: mean F1 of all labels;"
        " kappa: Cohen's; mcc: Matthews' correlation",
        "text",
    ),
    Column("value", "value of the measure; an invalid answer is wrong", "at most 1", "kappa of one label throughout"),
    *_INTERVAL,
    *_CHANGE,
    N,
)

PREDICTED_SHARES = (
    *RUN_OR_MEAN,
    Column("predicted", "label that was answered; invalid: none can be read in the answer", "text"),
    Column("gold_share", "share of the test rows whose right label it is", "0 to 1"),
    Column("value", "share of the answers", "0 to 1"),
    *_INTERVAL,
    *_CHANGE,
    N,
)

HOMOGENEITY = (
    *RUN_OR_MEAN,
    Column("predicted", "the label whose share changed most", "text"),
    Column("change", "its share less that of the base model", "-1 to 1"),
    Column(
        "statistic",
        "Stuart and Maxwell's chi-square of all labels and invalid",
        ">= 0",
        "mean over seeds, which is tested label by label",
    ),
    Column("df", "its degrees of freedom; 0 where no answer differs from the base model's", "whole number", "as above"),
    Column(
        "p",
        "p value against the base model's shares of predicted labels: of the statistic for one run; over several seeds"
        " the smallest of the labels, times their number",
        "0 to 1",
    ),
    Q_OF_ROWS,
    SIGNIFICANT,
    N,
)

RANKINGS = (
    TARGET,
    Column("source", "the adapter with the larger accuracy", "text"),
    Column("other", "the adapter with the larger macro-F1", "text"),
    Column("accuracy", "accuracy of the first, mean over seeds", "0 to 1"),
    Column("other_accuracy", "accuracy of the other", "0 to 1"),
    Column("macro_f1", "macro-F1 of the first", "0 to 1"),
    Column("other_macro_f1", "macro-F1 of the other", "0 to 1"),
    Column("accuracy_low", "lower limit of the interval of the difference in accuracy, first less other", "-1 to 1"),
    Column("accuracy_high", "upper limit", "-1 to 1"),
    Column("macro_f1_low", "lower limit of the interval of the difference in macro-F1", "-1 to 1"),
    Column("macro_f1_high", "upper limit", "-1 to 1"),
    Column("told", "whether both intervals leave 0 out", "True, False"),
    N,
)

TABLES = (
    TableSchema(
        "confusion",
        "One row per source, closed target and seed (and a column for each setting in ``analysis.rows``), gold label"
        " that test rows have, and predicted label; with over 30 labels only for pairs that the run or base has.",
        CONFUSION,
    ),
    TableSchema(
        "confusion_scores",
        "One row per source, closed target, seed and measure; of a source with several seeds one more for their mean."
        " The interval of a seed is over test rows, that of the mean over test rows and seeds.",
        CONFUSION_SCORES,
    ),
    TableSchema(
        "predicted_shares",
        "One row per source, closed target, seed and predicted label; of a source with several seeds one more for their"
        " mean. Intervals as in ``confusion_scores``.",
        PREDICTED_SHARES,
    ),
    TableSchema(
        "homogeneity",
        "One row per source, closed target and seed, and for the mean over seeds: does the adapter predict the labels"
        " as often as the base model?",
        HOMOGENEITY,
    ),
    TableSchema(
        "rankings",
        "One row per closed target and pair of adapters that accuracy and macro-F1 rank differently, means over seeds."
        " Intervals are for each pair by itself.",
        RANKINGS,
    ),
)
"""The tables of the section, in the order in which they are written."""
