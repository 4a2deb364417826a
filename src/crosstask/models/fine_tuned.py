"""What a row is scored with besides the base model: an adapter, or a whole model that was fine-tuned elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crosstask.config.inputs import Model
from crosstask.errors import UserError, quoted
from crosstask.fingerprint import fingerprint
from crosstask.models import adapters, base_model
from crosstask.models.architecture import text_config, vocabulary
from crosstask.models.language_model import BaseModel
from crosstask.models.loading import skeleton
from crosstask.storage.adapter_files import content

HEADS = ("num_attention_heads", "num_key_value_heads")
"""Settings of a model that its weights' shapes do not tell."""


@dataclass(frozen=True)
class FineTuned:
    """Weights that are not the base model's alone."""

    folder: Path
    content: str
    """Fingerprint of an adapter's weights and configuration; of a whole model that of all its files."""
    effect: tuple[float, ...] | None
    """Its effect on the base model when it was trained, or else first loaded, see
    :func:`crosstask.models.adapter_effect.effect`; None for what was made elsewhere and has not been loaded yet."""
    whole: Model | None = None
    """The settings by which a whole model is loaded; None for an adapter."""


def whole_model(folder: Path, model: Model) -> FineTuned:
    """Return a fine-tuned model in a folder, held and asked as the base model is.

    Raises
    ------
    UserError
        If the folder has no such model, or one of other shapes than the base model's, but for the number of tokens.
    """
    whole = replace(model, path=str(folder), revision=None)
    _check_shapes(folder, base_model.model_folder(model))
    return FineTuned(folder, _content(whole), None, whole)


def _content(whole: Model, anew: bool = False) -> str:
    """Return the fingerprint of a whole model; ``anew`` it is that of its files as they are now."""
    return fingerprint(["model", base_model.identity(whole, anew)])


def _changed(folder: Path) -> UserError:
    """Return the error for files that are no longer those that the row is named after."""
    return UserError(f"{folder}: its files changed while it was loaded; the same command begins anew")


@contextmanager
def loaded(base: BaseModel, tuned: FineTuned | None) -> Iterator[tuple[BaseModel, Any]]:
    """Yield what reads texts for a row, and the model that computes.

    An adapter is put on the base model, which reads the texts; a whole model reads them itself, with its own tokenizer.

    Raises
    ------
    UserError
        If the weights do not fit, or are no longer those that the row is named after.
    """
    if tuned is None:
        yield base, base.model
    elif tuned.whole is None:
        with adapters.attached(base, tuned.folder) as model:
            if content(tuned.folder) != tuned.content:
                raise _changed(tuned.folder)
            yield base, model
    else:
        other = replace(base_model.load(tuned.whole), keeps_control_tokens=base.keeps_control_tokens)
        if _content(tuned.whole, anew=True) != tuned.content:
            raise _changed(tuned.folder)
        yield other, other.model


def _check_shapes(folder: Path, base: Path) -> None:
    """Refuse a model that cannot have been fine-tuned from the base model."""
    ours, theirs = skeleton(base), skeleton(folder)
    kinds = [model.config.model_type for model in (ours, theirs)]
    if kinds[0] != kinds[1]:
        raise UserError(f"{folder}: a model of type {quoted(kinds[1])}, where the base model is of {quoted(kinds[0])}")
    for name in HEADS:
        here, there = (getattr(text_config(model), name, None) for model in (ours, theirs))
        if here != there:
            raise UserError(f"{folder}: not fine-tuned from the base model: {name} is {there}, there {here}")
    tokens = {vocabulary(model) for model in (ours, theirs)}
    expected, found = _shapes(ours, tokens), _shapes(theirs, tokens)
    for name in [*expected, *found]:
        if (there := found.get(name)) != (here := expected.get(name)):
            raise UserError(
                f"{folder}: not fine-tuned from the base model: {name} has the shape {there}, there {here}"
                " (None: it has no such weights)"
            )


def _shapes(model: Any, tokens: set[int]) -> dict[str, tuple[int | str, ...]]:
    """Return the shapes of a model's weights, whatever its number of tokens."""
    return {
        name: tuple("tokens" if side in tokens else side for side in weight.shape)
        for name, weight in model.named_parameters()
    }
