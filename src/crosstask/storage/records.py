"""What is written down of a run: by the store in files, by W&B in the config of a run.

What was written before records had a schema version
lacks some fields; each such field says what stands for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from crosstask.storage.json_files import NotARecord
from crosstask.storage.judge_use import JudgeUse, together
from crosstask.storage.names import Key, TaskName, key
from crosstask.storage.schema import as_tuple, checked, known_fields, written
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
