"""Features of a parsed text: parts of speech, dependency relations, entities, and the shape of its trees."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

VERSION = 1
"""Part of what the features are kept under: raise it when the same parse comes to have others."""
PREFIXES = {"pos": "part of speech", "relation": "dependency relation", "entity": "kind of entity"}


def parse_measures(doc: Any, labels: Iterable[str]) -> dict[str, float]:
    """Return the features of a parsed text.

    Parameters
    ----------
    doc
        spaCy's ``Doc``, with sentences, tags, dependencies and entities.
    labels
        Names of all counts, such as ``relation_oprd``, as from `count_names`.

    Returns
    -------
    dict
        Counts, 0 where there are none, of universal parts of speech, of relations (of tokens to their heads) and of
        entities; ``tokens`` (without white space), ``parsed_sentences``, ``tree_depth``, the longest way from a token
        up to its root, and ``dependency_distance``, the mean distance of a token from its head in tokens. NaN: there
        are no two tokens in a sentence.
    """
    tokens = [token for token in doc if not token.is_space]
    found = Counter(f"pos_{token.pos_}" for token in tokens)
    found.update(f"relation_{token.dep_}" for token in tokens)
    found.update(f"entity_{entity.label_}" for entity in doc.ents)
    distances = [abs(token.i - token.head.i) for token in tokens if token.head is not token and token.head.i != token.i]
    return {
        "tokens": len(tokens),
        "parsed_sentences": sum(any(not token.is_space for token in sentence) for sentence in doc.sents),
        "tree_depth": _depth(doc),
        "dependency_distance": sum(distances) / len(distances) if distances else math.nan,
        **{name: found[name] for name in labels},
    }


def _depth(doc: Any) -> int:
    """Return the most arcs between a token and the root of its sentence."""
    heads = [token.head.i for token in doc]
    depths: dict[int, int] = {place: 0 for place, head in enumerate(heads) if head == place}
    for start in range(len(heads)):
        way = []
        place = start
        while place not in depths:
            way.append(place)
            place = heads[place]
        for back in reversed(way):
            depths[back] = depths[heads[back]] + 1
    return max(depths.values(), default=0)
