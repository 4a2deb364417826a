"""Tables of gains: scores, gains, references, donors and recipients, rates, asymmetry, clusters, affinity."""

from crosstask.analysis.gains import structure_columns
from crosstask.analysis.matrix.columns import INTERVALS, MATRIX, MATRIX_LONG, METRICS, MISSING, SCORES
from crosstask.analysis.schema import (
    ALARM_TABLE,
    CI_HIGH,
    CI_LOW,
    HOME,
    METRIC,
    POPULATION,
    Q_OF_CELLS,
    SCORE,
    SEEDS,
    SIGNIFICANT,
    SOURCE,
    TARGET,
    Column,
    N,
    P,
    TableSchema,
)

GAINS = (
    SOURCE,
    Column("<target>", "score minus the base model's", "unit of the score, -1 to 1", "one of the two never run"),
)
"""gains.csv: as matrix.csv without the base model."""

GAINS_LONG = (
    SOURCE,
    TARGET,
    Column("gain", "score minus the base model's; without base, minus the target's mean", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Q_OF_CELLS,
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
    Column("relative", "gain over the base score", "number, 0.1 is 10 %", "base score not above 0, or no base"),
    Column(
        "headroom",
        "share of what base has left to gain, gain / (perfect - base); for a loss, of what it had to lose,"
        " gain / (base - chance), chance being 0 for an open task",
        "number, at most 1; -1 is down to chance",
        "nothing left to gain or lose, no base, or scores that are no shares",
    ),
    Column("z", "gain over its standard error", "number", "standard error not known, or 0"),
    Column("rank", "place of the source on this target by gain, ties sharing the best", "whole number, 1 is the best"),
    HOME,
    Column("stderr", "standard error of the gain, over examples and seeds", "unit of the score", "not known"),
    Column(
        "shrunken",
        "gain less what is probably noise, shrunk towards donor and recipient: what to expect of a source that was"
        " chosen because its gain is large",
        "unit of the score",
        "the source's own task; or errors, donors or recipients are not known",
    ),
    Column(
        "rows_needed",
        "test rows with which a gain of 3 points would be told from 0, by itself, in 80 % of repetitions",
        "whole number; inf: seeds alone vary more",
        "told from 0 already; or cannot be told",
    ),
    Column(
        "seeds_needed",
        "seeds with which it would be",
        "whole number; inf: test rows alone vary more",
        "told from 0 already; or cannot be told, as with one seed",
    ),
)
"""gains_long.csv: one row per source and target with a gain."""

BEST_SOURCES = (
    TARGET,
    Column("source", "source with the largest shrunken gain, the target's own aside", "text"),
    Column("gain", "its gain as measured, which is the larger for having been chosen", "unit of the score"),
    Column("shrunken", "what to expect of it", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    SIGNIFICANT,
    Column("second", "the next", "text", "there is none"),
    Column("second_shrunken", "what to expect of that", "unit of the score", "there is none"),
)
"""best_sources.csv: one row per target."""

ANALYZED = (
    Column(
        "what",
        "runs: how many, of which models and data, or logs of how many models; scores: how many, of a table; matrix:"
        " sources, targets, seeds, rows; level: ``analysis.alpha``",
        "text",
    ),
    Column("value", "in words; the level as a number", "text"),
)
"""analyzed.csv: what an analysis is of."""

TARGETS = (
    TARGET,
    METRIC,
    Column("unit", "what its scores are: fractions, percentages, numbers from -1 to 1, ...", "text"),
    Column("whole", "the number that stands for 100 %", "1 or 100", "no number does"),
    Column("is_stated", "whether it is known; else the range of the scores says so", "True, False"),
    Column("lower_is_better", "whether less is better; gains above 0 are improvements all the same", "True, False"),
    Column(
        "gains_over",
        "base; base few-shot, base prior-corrected (``analysis.reference``); mean: of the target over sources, where no"
        " base model was run",
        "text",
    ),
)
"""targets.csv: how the scores of each target are to be read."""

REFERENCES = (
    TARGET,
    Column(
        "reference",
        "base; base few-shot (scoring.shots); base prior-corrected; majority (class); chance; home (the target's own"
        " adapter)",
        "text",
    ),
    Column("name", "the model, the class, the number of labels, options, or the source", "text"),
    SCORE,
    Column("ci_low", "lower limit of the interval", "unit of the score", "chance is known exactly; or cannot be told"),
    Column("ci_high", "upper limit of the interval", "unit of the score", "chance is known exactly; or cannot be told"),
    N,
)
"""references.csv: what a score on a target is to be seen against."""

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
    Column("shrunken", "effect less what is probably noise", "unit of the score", "its error is not known"),
)
"""donors.csv: gain = mean + donor + recipient + residual, fitted to all gains but those on a source's own task.
Missing cells are left out of the fit. The intervals take the tasks as given."""

RESIDUALS = (
    SOURCE,
    Column("<target>", "gain less mean, donor and recipient", "unit of the score", "no gain, or no donor or recipient"),
)
"""residuals.csv: what the additive model leaves; a source's own task, which the model did not see, included."""

RESIDUALS_LONG = (
    SOURCE,
    TARGET,
    Column("residual", "gain less mean, donor and recipient", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Q_OF_CELLS,
    SIGNIFICANT,
    HOME,
)
"""residuals_long.csv: one row per source and target with a gain. The intervals take the tasks as given, and are over
test rows and, with several, seeds."""

TABLES = (
    TableSchema(
        "scores",
        "One row per source, target and seed (and a column for each setting in ``analysis.rows``): the target's main"
        " metric, its standard error over n test rows, and the interval of the run by itself, over its test rows.",
        (*SCORES, *INTERVALS),
    ),
    TableSchema(
        "metrics",
        "One row per source, target, seed and metric (and a column for each setting in ``analysis.rows``).",
        METRICS,
    ),
    TableSchema("matrix", "One row per source, the base model first; mean over seeds.", MATRIX),
    TableSchema(
        "matrix_long",
        f"The same cell by cell, one row per source and target that was scored. {POPULATION}",
        MATRIX_LONG,
    ),
    TableSchema("gains", "As matrix.csv without the base model.", GAINS, keep_empty=True),
    TableSchema(
        "gains_long",
        f"One row per source and target with a gain. {POPULATION}",
        GAINS_LONG,
    ),
    TableSchema("analyzed", "What the analysis is of, a row for each statement.", ANALYZED),
    TableSchema("targets", "One row per target: how its scores are to be read.", TARGETS),
    TableSchema("references", f"Reference scores of each target. {POPULATION}", REFERENCES),
    ALARM_TABLE,
    TableSchema("missing", "Cells of the matrix without a score.", MISSING, keep_empty=True),
    TableSchema(
        "donors",
        "gain = mean + donor + recipient + residual, fitted to all gains but those on a source's own task. Missing"
        f" cells are left out of the fit. The intervals take the tasks as given. {POPULATION}",
        DONORS,
    ),
    TableSchema(
        "best_sources",
        "One row per target: the source that helps it most, with what to expect of it. The best of many is best partly"
        f" by chance, and gains on average less than it did. {POPULATION}",
        BEST_SOURCES,
    ),
    TableSchema(
        "residuals",
        "What the additive model leaves; a source's own task, which the model did not see, included.",
        RESIDUALS,
    ),
    TableSchema(
        "residuals_long",
        "One row per source and target with a gain: what is particular to this source on this target. The intervals"
        f" take the tasks as given. {POPULATION}",
        RESIDUALS_LONG,
    ),
    *structure_columns.TABLES,
)
"""The tables of the section, in the order in which they are written."""
