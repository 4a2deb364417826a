"""What a job trains: the rows of its sources, changed where it asks for a variant, and the recipe of the adapter."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from crosstask.config.adapter import AdapterMethod
from crosstask.config.inputs import ControlTokens
from crosstask.config.job import TrainConfig, sources
from crosstask.config.task import Task
from crosstask.config.variant import Variant, VariantKind
from crosstask.data.examples import Example
from crosstask.errors import NotApplicable
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import check_references
from crosstask.models import base_model
from crosstask.models.control_tokens import count_control_tokens
from crosstask.models.loading import tokenizer
from crosstask.storage.variant_use import VariantUse
from crosstask.training.recipe import Recipe, TrainingSettings, random_like, recipe
from crosstask.variants.changed import Changed
from crosstask.variants.varied import vary, vary_validation

log = logging.getLogger(__name__)

APART = 1_000_000
"""How far a ``data.train_seed`` that a variant draws is from that of its original."""


@dataclass(frozen=True)
class Trained:
    """What a job trains, and on what; of the base model nothing."""

    examples: dict[str, list[Example]]
    """By source, as the adapter is trained on them."""
    recipe: Recipe | None
    variant: VariantUse | None
    """What of the sources is changed; None for sources as they are."""


class SourceRows(Protocol):
    """Reads the rows of sources."""

    def training(self, config: TrainConfig, tasks: Mapping[str, Task]) -> dict[str, list[Example]]:
        """Return the training examples of each task; nothing for the base model."""

    def validation(self, config: TrainConfig, name: str, count: int) -> list[Example] | None:
        """Return so many examples of a source's validation split; None if it has none."""


def read_trained(config: TrainConfig, base: str, rows: SourceRows, holds: "ControlTokenRows") -> Trained:
    """Read the training rows of a job, and work out what makes its adapter.

    Parameters
    ----------
    config
        The job, its layers named.
    base
        Identity of the base model.
    rows
        Reads the rows of its sources.
    holds
        Tells which rows hold control tokens.

    Raises
    ------
    NotApplicable
        If the variant makes no sense for a source.
    UserError
        If the data are not there, or a row does not fit its task.
    """
    recipes = _Recipes(base, rows, holds)
    examples = rows.training(config, sources(config))
    if config.variant.kind is VariantKind.none:
        return Trained(examples, recipes.of(config, examples) if examples else None, None)
    if config.adapter.path is not None:
        raise NotApplicable(f"variant={config.variant.kind}: what was made elsewhere is not trained here")
    changed = vary(config.variant, examples, sources(config), lambda name: _other_rows(config, rows, name))
    as_it_is = recipes.of(replace(config, variant=Variant()), examples)
    varied = {name: of.examples for name, of in changed.items()}
    if config.variant.kind is VariantKind.random_update:
        if config.lora.method is not AdapterMethod.lora or config.lora.dora:
            raise NotApplicable("variant=random_update: the adapter is no low-rank update alone")
        made = random_like(as_it_is, config.variant.seed)
    else:
        made = recipes.of(config, varied)
    return Trained(varied, made, _use(config, changed, as_it_is))


def _use(config: TrainConfig, changed: Mapping[str, Changed], original: Recipe) -> VariantUse:
    """Return what is written down of a variant; of a mixture the share is that of all its rows."""
    variant = config.variant
    rows = sum(len(of.examples) for of in changed.values())
    share = sum(of.share * len(of.examples) for of in changed.values()) / rows
    what = "; ".join(f"{name}: {of.what}" if len(changed) > 1 else of.what for name, of in changed.items())
    return VariantUse(str(variant.kind), variant.name, variant.share, original.id, share, what)


def _other_rows(config: TrainConfig, rows: SourceRows, name: str) -> list[Example]:
    """Return the training rows of a source that its variant's seed draws.

    Where ``data.train_seed`` is set, which gives every seed rows of its own, each has other rows of its own too.
    """
    drawn = config.data.train_seed
    seed = config.variant.seed if drawn is None else drawn + APART * config.variant.seed
    data = replace(config.data, train_seed=seed)
    return rows.training(replace(config, data=data), {name: sources(config)[name]})[name]


@dataclass(frozen=True)
class ControlTokenRows:
    """Which rows of a job hold control tokens of its base model that are read as plain text."""

    config: TrainConfig

    def some(self, examples: Iterable[Example], *texts: str) -> bool:
        """Tell whether any of the examples, or of further texts, hold one."""
        if self.config.data.control_tokens is ControlTokens.keep:
            return False
        every = (*texts, *(text for example in examples for text in example.texts))
        return any(count_control_tokens(tokenizer(base_model.model_folder(self.config.model)), every))

    def target(self, target: Target) -> Target:
        """Return a target that tells."""
        return replace(target, plain=self.some(target.examples, target.content_free or "", *target.scorer.task.labels))


@dataclass(frozen=True)
class _Recipes:
    """Works out what makes an adapter on one base model."""

    base: str
    rows: SourceRows
    holds: ControlTokenRows

    def of(self, config: TrainConfig, trained: Mapping[str, list[Example]]) -> Recipe:
        """Return what makes the adapter of a job on these training examples."""
        training = TrainingSettings(config.lora, config.optimizer, config.trainer, config.seed)
        examples, validation = joined(trained), self._validation(config, trained)
        content = recipe(config, self.base, trained, self.holds.some([*examples, *validation]), validation)
        return Recipe(content, examples, training, validation)

    def _validation(self, config: TrainConfig, trained: Mapping[str, list[Example]]) -> list[Example]:
        """Return the examples of validation splits that the adapter is evaluated on: a share of each source's rows.

        There are none unless every source has such a split; then those held out are training rows.
        """
        share = config.trainer.held_out
        if not share:
            return []
        found = {
            name: self.rows.validation(config, name, max(1, round(share * len(examples))))
            for name, examples in trained.items()
        }
        there = {name: examples for name, examples in found.items() if examples is not None}
        if 0 < len(there) < len(found):
            names = ", ".join(name for name in found if name not in there)
            log.info("trainer.held_out=%s: held out of the training rows; no validation split: %s", share, names)
        if len(there) < len(found):
            return []
        for name, examples in there.items():
            check_references(name, sources(config)[name], examples)
        return joined(vary_validation(config.variant, there, sources(config)))


def joined(trained: Mapping[str, list[Example]]) -> list[Example]:
    """Return the training examples of all sources, one source after the other."""
    return [example for examples in trained.values() for example in examples]
