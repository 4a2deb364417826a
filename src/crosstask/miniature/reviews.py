"""Reviews of products and films: one vocabulary of judging words, three data sets with their own labels and lengths."""

from random import Random
from typing import Any

from crosstask.miniature.grammar import STRENGTHS, drawn, judgement, labelled, phrase, sentence
from crosstask.miniature.relations import lexicon, relations

INSTRUCTION = "Classify the sentiment of the review as positive, negative or neutral."


def flipkart(rng: Random) -> dict[str, object]:
    """A terse product review in one of three classes of very unequal size."""
    plan = relations()["reviews"]["flipkart"]
    label, told = labelled(rng, plan)
    stars = drawn(rng, plan["stars"][told])
    count = rng.randint(*plan["judgements"][told])
    return {"instruction": INSTRUCTION, "input": _brief(rng, stars, count), "output": label}


def amazon(rng: Random) -> dict[str, object]:
    """A product review of a few sentences with one to five stars."""
    plan = relations()["reviews"]["amazon"]
    stars, told = labelled(rng, plan)
    strength = strength_of(rng, told)
    title = phrase(rng, f"{{verdict_{STRENGTHS[strength]}}}")
    return {"class_index": stars, "review_title": title, "review_text": _text(rng, told, plan, "product")}


def imdb(rng: Random) -> dict[str, object]:
    """A long film review, negative (0) or positive (1), with much that judges nothing."""
    plan = relations()["reviews"]["imdb"]
    label = drawn(rng, plan["shares"])
    told = 1 - label if rng.random() < plan["noise"] else label
    return {"text": _text(rng, drawn(rng, plan["stars"][told]), plan, "film"), "label": label}


def strength_of(rng: Random, stars: int) -> int:
    """Strength of one judgement in a review of so many stars."""
    return rng.choices(list(STRENGTHS), weights=relations()["reviews"]["evidence"][stars])[0]


def claim(rng: Random, strength: int, domain: str, style: str = "judging") -> str:
    """One judgement, as a set phrase or about an aspect."""
    if rng.random() < relations()["reviews"]["verdict"]:
        return phrase(rng, f"{{verdict_{STRENGTHS[strength]}}}")
    aspect = rng.choice(lexicon()[f"{domain}_aspect"])
    return phrase(rng, rng.choice(lexicon()[style]), aspect=aspect, judgement=judgement(rng, strength))


def _brief(rng: Random, stars: int, count: int) -> str:
    """So many judgements in telegram style."""
    claims = [claim(rng, strength_of(rng, stars), "product", "brief_judging") for _ in range(count)]
    return rng.choice([", ", " ", " . ", " and "]).join(claims)


def _text(rng: Random, stars: int, plan: dict[str, Any], domain: str) -> str:
    """Judgements and asides of a review in random order, some judgements joined to one sentence."""
    strengths = [strength_of(rng, stars) for _ in range(rng.randint(*plan["judgements"]))]
    sentences = []
    while strengths:
        first = strengths.pop()
        told = claim(rng, first, domain)
        if strengths and rng.random() < 0.3:
            second = strengths.pop()
            opposed = first * second < 0 and rng.random() < relations()["reviews"]["contrast"]
            told += (" but " if opposed else " and ") + claim(rng, second, domain)
        sentences.append(told)
    for _ in range(rng.randint(*plan["asides"])):
        sentences.append(phrase(rng, f"{{{domain}_aside}}", judgement=judgement(rng, rng.choice(list(STRENGTHS)))))
    rng.shuffle(sentences)
    return " ".join(map(sentence, sentences))
