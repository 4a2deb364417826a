"""What the panel of a row (a source) and of a column (a target) says."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.page.blocks import Block, alarm, bars, facts, intervals, said, table
from crosstask.report.page.numbers import interval, is_missing, level, number, significant_digits, with_interval
from crosstask.report.page.over import Over
from crosstask.report.page.tables import Row, Tables
from crosstask.report.page.units import Units

_OF_SOURCES, _OF_EITHER = ("no_effect", "unknown_home", "refused", "stderr", "failed_run"), ("aggregate", "alike")
"""Kinds of alarms whose name is that of a source, or of a source or target; that of the others is of targets."""


class Edges:
    """Makes the panels of sources and of targets.

    Parameters
    ----------
    transfer : Transfer
        Each source's own task.
    units : Units
        How numbers are written.
    tables : Tables
        What was found.
    """

    def __init__(self, transfer: Transfer, units: Units, tables: Tables) -> None:
        self.units = units
        self.order, self.abilities = transfer.order, transfer.conventions.abilities
        self.alarms, self.read = tables["alarms"], tables.by("targets", "target")
        self.targets = [str(name) for name in transfer.matrix.columns]
        self.sources = [str(name) for name in transfer.matrix.index]
        self.gains_of = {side: tables.by("gains_long", side) for side in ("source", "target")}
        over = Over(tables)
        self.base_row, is_mean = over.row, over.is_mean
        self.below = "more than a point below that mean" if is_mean else "losses of over a point"
        self.helping = (
            f"Which sources {'do better on it than their mean' if is_mean else 'help it'}, the largest gain first"
        )
        self.above = "scores above the mean over sources" if is_mean else "gains above 0"
        self.donors, self.rates = tables.by("donors", "role", "name"), tables.by("rates", "side", "name")
        self.traits, self.loadings = tables.by("traits_intervals", "source"), tables.by("loadings_intervals", "target")
        self.kept, self.best = tables.by("kept", "source"), tables.by("best_sources", "target")
        self.references = tables.by("references", "target")
        self.lengths, self.shares = tables.by("lengths", "source"), tables.by("class_shift", "source")
        self.changes = tables.by("interventions", "source", of=lambda frame: frame[frame["q"].notna()])

    def of_source(self, source: str) -> list[Block]:
        """What is known of a source."""
        if source == BASE:
            return [said(f"The model without fine-tuning. This row has {self.base_row}.")]
        return [
            self._about_source(source),
            *_alarms(self.alarms, source, of_source=True),
            self._gains("Gains on every target, the largest first", self.gains_of["source"](source), "target"),
            self._components("Trait profile: place on each component", self.traits(source), "trait"),
            self._lengths(source),
            self._classes(source),
            self._interventions(source),
        ]

    def of_target(self, target: str) -> list[Block]:
        """What is known of a target."""
        return [
            self._about_target(target),
            *_alarms(self.alarms, target, of_source=False),
            self._gains(self.helping, self.gains_of["target"](target), "source"),
            self._references(target),
            self._components("Loading on each component", self.loadings(target), "loading"),
        ]

    def _about_source(self, source: str) -> Block:
        """Own task, donor effect, rates and what is kept."""
        donor, rate, kept = (
            self.donors.first("donor", source),
            self.rates.first("source", source),
            self.kept.first(source),
        )
        own = ", ".join(task for task in self.order.own_tasks(source) if task in self.targets)
        pairs = [("own task", own), *self._effect("donor effect", donor), *self._rates(rate)]
        if kept:
            pairs.append(("kept of base's abilities", _percent(kept, "kept", "ci_low", "ci_high")))
            limits = kept["backward"], kept["backward_low"], kept["backward_high"]
            pairs.append(("mean change on other targets", with_interval(*limits, *self.units.common, sign=True)))
        return facts("In short", pairs)

    def _about_target(self, target: str) -> Block:
        """Ability, recipient effect, the best source."""
        best = self.best.first(target)
        metric = self.read.first(target).get("metric")
        named = "" if is_missing(metric) else str(metric)
        pairs = [("metric", named), ("ability", self.abilities.get(target, ""))]
        pairs += [*self._effect("recipient effect", self.donors.first("recipient", target))]
        pairs += [*self._rates(self.rates.first("target", target))]
        if best:
            scale = self.units.of(target)
            expected = number(best["shrunken"], *scale, sign=True)
            gain = with_interval(best["gain"], best["ci_low"], best["ci_high"], *scale, sign=True)
            pairs.append(("best other source", f"{best['source']}: {gain}; {expected} to be expected"))
        return facts("In short", pairs)

    def _effect(self, name: str, row: Row) -> Iterator[tuple[str, str]]:
        """A donor or recipient effect."""
        if row:
            effect = with_interval(row["effect"], row["ci_low"], row["ci_high"], *self.units.common, sign=True)
            yield name, effect if is_missing(row["q"]) else f"{effect}, q = {level(row['q'])}"

    def _rates(self, row: Row) -> Iterator[tuple[str, str]]:
        """How often it helps and harms."""
        if row:
            yield self.above, _percent(row, "win_rate", "win_low", "win_high")
            yield self.below, _percent(row, "harm_rate", "harm_low", "harm_high")
            for name in ("better", "worse"):
                if not is_missing(row[name]):
                    yield f"significantly {name}", f"{significant_digits(row[name])} of {row['cells']}"

    def _gains(self, title: str, rows: Sequence[Row], other: str) -> Block:
        """Gains with their intervals, each a link to its cell."""
        ordered = sorted(rows, key=lambda row: -row["gain"] * self.units.size(row["target"]))
        key = "; ".join(["filled: distinguishable from 0", *self.units.drawn_in])
        return intervals(title, [self._gain(row, other) for row in ordered], key)

    def _gain(self, row: Row, other: str) -> dict[str, Any]:
        """One of them."""
        limits = row["gain"], row["ci_low"], row["ci_high"]
        text = with_interval(*limits, *self.units.of(row["target"]), sign=True)
        tested = "" if is_missing(row["q"]) else f"q = {level(row['q'])}"
        name = f"{row[other]}{' *' if row['home'] else ''}"
        marked = _marked(row, "gain", name, text, self.units.size(row["target"]))
        return marked | {"tested": tested, "link": [row["source"], row["target"]]}

    @staticmethod
    def _components(title: str, rows: Sequence[Row], value: str) -> Block:
        """Places on components; those distinguishable from noise are marked."""
        found = []
        for row in rows:
            text = with_interval(row[value], row["ci_low"], row["ci_high"], decimals=2, sign=True)
            name = f"{row['component']}{'' if row['retained'] else ' (noise)'}"
            found.append(_marked(row | {"significant": row["retained"]}, value, name, text))
        return intervals(title, found, "filled: of a component that is distinguishable from noise" if found else "")

    def _lengths(self, source: str) -> Block:
        """Lengths of what it trains on, and of what it answers."""
        rows: dict[str, Row] = {}  # of each target the first seed and the first unit in which the source's are known
        for row in self.lengths(source):
            if not is_missing(row["source_mean"]):
                rows.setdefault(row["target"], row)
        shown = [
            (row["target"], row["unit"], *(number(row[name]) for name in ("mean", "base_mean", "source_mean")))
            for row in rows.values()
        ]
        head = ("target", "in", "fine-tuned", BASE, "source's answers")
        return table("Lengths of answers, means of the first seed", head, shown, texts=2)

    def _classes(self, source: str) -> Block:
        """Shares of the labels in its training rows."""
        shares = {row["label"]: row["train_share"] for row in self.shares(source) if not is_missing(row["train_share"])}
        groups = [(label, [(number(share, 100), float(share))]) for label, share in shares.items()]
        return bars("Labels in its training rows that targets have too, %", ("share",), groups)

    def _interventions(self, source: str) -> Block:
        """What changes of this source do."""
        rows = [
            (
                row["variant"],
                row["target"],
                with_interval(row["effect"], row["ci_low"], row["ci_high"], *self.units.common, sign=True),
                level(row["q"]),
            )
            for row in self.changes(source)
        ]
        title = "Interventions: score with one property of the source changed, less that without"
        return table(title, ("changed", "target", "effect", "q"), rows, texts=2)

    def _references(self, target: str) -> Block:
        """Scores that others are to be seen against."""
        rows = [
            (
                row["reference"],
                str(row["name"]),
                with_interval(row["score"], row["ci_low"], row["ci_high"], *self.units.of(target)),
            )
            for row in self.references(target)
        ]
        return table("What a score is to be seen against", ("reference", "which", "score"), rows, texts=2)


def _alarms(table: pd.DataFrame, name: str, of_source: bool) -> Iterator[Block]:
    """What makes scores of a source, or on a target, worth less than they look."""
    begins = f"on {name} ", f"test rows of {name} are "
    for row in table.to_dict("records"):
        told = str(row["message"])
        of_either = told.startswith("source" if of_source else "target")
        is_kind = of_either if row["alarm"] in _OF_EITHER else (row["alarm"] in _OF_SOURCES) is of_source
        named = is_kind and name in str(row["name"]).split(", ")
        trained = of_source and told.startswith("test rows of ") and f" {name} (" in told
        if named or trained or (told.startswith(begins) and not of_source):
            yield alarm(f"Alarm: {told}")


def _marked(row: Row, value: str, name: str, text: str, factor: float = 1.0) -> dict[str, Any]:
    """A row of a block of intervals, whose drawing has the numbers times a factor."""
    low, high = (None if is_missing(row[limit]) else factor * float(row[limit]) for limit in ("ci_low", "ci_high"))
    told = not is_missing(row["significant"]) and bool(row["significant"])
    return {"name": name, "text": text, "value": factor * float(row[value]), "low": low, "high": high, "told": told}


def _percent(row: Row, value: str, low: str, high: str) -> str:
    """A share in percent."""
    if is_missing(row[value]):
        return ""
    limits = interval(row[low], row[high], 100, 0)
    return f"{number(row[value], 100, 0)} %{f' ({limits})' if limits else ''}"
