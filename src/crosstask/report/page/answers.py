"""What a model does on a target, answer by answer: confusion, classes, lengths, calibration, flaws; beside base."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from crosstask.analysis.schema import BASE
from crosstask.report.page.blocks import Block, bars, confusion, facts, table
from crosstask.report.page.leaning import Leaning
from crosstask.report.page.numbers import interval, is_missing, level, number, significant_digits, with_interval
from crosstask.report.page.tables import KEYS, Row, Tables, over_seeds
from crosstask.report.page.units import Units

MOST_LABELS = 12
"""Labels of a confusion matrix that is shown as one; of more, the pairs that changed most."""
MOST_PAIRS = 15
_MEASURES = {
    "brier": "Brier score (less is better)",
    "log_loss": "log loss, nats (less is better)",
    "slope": "slope of recalibration (1 is right)",
    "reliability": "reliability (less is better)",
    "resolution": "resolution (more is better)",
    "ece": "expected calibration error",
}


class Answers:
    """What the tables of single sections say of the answers to a target.

    Parameters
    ----------
    units : Units
        How numbers are written.
    tables : Tables
        What was found.
    """

    def __init__(self, units: Units, tables: Tables) -> None:
        self.units = units
        self.shares = tables.by("predicted_shares", *KEYS, of=over_seeds)
        self.shifts = tables.by("class_shift", *KEYS, of=over_seeds)
        self.known = {row["source"] for row in tables.rows("class_shift") if not is_missing(row["train_share"])}
        """Sources of whose training rows some label is known."""
        self.leaning = Leaning(tables)
        self.calibration = tables.by("calibration", *KEYS, of=over_seeds)
        self.lengths = tables.by("lengths", *KEYS)
        self.length_shifts = tables.by("length_shifts", *KEYS)
        self.flaws = tables.by("answer_quality", *KEYS)
        self.kept = tables.by("forgetting", *KEYS)
        self.counts = _counts(tables)
        """Source and target -> gold and answered label -> count over the runs."""

    def of_cell(self, source: str, target: str) -> Iterator[Block]:
        """Everything that is known of an adapter on a target."""
        yield self._confusion(source, target)
        yield self._classes(source, target)
        yield self._shift(source, target)
        yield self._calibration(source, target)
        yield self._lengths(source, target)
        yield self._flaws(source, target)
        yield self._kept(source, target)

    def of_base(self, target: str) -> Iterator[Block]:
        """The same of the base model."""
        yield self._confusion(BASE, target)
        yield self._calibration(BASE, target)
        yield self._flaws(BASE, target)

    def _confusion(self, source: str, target: str) -> Block:
        """Counts of gold and answered labels of base and the adapter, those of an adapter summed over its runs."""
        names = dict.fromkeys((BASE, source))
        found = {name: self.counts[name, target] for name in names if (name, target) in self.counts}
        pairs = [pair for counts in found.values() for pair in counts]
        gold, answers = (list(dict.fromkeys(pair[side] for pair in pairs)) for side in (0, 1))
        title = "Confusion: right label down, answered label across; an adapter's counts are summed over its runs"
        if len(answers) > MOST_LABELS:
            return self._changed_pairs(title, found, source)
        matrices = {name: [[counts[g, a] for a in answers] for g in gold] for name, counts in found.items()}
        return confusion(title, gold, answers, matrices)

    @staticmethod
    def _changed_pairs(title: str, found: dict[str, Counter[tuple[str, str]]], source: str) -> Block:
        """Of many labels the pairs with most answers."""
        tuned = found.get(source, Counter())
        base = found.get(BASE, Counter())
        rows = [(*pair, str(base[pair]), str(count)) for pair, count in tuned.most_common(MOST_PAIRS)]
        note = f"the {len(rows)} most frequent of {len(tuned)} pairs; all are in confusion.csv"
        return table(title, ("right", "answered", BASE, source), rows, texts=2, note=note)

    def _classes(self, source: str, target: str) -> Block:
        """Shares of the labels: of test rows, of base's answers, of the adapter's, of the source's training rows."""
        trained = {row["label"]: row["train_share"] for row in self.shifts(source, target)}
        rows = self.shares(source, target)
        groups: list[tuple[str, tuple[tuple[str, float], ...]]] = []
        for row in rows:
            shares = (row["gold_share"], row["base"], row["value"], trained.get(row["predicted"]))
            groups.append((row["predicted"], tuple(map(_bar, shares))))
        series: tuple[str, ...] = ("right", BASE, "fine-tuned", "training rows of the source")
        note = ""
        if all(is_missing(share) for share in trained.values()):
            series, note = series[:3], self._untrained(source) if groups and trained else ""
            groups = [(label, shares[:3]) for label, shares in groups]
        return bars("Class distribution: shares of the labels, %", series, groups, note)

    def _untrained(self, source: str) -> str:
        """Why a source has no shares of training rows with the labels of a target."""
        if source in self.known:
            return f"no training row of {source} has one of these labels exactly as it is written here, spaces included"
        return f"the shares of {source}'s training rows are not known, or it trains on no label of any target"

    def _shift(self, source: str, target: str) -> Block:
        """What of the gain is a mere preference for other labels."""
        row = self.leaning.row(source, target)
        if not row:
            return facts("", [])
        by_shift = with_interval(row["by_shift"], row["by_shift_low"], row["by_shift_high"], 100, sign=True)
        pairs = [
            ("gain in accuracy over base itself", number(row["gain"], 100, sign=True)),
            *self.leaning.left(source, target),
            ("made by the shift", by_shift),
            ("largest shift, nats", self.leaning.shift(source, target)),
            ("q of the shift", level(row["q"])),
        ]
        return facts("Class shift: what of the gain is a leaning towards other labels, points of accuracy", pairs)

    def _calibration(self, source: str, target: str) -> Block:
        """Losses of the probabilities and how they would have to be recalibrated."""
        rows = []
        for row in self.calibration(source, target):
            if row["measure"] not in _MEASURES or is_missing(row["value"]):
                continue
            change = with_interval(row["change"], row["change_low"], row["change_high"], decimals=3, sign=True)
            value = with_interval(row["value"], row["ci_low"], row["ci_high"], decimals=3)
            rows.append((_MEASURES[row["measure"]], number(row["base"], decimals=3), value, change, level(row["q"])))
        return table("Calibration of label probabilities", ("measure", BASE, "value", "change", "q"), rows)

    def _lengths(self, source: str, target: str) -> Block:
        """Lengths of generated answers, beside base's, gold's and the source's."""
        rows = []
        for row in self.lengths(source, target):
            numbers = [number(row[name]) for name in ("mean", "base_mean", "gold_mean", "source_mean")]
            seed = "" if is_missing(row["seed"]) else f"seed {row['seed']}, "
            rows.append((f"{seed}{row['unit']}", *numbers, number(row["cut"], 100)))
        shift = next(iter(self.length_shifts(source, target)), None)
        head = ("", "fine-tuned", BASE, "right answers", "source's answers", "cut, %")
        return table("Lengths of answers, means", head, rows, note=_shift_note(shift))

    def _flaws(self, source: str, target: str) -> Block:
        """Shares of answers that are invalid, cut or empty."""
        base = {row["flaw"]: row["share"] for row in self.flaws(BASE, target)}
        rows = []
        for row in self.flaws(source, target):
            if row["share"] or base.get(row["flaw"]):
                seed = "" if is_missing(row["seed"]) else f", seed {row['seed']}"
                limits = interval(row["ci_low"], row["ci_high"], 100)
                rows.append(
                    (
                        f"{row['flaw']}{seed}",
                        number(base.get(row["flaw"]), 100),
                        f"{number(row['share'], 100)} ({limits})",
                    )
                )
        return table("Flaws of answers, % of them", ("flaw", BASE, "share"), rows)

    def _kept(self, source: str, target: str) -> Block:
        """How much of base's ability is kept."""
        rows = [row for row in self.kept(source, target) if is_missing(row["seed"])] or self.kept(source, target)
        return table(
            "Kept: the share of base's ability, its score above one that takes none, %",
            ("score without ability", "kept", "q"),
            [(number(row["level"], *self.units.common), *_kept(row)) for row in rows],
        )


def _counts(tables: Tables) -> dict[tuple[str, str], Counter[tuple[str, str]]]:
    """Counts of gold and answered labels by source and target, summed over runs."""
    frame = tables["confusion"]
    found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    if frame.empty:
        return found
    summed = frame.groupby(["source", "target", "gold", "predicted"], sort=False)["count"].sum()
    for (source, target, gold, predicted), count in summed.items():
        found.setdefault((source, target), Counter())[gold, predicted] = int(count)
    return found


def _kept(row: Row) -> tuple[str, str]:
    """What is kept, and its q."""
    if is_missing(row["kept"]):
        return "cannot be told: base is not far enough above that, or errors of scores are not known", ""
    return with_interval(row["kept"], row["ci_low"], row["ci_high"], 100), level(row["q"])


def _bar(share: Any) -> tuple[str, float]:
    """A share as text, in percent, and as the length of a bar."""
    return number(share, 100), 0.0 if is_missing(share) else float(share)


def _shift_note(row: Row | None) -> str:
    """Where between base's and the source's the lengths lie."""
    if row is None or is_missing(row["coefficient"]):
        return "" if row is None else f"between base's and the source's: {row['verdict']}"
    where = with_interval(row["coefficient"], row["ci_low"], row["ci_high"], decimals=2)
    return f"0 being base's length and 1 the source's: {where}, in {row['unit']}; q = {significant_digits(row['q'], 2)}"
