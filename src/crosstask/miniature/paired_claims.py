"""More pairs of sentences: textual entailment (RTE, SICK) and repeated questions (QQP)."""

from random import Random

from crosstask.miniature.grammar import drawn, phrase, sentence
from crosstask.miniature.relations import lexicon, relations
from crosstask.miniature.sentence_pairs import CONTRADICTION, ENTAILMENT, NEUTRAL, opinion, scene

SLOTS = ("city", "goods", "service", "job", "month", "skill", "relative")


def rte(rng: Random) -> dict[str, object]:
    """A short text and a statement that follows from it (0) or does not (1)."""
    label, told = _label(rng, "rte")
    relation = rng.choice([NEUTRAL, CONTRADICTION]) if told else ENTAILMENT
    premise, hypothesis = (opinion if rng.random() < relations()["sentence_pairs"]["rte"]["opinions"] else scene)(
        rng, relation
    )
    context = phrase(rng, "{news}")
    return {
        "sentence1": f"{sentence(context)} {sentence(premise)}",
        "sentence2": sentence(hypothesis),
        "label": label,
        "idx": 0,
    }


def sick(rng: Random) -> dict[str, object]:
    """Two plain sentences: the second follows (0), is open (1) or contradicts the first (2)."""
    label, told = _label(rng, "sick")
    first, second = scene(rng, told)
    return {"id": "0", "sentence_A": sentence(first)[:-1], "sentence_B": sentence(second)[:-1], "label": label}


def qqp(rng: Random) -> dict[str, object]:
    """Two questions that ask for the same (1) or for something else (0) in nearly the same words."""
    label, told = _label(rng, "qqp")
    *forms, varied = rng.choice(lexicon()["questions"])
    values = {slot: phrase(rng, f"{{{slot}}}") for slot in SLOTS}
    first, second = (
        rng.sample(forms, 2) if rng.random() < relations()["sentence_pairs"]["qqp"]["reworded"] else forms[:1] * 2
    )
    other = values if told else values | {varied: _another(rng, varied, values[varied])}
    if first == second and told:
        first, second = forms[:2]
    return {
        "question1": phrase(rng, first, **values),
        "question2": phrase(rng, second, **other),
        "label": label,
        "idx": 0,
    }


def _label(rng: Random, dataset: str) -> tuple[int, int]:
    """The label of a row, and the one that its text was drawn for."""
    plan = relations()["sentence_pairs"][dataset]
    label = drawn(rng, plan["shares"])
    return label, drawn(rng, plan["shares"]) if rng.random() < plan["noise"] else label


def _another(rng: Random, slot: str, value: str) -> str:
    """Another entry of a word list."""
    return rng.choice([entry for entry in lexicon()[slot] if entry != value])
