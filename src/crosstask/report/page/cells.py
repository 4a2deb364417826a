"""What the panel of a cell says: the numbers behind it, and what the model does on the target besides."""

from collections.abc import Iterator

from crosstask.analysis.schema import BASE
from crosstask.report.page.answers import Answers
from crosstask.report.page.blocks import Block, facts, said, table
from crosstask.report.page.examples import Examples
from crosstask.report.page.lines import TESTS, of_room
from crosstask.report.page.numbers import is_missing, level, number, significant_digits, with_interval
from crosstask.report.page.over import Over
from crosstask.report.page.tables import KEYS, Row, Tables
from crosstask.report.page.units import Units

CORRECTED = "accuracy/prior_corrected"
"""A metric."""


class Cells:
    """Makes the panels of single cells.

    Parameters
    ----------
    units : Units
        How numbers are written.
    tables : Tables
        What was found.
    examples : Examples, optional
        Gives answers that were won and lost; without it there are none.
    """

    def __init__(self, units: Units, tables: Tables, examples: Examples | None) -> None:
        self.units = units
        self.scores, self.gains, self.residuals, self.changed, self.similar = (
            tables.by(name, *KEYS)
            for name in ("matrix_long", "gains_long", "residuals_long", "changed_counts", "similarity")
        )
        self.corrected = tables.by("metrics", *KEYS, of=lambda frame: frame[frame["metric"] == CORRECTED])
        self.over = Over(tables)
        gains = tables["gains_long"]
        self.ranked = {} if gains.empty else gains.groupby("target")["rank"].count().to_dict()
        self.answers = Answers(units, tables)
        self.examples = examples

    def panel(self, source: str, target: str) -> list[Block]:
        """What is known of a cell; blocks without content are for the caller to leave out."""
        score = self.scores.first(source, target)
        if not score:
            return [said("This cell has no score: it was never run, or its run failed.")]
        if source == BASE:
            return [self._score(score), *self.answers.of_base(target)]
        return [
            self._numbers(score, self.gains.first(source, target), self.residuals.first(source, target)),
            *self.answers.of_cell(source, target),
            self._similarity(source, target),
            self._paired(source, target),
            *self._examples(source, target),
        ]

    def _score(self, row: Row) -> Block:
        """The score of the base model."""
        score = with_interval(row["score"], row["ci_low"], row["ci_high"], *self.units.of(row["target"]))
        title = "Score of the model without fine-tuning"
        if not self.over.is_plain(row["target"]):
            title = f"What gains are over: {self.over.score(row['target'])}"
        return facts(title, [("score", score), ("test rows", _whole(row["n"]))])

    def _numbers(self, score: Row, gain: Row, residual: Row) -> Block:
        """Score, gain and what follows from them."""
        base = self.scores.first(BASE, score["target"])
        scale = self.units.of(score["target"])
        pairs = [("score", with_interval(score["score"], score["ci_low"], score["ci_high"], *scale))]
        if base:
            limits = base["score"], base["ci_low"], base["ci_high"]
            pairs.append((self.over.name(score["target"]), with_interval(*limits, *scale)))
        pairs += [*self._of_gain(gain), *self._of_residual(residual)]
        pairs.append(("score with preferences for labels taken off", self._corrected(score)))
        pairs += [
            ("test rows", _whole(score["n"])),
            ("seeds", _whole(score["seeds"])),
            ("spread between seeds", _with_unit("± ", number(score["seed_sd"], *scale))),
        ]
        return facts("Score and gain", pairs)

    def _of_gain(self, row: Row) -> Iterator[tuple[str, str]]:
        """The gain, its test, and what it would take."""
        if not row:
            return
        scale = self.units.of(row["target"])
        yield "gain", with_interval(row["gain"], row["ci_low"], row["ci_high"], *scale, sign=True)
        yield (
            "p",
            f"{level(row['p'])} ({TESTS.get(row['test'], row['test'])})" if not is_missing(row["p"]) else "not tested",
        )
        yield "q over the matrix", level(row["q"])
        yield "expected if chosen for its size", number(row["shrunken"], *scale, sign=True)
        yield (
            f"relative to {self.over.name(row['target'])}",
            _with_unit("", number(row["relative"], 100, sign=True), " %"),
        )
        yield (
            of_room(row["gain"], self.over.name(row["target"])),
            _with_unit("", number(row["headroom"], 100, sign=True), " %"),
        )
        rank, ranked = _whole(row["rank"]), self.ranked[row["target"]]
        yield "rank on this target", f"{rank} of {ranked}" if rank else ""
        yield "test rows to tell 3 points", _whole(row["rows_needed"])
        yield "seeds to tell 3 points", _whole(row["seeds_needed"])

    def _corrected(self, score: Row) -> str:
        """Accuracy with the prior of the labels taken off, of the adapter and of base; means over runs."""
        means = []
        for name in (score["source"], BASE):
            values = [row["value"] for row in self.corrected(name, score["target"]) if not is_missing(row["value"])]
            means.append(number(sum(values) / len(values), 100) if values else "")
        return f"{means[0]}; base {means[1]}" if all(means) else means[0]

    def _of_residual(self, row: Row) -> Iterator[tuple[str, str]]:
        """What donor and recipient leave of it."""
        if row:
            limits = row["residual"], row["ci_low"], row["ci_high"]
            yield "residual", with_interval(*limits, *self.units.common, sign=True)
            yield "q of the residual", level(row["q"])

    def _paired(self, source: str, target: str) -> Block:
        """How many answers each run won and lost, with the paired test."""
        rows = self.changed(source, target)
        return table(
            f"Paired test: answers won and lost against {self.over.name(target)} on the same test rows",
            ("run", "won", "lost", "of", "McNemar p"),
            [(run_name(row), *(_whole(row[name]) for name in ("won", "lost", "n")), level(row["p"])) for row in rows],
        )

    def _examples(self, source: str, target: str) -> Iterator[Block]:
        """Answers won and lost, where what they are held against has texts."""
        if self.examples is None:
            return
        if self.over.is_plain(target):
            yield from self.examples.of_cell(source, target)
        else:
            name = self.over.name(target)
            yield said(f"No examples: answers are won and lost against {name}, whose texts are not shown.")

    def _similarity(self, source: str, target: str) -> Block:
        """How alike the data of both look."""
        rows = self.similar(source, target)
        pairs = [(row["measure"], significant_digits(row["similarity"], 3)) for row in rows]
        return facts("Similarity of the source's data and the target's", pairs)


def run_name(row: Row) -> str:
    """Which run of a source a row of ``changed_counts`` is of."""
    known = {"source", "target", "seed", "won", "lost", "n", "p"}
    settings = [f"{name} {row[name]}" for name in row if name not in known and not is_missing(row[name])]
    return ", ".join([*([] if is_missing(row["seed"]) else [f"seed {row['seed']}"]), *settings]) or "the only run"


def _whole(value: object) -> str:
    """A whole number, infinity as a word."""
    return "no number is enough" if value == float("inf") else significant_digits(value)


def _with_unit(before: str, text: str, after: str = "") -> str:
    """A number between its signs, nothing where there is none."""
    return f"{before}{text}{after}" if text else ""
