"""Tables of interventions."""

from crosstask.analysis.schema import HOME, SEEDS_OF_ROW, SIGNIFICANT, SOURCE, TARGET, Column, N, P, TableSchema

WITHIN, LARGER, GROWS, NOT_TOLD = "within the margin", "larger than the margin", "the gain grows", "not told"
"""Verdicts on what a change takes off a gain."""
_UNIT = "unit of the score"
_CANNOT = "cannot be told"
_NO_PLACEBO = "no run on other rows of the source, the placebo itself, or one seed of several"
_FAMILY = (
    "false discovery rate at which it is a discovery (Benjamini-Hochberg), of one row per source, variant and target;"
    " targets other than the own, own tasks, other_rows and random_update are families of their own"
)

VARIANT = Column("variant", "what was changed, with what that was given: share_wrong 0.25", "text")
KIND = Column("kind", "what was changed: share_wrong", "text")
DOSE = Column("dose", "how much was changed", "number", "variants of the kind do not differ by that")
_LOW = Column("ci_low", "lower limit of its interval, by default of 95 %", _UNIT, _CANNOT)
_HIGH = Column("ci_high", "upper limit", _UNIT, _CANNOT)
_EQUIVALENCE = "p value of two one-sided tests: small where the effect is within analysis.interventions.margin of 0"

EFFECTS = (
    SOURCE,
    VARIANT,
    KIND,
    DOSE,
    TARGET,
    HOME,
    Column("seed", "random seed of both trainings", "whole number", "mean over the seeds of the source, see ``seeds``"),
    Column("effect", "score of the changed run less that of the run on the source as it is", _UNIT),
    _LOW,
    _HIGH,
    P,
    Column("q", _FAMILY, "0 to 1", "one seed of several, or not tested"),
    SIGNIFICANT,
    Column("equivalence_p", _EQUIVALENCE, "0 to 1", _CANNOT),
    Column("equivalence_q", "its false discovery rate, in the families of ``q``", "0 to 1", "as q"),
    Column("equivalent", "whether equivalence_q is at most alpha", "True, False", "as q"),
    Column("placebo", "effect of other rows of the same data set (other_rows)", _UNIT, _NO_PLACEBO),
    Column("placebo_low", "lower limit of its interval", _UNIT, _NO_PLACEBO),
    Column("placebo_high", "upper limit", _UNIT, _NO_PLACEBO),
    Column("difference", "effect less placebo, of the seeds that have both", _UNIT, _NO_PLACEBO),
    Column("difference_low", "lower limit of its interval", _UNIT, _NO_PLACEBO),
    Column("difference_high", "upper limit", _UNIT, _NO_PLACEBO),
    Column(
        "exceeds_placebo",
        "whether the effect is shown to be farther from 0 than the placebo, without correction for the number of rows",
        "True, False",
        _NO_PLACEBO,
    ),
    SEEDS_OF_ROW,
    N,
)

MEANS = (
    Column("source", "task the model was fine-tuned on", "text", "mean over the sources"),
    VARIANT,
    KIND,
    DOSE,
    Column("target", "task the model was scored on", "text", "mean over targets: see ``home``"),
    Column("home", "whether it is over own tasks; else these are left out", "True, False"),
    Column("effect", "mean effect; every source counts alike, and so does every target of it", _UNIT),
    Column("ci_low", "lower limit of its interval over sources", _UNIT, "one source"),
    Column("ci_high", "upper limit", _UNIT, "one source"),
    Column("p", "two-sided p value against no mean effect over sources", "0 to 1", "one source"),
    Column("q", "its false discovery rate (Benjamini-Hochberg)", "0 to 1", "one source"),
    Column("flip_p", "exact p value by flipping the signs of the sources' effects", "0 to 1", "one source"),
    Column("these_low", "lower limit of its interval for these very sources, over seeds and test rows", _UNIT, _CANNOT),
    Column("these_high", "upper limit", _UNIT, _CANNOT),
    Column("these_p", "p value for these very sources", "0 to 1", _CANNOT),
    Column("these_q", "its false discovery rate (Benjamini-Hochberg)", "0 to 1", _CANNOT),
    Column("these_equivalence_p", f"{_EQUIVALENCE}, for these very sources", "0 to 1", _CANNOT),
    Column(
        "holds_for",
        "sources: q and flip_p are at most alpha; these sources: these_q is; not told",
        "text",
    ),
    Column("sources", "sources that the mean is over", "whole number, >= 1"),
)

DOSES = (
    Column("source", "task the model was fine-tuned on", "text", "mean over the sources"),
    KIND,
    Column("target", "task the model was scored on", "text", "mean over targets: see ``home``"),
    Column("home", "whether the target is the source's own task", "True, False"),
    Column("doses", "shares that were compared, that of the source as it is among them", "text", "a mean"),
    Column("slope", "change of the score from a share of 0 to one of 1, by a linear contrast", _UNIT),
    _LOW,
    _HIGH,
    P,
    Column(
        "q",
        "its false discovery rate (Benjamini-Hochberg); own tasks, and means over sources or over targets, are families"
        " of their own",
        "0 to 1",
        "not tested",
    ),
    SIGNIFICANT,
    Column("seeds", "seeds that the row is the mean of", "whole number, >= 1", "a mean"),
    Column("sources", "sources that the mean is over", "whole number, >= 1", "no mean"),
    Column("n", "rows scored", "whole number, >= 1", "a mean"),
)

CHECKS = (
    SOURCE,
    VARIANT,
    KIND,
    DOSE,
    Column("rows_changed", "share of the original training rows that are not as they were", "0 to 1"),
    Column("what", "what was done, in words", "text"),
    Column(
        "property",
        "of the training rows: rows, share of each label, mean words and characters of an answer, characters of a"
        " prompt; or the score on the own task",
        "text",
    ),
    Column("original", "its value of the source as it is, mean over seeds", "unit of the property"),
    Column("changed", "its value of the changed source", "unit of the property"),
    Column("difference", "changed less original", "unit of the property"),
    Column("ci_low", "lower limit of the interval of a difference of scores", _UNIT, "a property of the training rows"),
    Column("ci_high", "upper limit", _UNIT, "a property of the training rows"),
)

GAINS = (
    SOURCE,
    VARIANT,
    KIND,
    TARGET,
    HOME,
    Column("gain", "score of the run on the source as it is less base's, where it stands: q at most alpha", _UNIT),
    Column("gain_low", "lower limit of its interval", _UNIT),
    Column("gain_high", "upper limit", _UNIT),
    Column("changed_gain", "score of the changed run less base's", _UNIT),
    Column("changed_low", "lower limit of its interval", _UNIT, _CANNOT),
    Column("changed_high", "upper limit", _UNIT, _CANNOT),
    Column("kept", "changed_gain / gain of the same seeds: 1 is all of it, 0 none", "number", _CANNOT),
    Column("kept_low", "lower limit of Fieller's interval of it", "number", _CANNOT),
    Column("kept_high", "upper limit", "number", _CANNOT),
    Column("loss", "what the change takes off the gain", _UNIT),
    Column("loss_low", "lower limit of its interval", _UNIT, _CANNOT),
    Column("loss_high", "upper limit", _UNIT, _CANNOT),
    Column("equivalence_p", _EQUIVALENCE, "0 to 1", _CANNOT),
    Column(
        "verdict",
        "on the loss: within the margin (equivalence_p at most alpha); larger than the margin (loss_low above it); the"
        " gain grows (loss_high below minus the margin); not told",
        "text",
    ),
    Column("seeds", "seeds of the changed run", "whole number, >= 1"),
    N,
)

RANDOM_UPDATES = (
    SOURCE,
    TARGET,
    HOME,
    Column("gain", "score of the adapter less base's", _UNIT),
    Column("gain_low", "lower limit of its interval", _UNIT, _CANNOT),
    Column("gain_high", "upper limit", _UNIT, _CANNOT),
    Column("significant", "whether the false discovery rate of the gain is at most alpha", "True, False", "not tested"),
    Column("random", "score of random updates of the same norm less base's, mean over draws", _UNIT),
    Column("random_low", "lower limit of its interval, over draws where there are several", _UNIT, _CANNOT),
    Column("random_high", "upper limit", _UNIT, _CANNOT),
    Column("beyond", "gain less random", _UNIT),
    Column("beyond_low", "lower limit of its interval", _UNIT, _CANNOT),
    Column("beyond_high", "upper limit", _UNIT, _CANNOT),
    Column("p", "two-sided p value of beyond against 0", "0 to 1", "not tested"),
    Column("share", "random / gain: 1 is all of it", "number", "the gain is not significant, or it cannot be told"),
    Column("share_low", "lower limit of Fieller's interval of it", "number", "as share"),
    Column("share_high", "upper limit", "number", "as share"),
    Column("draws", "random updates that the mean is over", "whole number, >= 1"),
    Column("seeds", "seeds of the adapter", "whole number, >= 1"),
    N,
)

TABLES = (
    TableSchema(
        "interventions",
        "One row per source with one property changed, target and seed, and one for the mean over several seeds, with"
        " the effect of a mere redraw of its rows beside it.",
        EFFECTS,
    ),
    TableSchema(
        "intervention_means",
        "Mean effects over sources, over targets other than the own, over own tasks, and over both; not of random"
        " updates. Intervals over sources take these for drawn from those there could be; the others are for these"
        " very ones.",
        MEANS,
    ),
    TableSchema(
        "intervention_doses",
        "One row per source, kind of change that comes in doses, and target, and for means over sources and over"
        " targets: does the score change with the dose? ci and p of a mean over sources are over sources.",
        DOSES,
    ),
    TableSchema(
        "intervention_checks",
        "What each change did to the training rows and to the score on the own task: whether it changed what it was"
        " meant to, and what besides.",
        CHECKS,
    ),
    TableSchema(
        "intervention_gains",
        "One row per changed source and gain over base of the source as it is that stands (q at most alpha; own tasks a"
        " family of their own): what the change leaves of it.",
        GAINS,
    ),
    TableSchema(
        "random_updates",
        "One row per source and target: what untrained updates of the size of the adapter do to base, beside what the"
        " adapter does.",
        RANDOM_UPDATES,
    ),
)
"""The tables of the section, in the order in which they are written."""
