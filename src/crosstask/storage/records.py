"""What is written down of a run and of its cells: by the store in files, by W&B in the config of a run.

A metric that is undefined is NaN in memory and null in JSON. What was written before records had a schema version
lacks some fields; each such field says what stands for it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from crosstask.storage.json_files import NotARecord
from crosstask.storage.judge_use import JudgeUse, together
from crosstask.storage.names import Key, TaskName, key
from crosstask.storage.schema import KEY, as_tuple, checked, known_fields, written
from crosstask.storage.variant_use import VariantUse


@dataclass(frozen=True)
class CellRef:
    """Where the store has a cell."""

    outputs: str
    """Fingerprint of adapter, base model, examples, and how outputs are generated."""
    scoring: str
    """Fingerprint of how outputs are scored."""

    @classmethod
    def from_json(cls, content: Iterable[str]) -> "CellRef":
        """Return what was written; NotARecord if that is something else."""
        match content:
            case [str() as outputs, str() as scoring]:
                return cls(key("cells", outputs), key("cells", scoring))
        raise NotARecord(f"cells: {content!r:.60} is not the two fingerprints of a cell")

    def to_json(self) -> list[str]:
        """Return what is written."""
        return [self.outputs, self.scoring]


@dataclass(frozen=True)
class RunRecord:
    """One row of the matrix: what it is about, and which cells it stands for."""

    SCHEMA: ClassVar[int] = 1

    run: Key
    """Its name: the fingerprint of the adapter, or the base model, together with the test data."""
    source: str
    seed: int | None
    """Of the training; None for the base model."""
    model: str
    """Name of the base model."""
    base: Key
    """Fingerprint of the base model."""
    data: str
    """Name of the data settings."""
    data_id: Key
    """Fingerprint of the test data."""
    settings: str | None
    """Fingerprint of the training settings; None for the base model."""
    group: str
    """Name of the sweep."""
    adapter: Key | None
    """Name of the adapter in the store; None for the base model."""
    updated: str
    """When it was last written, ISO 8601."""
    cells: Mapping[TaskName, CellRef]
    """By target."""
    home: tuple[str, ...] = ()
    """Targets that the source is the training data of, sorted."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the job by their dotted names, such as ``lora.rank``; empty where the record was written before it
    held them."""
    encoder: Key | None = None
    """Fingerprint of the model that the data sets are compared by besides the base model, if any."""
    profiles: Mapping[str, Mapping[str, Key]] = field(default_factory=dict)
    """By role (source, target) and name: the fingerprint of the data set, by which its profile is found; empty where
    the record was written before it held them."""
    features: Mapping[str, Key] = field(default_factory=dict)
    """By kind (text, parse): the fingerprint of what measured the features of the data sets' examples, by which they
    are found; empty where the record was written before it held them."""
    leaked: Mapping[TaskName, int] = field(default_factory=dict)
    """By target: how many of its test rows are among the training rows, where there are any."""
    external: Key | None = None
    """Fingerprint of what the row is scored with, where that was made elsewhere: then nothing is known of its seed and
    settings, and ``adapter`` is None."""
    pass_tokens: Mapping[str, int] = field(default_factory=dict)
    """Tokens of a forward pass that the device was given last, by what the passes were for; none where nothing was
    computed since that is written down."""
    judged: Mapping[TaskName, JudgeUse] = field(default_factory=dict)
    """By target: what its judge took, where it has one."""
    examples: Mapping[TaskName, Key] = field(default_factory=dict)
    """By target: fingerprint of the examples, by which prompts and gold answers are found; none where they are not
    kept."""

    variant: VariantUse | None = None
    """What of its source was changed; None for the source as it is."""

    def merged_with(self, earlier: "RunRecord") -> "RunRecord":
        """Return this record with the cells and profiles that only an earlier one of the same run has.

        The earlier encoder, and parser, stays until another one is named.
        """
        profiles = {role: {**earlier.profiles.get(role, {}), **named} for role, named in self.profiles.items()}
        if self.external:  # what it was trained on is what was said last
            profiles["source"] = dict(self.profiles.get("source", {}))
        cells = {**earlier.cells, **self.cells}
        others = {target: count for target, count in earlier.leaked.items() if target not in self.cells}
        examples = {target: name for target, name in earlier.examples.items() if target not in self.cells}
        encoder = self.encoder or earlier.encoder
        return replace(
            self,
            cells=cells,
            profiles=profiles,
            encoder=encoder,
            features={**earlier.features, **self.features},
            leaked={**others, **self.leaked},
            pass_tokens={**earlier.pass_tokens, **self.pass_tokens},
            judged=together(earlier.judged, self.judged),
            examples={**examples, **self.examples},
        )

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "RunRecord":
        """Return what was written.

        Raises
        ------
        UserError
            If a newer version wrote it.
        NotARecord
            If it is something else.
        """
        known = known_fields(cls, content)
        if isinstance(cells := known.get("cells"), Mapping):
            known["cells"] = {target: CellRef.from_json(cell) for target, cell in cells.items()}
        if isinstance(judged := known.get("judged"), Mapping):
            known["judged"] = {target: _judge_use(use) for target, use in judged.items()}
        if isinstance(variant := known.get("variant"), Mapping):
            known["variant"] = checked(VariantUse, variant)
        _check_time(known.get("updated"))
        if "home" in known:
            known["home"] = as_tuple(known["home"])
        return checked(cls, known)

    def to_json(self) -> dict[str, Any]:
        """Return what is written; without leaked rows and what else there is not as earlier versions wrote it."""
        later = ("features", "leaked", "pass_tokens", "external", "judged", "examples", "variant")
        inner = {
            "cells": {target: cell.to_json() for target, cell in self.cells.items()},
            "judged": {target: asdict(use) for target, use in self.judged.items()},
            "variant": asdict(self.variant) if self.variant else None,
        }
        return {name: value for name, value in {**written(self), **inner}.items() if name not in later or value}


@dataclass(frozen=True)
class CellScore:
    """How an adapter, or the base model, scores on a target: the content of ``score.json``."""

    SCHEMA: ClassVar[int] = 1

    target: TaskName
    target_id: str
    """Fingerprint of all that cells of one column have in common: scores are comparable only where it is equal."""
    metric: str
    """Name of the metric that ``score`` is."""
    metrics: Mapping[str, float]
    """Every metric by name, ``score``, ``stderr`` and ``n`` among them; NaN where it is undefined."""
    adapter: str | None
    """Fingerprint of the adapter's content; None for the base model."""
    logit_difference: tuple[float, ...] | None
    """What the adapter does to the logits of the fixed prompts, one number per prompt; None for the base model."""
    labels: tuple[str, ...] | None = None
    """Labels of a closed target in the order of the vectors in ``answers.parquet``, which is the task file's; empty
    for an open target. None where the score was written before it held them: then the order is unknown."""
    decide: str | None = None
    """Which vector of ``answers.parquet`` the label is chosen by; None for an open target, and where ``labels`` is."""
    cell: tuple[str, ...] | None = None
    """The two fingerprints of the cell, as its `CellRef` has them; None where the score was written before it held
    them."""

    @property
    def is_complete(self) -> bool:
        """Whether it holds all that is written today."""
        return self.labels is not None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "CellScore":
        """Return what was written; errors are those of `RunRecord.from_json`."""
        known = known_fields(cls, content)
        if isinstance(metrics := known.get("metrics"), Mapping):
            known["metrics"] = {name: _number(value) for name, value in metrics.items()}
            _check_score(known["metrics"])
        for name in ("labels", "logit_difference", "cell"):
            known[name] = as_tuple(known.get(name))
        return checked(cls, known)

    def to_json(self) -> dict[str, Any]:
        """Return what is written; of a score of an earlier version what was read, so that it does not pass for a new
        one.
        """
        metrics = {name: None if math.isnan(value) else value for name, value in self.metrics.items()}
        unknown = [*(() if self.is_complete else (KEY, "labels", "decide")), *(() if self.cell else ("cell",))]
        return {name: value for name, value in {**written(self), "metrics": metrics}.items() if name not in unknown}


def _judge_use(content: Any) -> JudgeUse:
    """Return what was written of a judge; NotARecord if that is something else."""
    if not isinstance(content, Mapping):
        raise NotARecord(f"judged: {content!r:.60} is not what a judge took")
    return checked(JudgeUse, content)


def _check_time(updated: Any) -> None:
    """Refuse what is no time; of what is no text `checked` says so."""
    try:
        datetime.fromisoformat(updated if isinstance(updated, str) else "2026-01-01")
    except ValueError as error:
        raise NotARecord(f"updated: {updated!r:.60} is no time in ISO 8601") from error


def _number(value: Any) -> Any:
    """Return a metric as it is in memory; what is no number as it is, for `checked` to name."""
    if value is None:
        return math.nan
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return float(value) if abs(value) < 2**53 else math.inf


def _check_score(metrics: Mapping[str, Any]) -> None:
    """Raise NotARecord where the score of a cell, its error or its number of examples cannot be one.

    A score is a mean over examples of what each answer is worth, 0 to 1.
    """
    if lacking := [name for name in ("score", "stderr", "n") if name not in metrics]:
        raise NotARecord(f"metrics: lacks {', '.join(lacking)}")
    for name, possible, low, high in (("score", "0 to 1", 0, 1), ("stderr", "0 to 1", 0, 1), ("n", "1 on", 1, 2**53)):
        value = metrics[name]
        unknown = name == "stderr" and isinstance(value, float) and math.isnan(value)
        if isinstance(value, float) and not unknown and not low <= value <= high:
            raise NotARecord(f"metrics.{name}: {value!r} is out of range, {possible}")


@dataclass(frozen=True)
class ScoredRun:
    """One row of the matrix with its scores, wherever it was read."""

    record: RunRecord
    scores: Mapping[str, CellScore]
    """By target; a cell whose files were deleted is not among them."""
