"""Columns of cells, scores and gains."""

from crosstask.analysis.schema.column import (
    CI_HIGH,
    CI_LOW,
    HOME,
    METRIC,
    Q_OF_CELLS,
    SCORE,
    SEED,
    SEEDS,
    SIGNIFICANT,
    SOURCE,
    STDERR,
    TARGET,
    Column,
    N,
    P,
)

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
    HOME,
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

STALE = (SOURCE, TARGET, SEED)
"""Cells scored on other rows, or in another way, than the newest run of that target."""

MISSING = (SOURCE, TARGET)
"""missing.csv: cells of the matrix without a score."""

REFUSED = (SOURCE, TARGET, SEED, Column("reason", "why its answers are not used", "text"))
"""Cells that cannot be compared example by example."""
