"""More pairs of sentences: textual entailment (RTE, SICK) and repeated questions (QQP)."""

from random import Random

from crosstask.miniature.grammar import labelled, phrase, sentence
from crosstask.miniature.relations import lexicon, relations
from crosstask.miniature.sentence_pairs import CONTRADICTION, ENTAILMENT, NEUTRAL, opinion, scene

_SLOTS = ("city", "goods", "service", "job", "month", "skill", "relative")


def rte(rng: Random) -> dict[str, object]:
    """A short text and a statement that follows from it (0) or does not (1)."""
    plan = relations()["sentence_pairs"]["rte"]
    label, told = labelled(rng, plan)
    relation = rng.choice([NEUTRAL, CONTRADICTION]) if told else ENTAILMENT
    pair = opinion if rng.random() < plan["opinions"] else scene
    premise, hypothesis = pair(rng, relation)
    context = phrase(rng, "{news}")
    return {
        "sentence1": f"{sentence(context)} {sentence(premise)}",
        "sentence2": sentence(hypothesis),
        "label": label,
        "idx": 0,
    }


def sick(rng: Random) -> dict[str, object]:
    """Two plain sentences: the second follows (0), is open (1) or contradicts the first (2)."""
    label, told = labelled(rng, relations()["sentence_pairs"]["sick"])
    first, second = scene(rng, told)
    return {"id": "0", "sentence_A": sentence(first)[:-1], "sentence_B": sentence(second)[:-1], "label": label}


def qqp(rng: Random) -> dict[str, object]:
    """Two questions that ask for the same (1) or for something else (0) in nearly the same words."""
    plan = relations()["sentence_pairs"]["qqp"]
    label, told = labelled(rng, plan)
    *forms, varied = rng.choice(lexicon()["questions"])
    values = {slot: phrase(rng, f"{{{slot}}}") for slot in _SLOTS}
    reworded = rng.random() < plan["reworded"]
    first, second = rng.sample(forms, 2) if reworded else forms[:2] if told else forms[:1] * 2
    other = values if told else values | {varied: _another(rng, varied, values[varied])}
    return {
        "question1": phrase(rng, first, **values),
        "question2": phrase(rng, second, **other),
        "label": label,
        "idx": 0,
    }


def _another(rng: Random, slot: str, value: str) -> str:
    """Another entry of a word list."""
    return rng.choice([entry for entry in lexicon()[slot] if entry != value])
