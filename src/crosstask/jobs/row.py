"""A row of the matrix: everything that a job is about, with its identity."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crosstask.data.examples import content_hash
from crosstask.evaluation.cell_key import CellKey, cell_key
from crosstask.evaluation.scorers.protocol import Target
from crosstask.features.data_sets import DataSetText
from crosstask.fingerprint import fingerprint
from crosstask.models.fine_tuned import FineTuned
from crosstask.storage.records import RunRecord
from crosstask.storage.variant_use import VariantUse
from crosstask.training.recipe import Recipe

BASE_MODEL = "the base model"
"""What a person would call the input that everything else depends on."""


@dataclass(frozen=True)
class RowNames:
    """What people know a row by; none of it enters an identity."""

    source: str
    """The sources joined by ``+``, what was made elsewhere, or ``base``."""
    home: list[str]
    """Targets that the sources are the training data of, sorted."""
    model: str
    data: str
    group: str | None
    """The sweep, where the user names it."""


@dataclass(frozen=True)
class MatrixRow:
    """One source with one seed on one base model, and the targets that it is scored on."""

    names: RowNames
    base: str
    """Identity of the base model."""
    recipe: Recipe | None
    """All that makes the adapter; None for the base model."""
    targets: dict[str, Target]
    data_id: str
    """Identity of the test data."""
    settings: dict[str, Any]
    """Training settings, which runs of one matrix share."""
    config: dict[str, Any]
    """All settings of the job by their dotted names, such as ``lora.rank``."""
    data_sets: dict[str, dict[str, DataSetText]]
    """By role (source, target) and name; base is trained on none."""
    encoder: str | None
    """Identity of the model that the data sets are compared by besides the base model."""
    features: dict[str, str]
    """By kind (text, parse): identity of what measures the features of examples."""
    leaked: dict[str, int]
    """How many test rows of each target are among the training rows, where there are any."""
    asked: dict[str, int]
    """How targets are asked otherwise than their files say: ``prompt``, ``shots``."""
    external: FineTuned | None = None
    """What was made elsewhere, instead of a recipe."""
    variant: VariantUse | None = None
    """What of the source is changed; None for the source as it is."""

    @property
    def run(self) -> str:
        """Name of the run record: the adapter (or the base model) together with the test data and how it is asked."""
        otherwise: list[dict[str, Any]] = [self.asked] if self.asked else []
        otherwise += [{"variant": self.variant.name}] if self.variant else []
        elsewhere = [self.external.content] if self.external else []
        made = self.recipe.content if self.recipe else self.base
        return fingerprint([made, *elsewhere, self.data_id, *otherwise])

    @property
    def group(self) -> str:
        """Name of the sweep: by default what makes runs comparable."""
        common = fingerprint([self.base, self.data_id, fingerprint(self.settings)])[:8]
        return self.names.group or f"{self.names.model}-{self.names.data}-{common}"

    def cell_keys(self, adapter: str | None) -> dict[str, CellKey]:
        """Return the identity of every cell; ``adapter`` is the fingerprint of its content, None for the base model.

        What was made elsewhere has its own.
        """
        adapter = self.external.content if self.external else adapter
        return {name: cell_key(self.base, adapter, target) for name, target in self.targets.items()}

    def inputs(self) -> dict[str, Any]:
        """Return the fingerprints of all that a job starts from, by what a person would call it."""
        recipe = self.recipe.content if self.recipe else {}
        return {
            BASE_MODEL: self.base,
            **({"what was made elsewhere": self.external.content} if self.external else {}),
            "the way of training": recipe.get("version"),
            **{f"the rows of {name}": found for name, found in recipe.get("examples", {}).items()},
            **{f"target {name}": key.target for name, key in self.cell_keys(None).items()},
            **(self.settings if self.recipe else {}),
        }

    def record(self, cells: Mapping[str, CellKey], pass_tokens: Mapping[str, int] | None = None) -> RunRecord:
        """Return what the store notes of the row: its names and settings, which cells it stands for, and the tokens of
        the forward passes by which something of it was made just now.
        """
        return RunRecord(
            run=self.run,
            source=self.names.source,
            home=tuple(self.names.home),
            seed=self.recipe.settings.seed if self.recipe else None,
            model=self.names.model,
            base=self.base,
            data=self.names.data,
            data_id=self.data_id,
            settings=fingerprint(self.settings) if self.recipe else None,
            group=self.group,
            adapter=self.recipe.id if self.recipe else None,
            config=self.config,
            updated=datetime.now(UTC).isoformat(),
            cells={name: key.ref for name, key in cells.items()},
            encoder=self.encoder,
            features=self.features,
            profiles={
                role: {name: data_set.id for name, data_set in named.items()} for role, named in self.data_sets.items()
            },
            leaked=self.leaked,
            pass_tokens=pass_tokens or {},
            external=self.external.content if self.external else None,
            examples={name: content_hash(target.examples) for name, target in self.targets.items()},
            variant=self.variant,
        )
