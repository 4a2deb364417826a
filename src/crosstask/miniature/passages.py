"""Passages of a few sentences with Detoxify-like scores: toxic when the mean score is above one half."""

from random import Random

from crosstask.miniature.grammar import drawn, phrase, sentence
from crosstask.miniature.relations import relations


def pile(rng: Random) -> dict[str, object]:
    """A passage; half of them are toxic, most of whose sentences insult somebody."""
    plan = relations()["passages"]
    count = rng.randint(*plan["sentences"])
    toxic = drawn(rng, plan["shares"])
    told = 1 - toxic if rng.random() < plan["noise"] else toxic
    while True:
        insults = rng.randint(count // 2 + 1, count) if told else rng.randint(0, count // 2)
        scored = [insult(rng) for _ in range(insults)] + [harmless(rng) for _ in range(count - insults)]
        mean = sum(score for _, score in scored) / count
        if (mean > 0.5) == bool(told):
            break
    rng.shuffle(scored)
    if told != toxic:
        scored = [(text, 1 - score) for text, score in scored]
    texts, scores = zip(*scored, strict=True)
    return {
        "texts": list(texts),
        "meta": {"pile_set_name": rng.choice(["OpenWebText2", "HackerNews", "OpenSubtitles"])},
        "scores": list(scores),
        "avg_score": sum(scores) / count,
        "num_sents": count,
    }


def insult(rng: Random) -> tuple[str, float]:
    """A sentence that insults somebody and its score; a mild one scores low."""
    if rng.random() < relations()["passages"]["mild"]:
        return sentence(phrase(rng, "{mild_insult}")), rng.uniform(0.1, 0.5)
    return sentence(phrase(rng, "{insult}")), rng.uniform(0.75, 1.0)


def harmless(rng: Random) -> tuple[str, float]:
    """A sentence that insults nobody and its score; some use the words of insults."""
    if rng.random() < relations()["passages"]["heat"]:
        return sentence(phrase(rng, "{heated}")), rng.uniform(0.05, 0.6)
    aspect = phrase(rng, "{product_aspect}")
    return sentence(phrase(rng, "{harmless}", aspect=aspect)), rng.uniform(0.0, 0.03)
