"""Short judgements of three kinds: phrases and sentences about films (SST-2, Rotten Tomatoes) and tweets."""

from random import Random

from crosstask.miniature.grammar import drawn, judgement, labelled, phrase
from crosstask.miniature.relations import relations
from crosstask.miniature.reviews import claim, strength_of


def sst2(rng: Random) -> dict[str, object]:
    """A phrase out of a film review in lower case, negative (0) or positive (1)."""
    label, claims = _judged(rng, "sst2")
    return {"idx": 0, "sentence": f"{' , '.join(claims).lower()} ", "label": label}


def rotten_tomatoes(rng: Random) -> dict[str, object]:
    """A sentence of a film critic in lower case, negative (0) or positive (1)."""
    label, claims = _judged(rng, "rotten_tomatoes")
    opening = phrase(rng, "{critic}")
    return {"text": f"{opening} : {' and '.join(claims)} .".lower(), "label": label}


def tweet_eval_sentiment(rng: Random) -> dict[str, object]:
    """A tweet about a product, a film or nothing in particular: negative (0), neutral (1) or positive (2)."""
    label, claims = _judged(rng, "tweet_eval_sentiment")
    told = [*claims, phrase(rng, "{small_talk}")]
    rng.shuffle(told)
    opening, closing = rng.choice(["", "", "@user "]), phrase(rng, "{tag}")
    return {"text": f"{opening}{'! '.join(told)} {closing}", "label": label}


def financial_phrasebank(rng: Random) -> dict[str, object]:
    """A sentence of business news, for an investor negative (0), neutral (1) or positive (2)."""
    plan = relations()["reviews"]["financial_phrasebank"]
    label, told = labelled(rng, plan)
    kind = ("bad_news", "no_news", "good_news")[told]
    adjective = judgement(rng, (-1, 0, 1)[told])
    text = phrase(rng, f"{{{kind}}}", judgement=adjective, n=rng.randint(3, 90))
    return {"sentence": f"{text[0].upper()}{text[1:]} .", "label": label}


def _judged(rng: Random, dataset: str) -> tuple[int, list[str]]:
    """A class and the judgements of a text that was drawn for it, or at times for another."""
    plan = relations()["reviews"][dataset]
    label, told = labelled(rng, plan)
    stars = drawn(rng, plan["stars"][told])
    domain = rng.choice(plan["domains"])
    return label, [claim(rng, strength_of(rng, stars), domain) for _ in range(rng.randint(*plan["judgements"]))]
