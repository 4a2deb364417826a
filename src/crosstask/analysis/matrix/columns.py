"""Columns of cells, scores and gains, and of what is known of data sets and of trainings."""

from crosstask.analysis.schema import (
    CI_HIGH,
    CI_LOW,
    METRIC,
    SCORE,
    SEED,
    SEEDS,
    SOURCE,
    STDERR,
    TARGET,
    Column,
    N,
)

CELLS = (
    Column("run", "name of the run", "text, unique per run"),
    SOURCE,
    Column("seed", "random seed of the training", "whole number", "base model"),
    Column("train_seed", "data.train_seed, which drew the training rows", "whole number", "drawn by data.seed"),
    Column("model", "name of the base model", "text"),
    Column("base", "hash of the base model", "text"),
    Column("data", "name of the data settings", "text"),
    Column("data_id", "hash of the data settings", "text"),
    Column(
        "settings",
        "hash of the training settings",
        "text",
        "base model, made elsewhere",
    ),
    Column("group", "name the user gave to runs that belong together", "text", "no group"),
    Column("updated", "when the run was last written", "ISO 8601 timestamp"),
    TARGET,
    Column("prompt", "which of its prompts the target was asked in", "whole number, 0 is the first"),
    Column("shots", "scoring.shots, training rows before every prompt", "whole number", "left to the target"),
    Column("target_id", "hash of the target's rows and scoring settings", "text"),
    METRIC,
    SCORE,
    STDERR,
    N,
    Column("metrics", "every metric of the cell", "dict of name to number", "no metric besides the score"),
    Column(
        "labels",
        "labels of a closed target in the order of its vectors of probabilities",
        "tuple of text, empty for an open target",
        "written before cells held their labels",
    ),
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
"""matrix_long.csv: one row per source and target that was scored; mean over seeds."""

STALE = (SOURCE, TARGET, SEED)
"""Cells scored on other rows, or in another way, than the newest run of that target."""

MISSING = (SOURCE, TARGET)
"""missing.csv: cells of the matrix without a score."""

REFUSED = (SOURCE, TARGET, SEED, Column("reason", "why its answers are not used", "text"))
"""Cells that cannot be compared example by example."""

PROFILES = (
    Column("role", "what the data set is used as: source (its training rows) or target (its test rows)", "text"),
    Column("name", "source or target", "text"),
    Column("kind", "what is counted or measured: rows, word, word_rows, trigram, label, prompt_length, ...", "text"),
    Column("feature", "which word, trigram, label, row or dimension", "text"),
    Column("value", "count, share, characters, or entry of a vector", "number"),
)
"""Surface of the data sets, as `crosstask.features.surface` makes it."""

SIMILARITIES = (
    Column("measure", "measure of similarity, see `crosstask.analysis.matrix.data_set_similarity`", "text"),
    SOURCE,
    TARGET,
    Column("similarity", "larger for what is more alike", "number", "the measure is not defined for this pair"),
)
"""similarity.csv: one row per measure, source and target."""

TRAININGS = (
    SOURCE,
    SEED,
    Column("tokens", "supervised tokens in one epoch", "whole number", "trained elsewhere, or no adapter is kept"),
    Column("last_loss", "loss reached: mean over the last tenth of the steps", "nats per token", "as tokens"),
    Column(
        "held_out_loss",
        "loss of held-out rows with the adapter that is kept",
        "nats per token",
        "as tokens, or no rows were held out",
    ),
    Column(
        "update_norm",
        "root of the sum of squares of all entries of the update of the weights",
        "number, > 0",
        "the adapter is no plain low-rank update, or not kept",
    ),
    Column(
        "logit_displacement",
        "largest absolute difference of a next-token logit from base's, mean over the probe prompts",
        "number, > 0",
        "not known",
    ),
)
"""What is known of the training of each source and seed, and of what it did to the model."""
