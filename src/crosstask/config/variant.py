"""Variants of a source: one property of its training data is changed, and all else is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crosstask.errors import UserError
from crosstask.limits import at_least, checked_by, refuse

VARIANT = "variant"
"""Column that tells variants apart; runs without are of sources as they are."""
TOLERANCE = 1e-6
"""How far shares may be from a sum of 1."""


class VariantKind(StrEnum):
    """What is changed."""

    none = "none"
    """Nothing: the source as it is."""
    balanced = "balanced"
    """Every class has as many rows: by leaving rows out and by repeating rows, as many in all."""
    shares = "shares"
    """Classes have the shares of ``variant.shares``, by the same means."""
    wrong_labels = "wrong_labels"
    """Every row has another label than its own, any of them alike."""
    share_wrong = "share_wrong"
    """A share of the rows has; those of a smaller share are among those of a larger one."""
    shuffled_labels = "shuffled_labels"
    """Answers change places among the rows at random."""
    number_labels = "number_labels"
    """Labels are called 0, 1, 2, ... in the order of the task file."""
    word_labels = "word_labels"
    """Labels are called by common words that have nothing to do with them."""
    short_answers = "short_answers"
    """Of generated answers what the task extracts, else the first sentence."""
    long_answers = "long_answers"
    """Generated answers with the question before them once more."""
    fewer_rows = "fewer_rows"
    """A share of the rows, drawn at random; those of a smaller share are among those of a larger one."""
    other_rows = "other_rows"
    """As many other rows of the same data set, drawn as by data.train_seed: what else a change of rows does."""
    no_prompt = "no_prompt"
    """Answers after an empty prompt."""
    shuffled_words = "shuffled_words"
    """The words of each line of a prompt in random order, but for lines that all prompts share."""
    random_update = "random_update"
    """No training: in every layer a random update of the same norm and rank as that of the trained adapter."""


DOSED = (VariantKind.share_wrong, VariantKind.fewer_rows)
"""Kinds that take ``variant.share``."""
RENAMED = (VariantKind.number_labels, VariantKind.word_labels)
"""Kinds that call labels otherwise."""


def label_text(label: Any) -> str:
    """Return what a key of ``variant.shares`` names: a label without the spaces around it.

    Examples
    --------
    >>> label_text(" good "), label_text(1), label_text(True)  # true is no text on the command line and in YAML
    ('good', '1', 'true')
    """
    return str(label).lower() if isinstance(label, bool) else str(label).strip()


def _shares(key: str, value: Any) -> None:
    """Refuse what is no mapping from labels to shares that sum to 1."""
    if not isinstance(value, Mapping) or not value:
        refuse(f"{key}={value}: must be a mapping, {{label: share}}")
    for label, share in value.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            refuse(f"{key}={{{label}: {share}}}: must be a share, 0 to 1")
    texts = [label_text(label) for label in value]
    if twice := [text for text in texts if texts.count(text) > 1]:
        refuse(f"{key}: {twice[0]!r} comes twice")
    if abs(sum(value.values()) - 1) > TOLERANCE:
        refuse(f"{key}: shares sum to {sum(value.values()):g}; they must sum to 1")


@dataclass
class Variant:
    """One property of the source changed, all else kept."""

    kind: VariantKind = VariantKind.none
    """What is changed."""
    share: float | None = at_least(0.0, default=None)
    """kind=share_wrong: share of the rows, 0 to 1, whose label becomes wrong; kind=fewer_rows: that are kept."""
    shares: Any = checked_by(_shares, default=None)  # noqa: RUF009 - OmegaConf adds no keys to a typed dict
    """kind=shares: label -> share of the rows, e.g. {positive: 0.9, negative: 0.1}; one that is not named has none."""
    seed: int = at_least(0, default=0)
    """What is drawn at random: labels, orders, rows, updates. kind=other_rows: the ``data.train_seed`` of the rows, or
    where that is set how many millions are added to it."""

    @property
    def dose(self) -> float | None:
        """How much is changed, where kinds differ by that: the share."""
        return self.share

    @property
    def name(self) -> str:
        """What tables call it: the kind with what it is given.

        Examples
        --------
        >>> Variant(VariantKind.share_wrong, share=0.25).name, Variant(VariantKind.random_update, seed=2).name
        ('share_wrong 0.25', 'random_update seed=2')
        """
        parts: list[str] = [str(self.kind)]
        parts += [f"{self.share:g}"] if self.share is not None else []
        parts += [f"{label_text(label)}={share:g}" for label, share in (self.shares or {}).items()]
        parts += [f"seed={self.seed}"] if self.seed else []
        return " ".join(parts)


def check_variant(variant: Variant) -> None:
    """Refuse settings that the kind of a variant does not use, or lacks.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    dosed, of_shares = variant.kind in DOSED, variant.kind is VariantKind.shares
    if variant.share is not None and not dosed:
        raise UserError(f"variant.share={variant.share:g}: only variant={' and variant='.join(DOSED)} use it")
    if dosed and variant.share is None:
        raise UserError(f"variant.share has no value; variant={variant.kind} needs a share, 0 to 1")
    if variant.share is not None and variant.share > 1:
        raise UserError(f"variant.share={variant.share:g}: must be a share, 0 to 1")
    if variant.kind is VariantKind.fewer_rows and variant.share == 0:
        raise UserError("variant.share=0: variant=fewer_rows must keep some rows, a share above 0")
    if variant.shares is not None and not of_shares:
        raise UserError("variant.shares: only variant=shares uses it")
    if variant.kind is VariantKind.none and variant.seed:
        raise UserError(f"variant.seed={variant.seed}: variant=none draws nothing")
