"""The training examples of a job whose source has one property changed."""

from collections.abc import Callable, Mapping

from crosstask.config.task import Task
from crosstask.config.variant import Variant, VariantKind
from crosstask.data.examples import Example
from crosstask.errors import NotApplicable
from crosstask.variants.changed import Changed, Source
from crosstask.variants.classes import balanced, with_shares
from crosstask.variants.labels import numbered, shuffled, worded, wrong
from crosstask.variants.rows import fewer, other
from crosstask.variants.texts import long_answers, no_prompt, short_answers, shuffled_words

OtherRows = Callable[[str], list[Example]]
"""Draws other training rows of a source."""
_PLAIN: Mapping[VariantKind, Callable[[Source], Changed]] = {
    VariantKind.balanced: balanced,
    VariantKind.wrong_labels: lambda source: wrong(source, 1.0),
    VariantKind.shuffled_labels: shuffled,
    VariantKind.number_labels: numbered,
    VariantKind.word_labels: worded,
    VariantKind.short_answers: short_answers,
    VariantKind.long_answers: long_answers,
    VariantKind.no_prompt: no_prompt,
    VariantKind.shuffled_words: shuffled_words,
}
"""Kinds that need nothing but the source."""
_OF_ROWS = (VariantKind.balanced, VariantKind.shares, VariantKind.fewer_rows, VariantKind.other_rows)
"""Kinds that choose rows and leave each as it is."""


def vary(
    variant: Variant, trained: Mapping[str, list[Example]], tasks: Mapping[str, Task], other_rows: OtherRows
) -> dict[str, Changed]:
    """Return the training examples of each source with one property changed.

    Parameters
    ----------
    variant
        What is changed.
    trained
        The training examples of each source as they are.
    tasks
        The task of each.
    other_rows
        Draws the rows of ``other_rows``, given the name of a source.

    Raises
    ------
    NotApplicable
        If the variant makes no sense for one of the sources, or there is none.
    """
    if not trained:
        raise NotApplicable(f"variant={variant.kind}: base is trained on nothing")
    try:
        return {
            name: _changed(variant, Source(name, tasks[name], examples, variant.seed), other_rows)
            for name, examples in trained.items()
        }
    except NotApplicable as error:
        raise NotApplicable(f"variant={variant.kind}: {error}") from error


def vary_validation(
    variant: Variant, validation: Mapping[str, list[Example]], tasks: Mapping[str, Task]
) -> dict[str, list[Example]]:
    """Return the examples that a training is evaluated on, changed as those that it learns from: a kind that chooses
    among these leaves them as they are.
    """
    if variant.kind in (VariantKind.none, VariantKind.random_update, *_OF_ROWS):
        return dict(validation)
    found = {}
    for name, examples in validation.items():
        try:
            found[name] = _changed(variant, Source(name, tasks[name], examples, variant.seed), lambda _: []).examples
        except NotApplicable:  # none of these few rows happens to change
            found[name] = examples
    return found


def _changed(variant: Variant, source: Source, other_rows: OtherRows) -> Changed:
    """Return what one variant makes of one source."""
    share = 1.0 if variant.share is None else variant.share
    match variant.kind:
        case VariantKind.shares:
            if not variant.shares:
                raise source.refuse("needs variant.shares={label: share}")
            return with_shares(source, variant.shares)
        case VariantKind.share_wrong:
            return wrong(source, share)
        case VariantKind.fewer_rows:
            return fewer(source, share)
        case VariantKind.other_rows:
            return other(source, other_rows(source.name))
        case VariantKind.random_update:
            return Changed(list(source.examples), 1.0, "no training: a random update of the same norm in every layer")
    return _PLAIN[variant.kind](source)
