"""Pairs of sentences: entailment (MNLI) and paraphrase with word swaps (PAWS)."""

from random import Random

from crosstask.miniature.grammar import capital, drawn, judgement, labelled, phrase, sentence
from crosstask.miniature.relations import lexicon, relations

ENTAILMENT, NEUTRAL, CONTRADICTION = 0, 1, 2


def mnli(rng: Random) -> dict[str, object]:
    """Premise and hypothesis with the label 0 entailment, 1 neutral or 2 contradiction."""
    plan = relations()["sentence_pairs"]["mnli"]
    label, told = labelled(rng, plan)
    pair = opinion if rng.random() < plan["opinions"] else scene
    premise, hypothesis = pair(rng, told)
    return {"premise": sentence(premise), "hypothesis": sentence(hypothesis), "label": label}


def paws(rng: Random) -> dict[str, object]:
    """Two sentences of nearly the same words with the label 1 paraphrase or 0 not."""
    plan = relations()["sentence_pairs"]["paws"]
    label = drawn(rng, plan["shares"])
    same = (label == 1) != (rng.random() < plan["noise"])
    *forms, exchanged = rng.choice(lexicon()["statements"])
    values = _arguments(rng)
    first = phrase(rng, forms[0], **values)
    if not same:
        values.update({slot: values[other] for slot, other in zip(exchanged, exchanged[::-1], strict=True)})
    second = phrase(rng, _form(rng, forms, same), **values)
    if rng.random() < 0.5:
        first, second = second, first
    return {"sentence1": capital(first), "sentence2": capital(second), "label": label}


def scene(rng: Random, label: int) -> tuple[str, str]:
    """Somebody does something somewhere, and a statement about it."""
    action, general, excluded = rng.choice(lexicon()["actions"])
    place, region, elsewhere = rng.choice(lexicon()["places"])
    person, age = phrase(rng, "{person}"), phrase(rng, "{age}")
    premise = f"{rng.choice(['a', 'the'])} {age} {person} is {action} {place}"
    statements = {
        ENTAILMENT: [
            f"a {person} is {general}",
            f"somebody is {general} {region}",
            f"there is a {age} {person} {place}",
            f"the {person} is {region}",
            f"the {person} is not {excluded}",
        ],
        NEUTRAL: [
            phrase(rng, f"the {person} is {general} {{guess}}"),
            phrase(rng, f"a {person} {{guessed_state}}"),
            phrase(rng, f"the {age} {person} is {region} {{guess}}"),
            phrase(rng, f"the {person} {{guessed_state}}"),
        ],
        CONTRADICTION: [
            f"a {person} is {excluded}",
            f"the {person} is {elsewhere}",
            f"nobody is {general} {region}",
            f"the {person} is not {general}",
            f"there is no {person} {region}",
        ],
    }
    return premise, rng.choice(statements[label])


def opinion(rng: Random, label: int) -> tuple[str, str]:
    """Somebody judges something, and a statement of another or the same sign."""
    strength = rng.choice([-2, -1, 1, 2])
    one, other = rng.sample(lexicon()["service"], 2)
    premise = f"the {one} was {judgement(rng, strength)} but the {other} was {judgement(rng, -strength)}"
    strength, about = rng.choice([(strength, one), (-strength, other)])
    sign = 1 if strength > 0 else -1
    if label == NEUTRAL:
        return premise, phrase(
            rng,
            rng.choice([f"the {about} was new", f"my {{relative}} liked the {about}", f"the {about} is in {{city}}"]),
        )
    held = sign if label == ENTAILMENT else -sign
    return premise, phrase(rng, f"the {about} was {{intensity}} {judgement(rng, held)}")


def _arguments(rng: Random) -> dict[str, str]:
    """Fresh values for every slot a statement can have."""
    words = lexicon()
    X, Y = rng.sample(words["city"], 2)
    A, B = rng.sample(words["name"], 2)
    J, K = rng.sample(words["job"], 2)
    C, D = rng.sample(words["colour"], 2)
    return {"A": A, "B": B, "C": C, "D": D, "J": J, "K": K, "X": X, "Y": Y, "time": phrase(rng, "{date}")}


def _form(rng: Random, forms: list[str], same: bool) -> str:
    """The template of the second sentence: plain, reordered or reworded."""
    plan = relations()["sentence_pairs"]["paws"]
    _, reordered, reworded = forms
    if same or rng.random() < plan["disguised"]:
        return reworded if rng.random() < plan["reworded"] else reordered
    return forms[0]
