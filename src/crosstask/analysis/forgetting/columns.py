"""Tables of forgetting."""

from crosstask.analysis.schema import SEEDS, SIGNIFICANT, SOURCE, TARGET, Column, P, Q, TableSchema

SEED_OF_MEAN = Column(
    "seed",
    "random seed of the training, as in scores.csv",
    "whole number",
    "mean over the seeds, where there are several, or a table without seeds",
)
_UNIT = "unit of the score"
_CANNOT = "cannot be told: base may have no ability to lose there, or errors are not known"

FORGETTING = (
    SOURCE,
    TARGET,
    SEED_OF_MEAN,
    Column("base", "score of the base model", _UNIT),
    Column("score", "score of the fine-tuned model", _UNIT),
    Column(
        "level",
        "score that takes no ability: always the label that is commonest among other test rows, guessing, or 0",
        _UNIT,
    ),
    Column("kept", "(score - level) / (base - level): 1 is all of base's ability, 0 none", "number", _CANNOT),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "number", _CANNOT),
    Column("ci_high", "upper limit", "number", _CANNOT),
    P,
    Q,
    SIGNIFICANT,
    SEEDS,
)

KEPT = (
    SOURCE,
    Column("targets", "targets other than its own on which base has an ability, which the share is of", "whole number"),
    Column(
        "kept",
        "share of base's ability, its score above the level, that is kept on these together",
        "number",
        "cannot be told",
    ),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "number", "cannot be told"),
    Column("ci_high", "upper limit", "number", "cannot be told"),
    Column("all_low", "lower limit of intervals that hold for all rows together", "number", "cannot be told"),
    Column("all_high", "upper limit; below 1, this row forgets, however many were looked at", "number", "as all_low"),
    Column("backward", "backward transfer: mean change on all targets other than its own", _UNIT),
    Column("backward_low", "lower limit of its interval, by default of 95 %", _UNIT, "cannot be told"),
    Column("backward_high", "upper limit", _UNIT, "cannot be told"),
    SEEDS,
)

TEXT_BITS = (
    SOURCE,
    TARGET,
    Column("base", "bits per byte of the base model, the mean over texts", "bits"),
    Column("change", "bits per byte of the fine-tuned model less that; above 0 is worse", "bits"),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "bits", "cannot be told"),
    Column("ci_high", "upper limit", "bits", "cannot be told"),
    P,
    Q,
    SIGNIFICANT,
    SEEDS,
)

TABLES = (
    TableSchema(
        "forgetting",
        "One row per source, target other than its own, and seed, and one for the mean over several seeds; of a source"
        " those targets first of which least is kept. p is of the change of the score against none, q over all means"
        " (or single seeds, where there is one) of the table.",
        FORGETTING,
        about="kept",
    ),
    TableSchema(
        "kept",
        "One row per source: what it keeps of base's abilities on all other targets together, the sum of scores above"
        " the level over base's. Gains on some of these make up for losses on others: forgetting.csv has each. A target"
        " counts by those of its test rows on whose other half base is above the level by three standard errors, so"
        " that no row takes part in its own selection; of a table without single answers every target counts.",
        KEPT,
    ),
    TableSchema(
        "text_bits",
        "One row per source and plain text other than its own: the change of bits per byte, each text weighing the"
        " same. q is over all rows of the table.",
        TEXT_BITS,
    ),
)
"""The tables of the section, in the order in which they are written."""
