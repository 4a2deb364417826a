"""Variants of which rows a source is trained on."""

from crosstask.data.examples import Example
from crosstask.variants.changed import Changed, Source


def fewer(source: Source, share: float) -> Changed:
    """A share of the rows; those of a smaller share are among those of a larger one."""
    total = len(source.examples)
    count = max(1, round(share * total))
    order = [*range(total)]
    source.random("which rows").shuffle(order)
    kept = sorted(order[:count])
    return Changed([source.examples[place] for place in kept], 1 - count / total, f"{count} of {total} rows")


def other(source: Source, drawn: list[Example]) -> Changed:
    """Other rows of the same data set.

    Parameters
    ----------
    source
        The source with its own rows.
    drawn
        The other rows.

    Raises
    ------
    NotApplicable
        If there are no others.
    """
    own = {example.id for example in source.examples}
    again = sum(example.id in own for example in drawn)
    if again == len(drawn):
        raise source.refuse(
            f"has no other rows: variant.seed={source.seed} draws the {len(drawn)} that it is trained on anyway"
        )
    return Changed(drawn, 1 - again / len(drawn), f"{len(drawn) - again} of {len(drawn)} rows are others")
