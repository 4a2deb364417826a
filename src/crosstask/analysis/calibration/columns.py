"""Table of calibration."""

from crosstask.analysis.schema import (
    Q_OF_ROWS,
    RUN_OR_MEAN,
    SIGNIFICANT,
    Column,
    N,
    TableSchema,
)

_OF_BASE = "base model, or there is none"
_UNKNOWN = "not defined, or all examples are alike; of ece, which has its null"

CALIBRATION = (
    *RUN_OR_MEAN,
    Column(
        "measure",
        "brier (0 to 2), log_loss (nats): less is better; slope: below 1 probabilities are too bold, above 1 too timid;"
        " intercept: nats by which a label is answered too rarely; reliability (less is better) and resolution (more is"
        " better), without the bias of few rows; ece: expected calibration error of the most probable label",
        "text",
    ),
    Column("label", "label that an intercept is of", "text", "another measure"),
    Column(
        "value",
        "value of the measure",
        "unit of the measure",
        "no estimate: labels are told without a mistake, or too few rows for the labels or the bins",
    ),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "unit of the measure", _UNKNOWN),
    Column("ci_high", "upper limit", "unit of the measure", _UNKNOWN),
    Column("base", "that of the base model on the same test rows", "unit of the measure", _OF_BASE),
    Column("change", "value less that of the base model", "unit of the measure", _OF_BASE),
    Column("change_low", "lower limit of the interval of the change", "unit of the measure", _UNKNOWN),
    Column("change_high", "upper limit", "unit of the measure", _UNKNOWN),
    Column("p", "two-sided p value against no change of brier and of log_loss", "0 to 1", "another measure"),
    Q_OF_ROWS,
    SIGNIFICANT,
    Column(
        "null_mean",
        "of ece: its mean if labels are drawn from the probabilities, that is if these are right",
        "0 to 1",
        "another measure",
    ),
    Column("null_high", "quantile 1 - analysis.alpha of the same", "0 to 1", "another measure, or a mean over seeds"),
    N,
)

TABLES = (
    TableSchema(
        "calibration",
        "One row per source, closed target whose labels were compared, seed and measure (and a column for each setting"
        " in ``analysis.rows``); of a source with several seeds one more for their mean. Probabilities are those that"
        " the label was chosen by, renormalized over the labels. The interval of a seed is over test rows, that of the"
        " mean over test rows and seeds.",
        CALIBRATION,
    ),
)
"""The tables of the section, in the order in which they are written."""
