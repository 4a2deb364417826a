"""Measures of similarity against other libraries and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cosine
from scipy.stats import wasserstein_distance
from sklearn.feature_extraction.text import CountVectorizer

from crosstask.analysis.matrix.data_set_similarity import similarities
from crosstask.data.examples import Example
from crosstask.features.surface import embedding_profile, profile

TEXTS = {
    ("source", "films"): (["the film was good", "a bad film it was"], ["1", "0"], ["0", "1"]),
    ("source", "sums"): (["1 + 2", "what is 30 plus 4"], ["3", "34"], []),
    ("target", "films"): (["the film was bad", "it is good and the plot is bad"], ["0", "0"], ["0", "1"]),
    ("target", "stars"): (["the phone is good", "good"], ["2", "1"], ["1", "2", "3"]),
}
VECTORS = {
    ("source", "films"): [1, 2],
    ("source", "sums"): [0, 1],
    ("target", "films"): [4, 2],
    ("target", "stars"): [3, 3],
}


def examples(key: tuple[str, str]) -> list[Example]:
    prompts, answers, _ = TEXTS[key]
    return [Example(f"train-{i}", p, a) for i, (p, a) in enumerate(zip(prompts, answers, strict=True))]


@pytest.fixture(scope="module")
def measured() -> pd.Series:
    frames = []
    for (role, name), (_, _, labels) in TEXTS.items():
        vector = VECTORS[role, name]
        kept = [profile(examples((role, name)), labels), embedding_profile(vector)]
        kept.append(embedding_profile(vector[::-1], "sentence_embedding"))
        frames.append(pd.concat(kept).assign(role=role, name=name))
    return similarities(pd.concat(frames)).set_index(["measure", "source", "target"])["similarity"]


def counted(**settings: object) -> dict[tuple[str, str], np.ndarray]:
    """Scikit-learn's counts of each data set's rows."""
    vectorizer = CountVectorizer(**settings)
    vectorizer.fit([f"{e.prompt} {e.answer}" for key in TEXTS for e in examples(key)])
    return {k: vectorizer.transform([f"{e.prompt} {e.answer}" for e in examples(k)]).toarray() for k in TEXTS}


PAIRS = [(s, t) for s in ("films", "sums") for t in ("films", "stars")]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_words_agree_with_scikit_learns(measured: pd.Series, source: str, target: str):
    counts = counted(token_pattern=r"\w+")
    rows = np.vstack(list(counts.values()))
    idf = np.log((1 + len(rows)) / (1 + (rows > 0).sum(0))) + 1
    one, two = (counts[key].sum(0) for key in (("source", source), ("target", target)))
    assert measured["tfidf", source, target] == pytest.approx(1 - cosine(one * idf, two * idf))
    both, either = ((one > 0) & (two > 0)).sum(), ((one > 0) | (two > 0)).sum()
    assert measured["vocabulary", source, target] == pytest.approx(both / either)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_character_trigrams_agree_with_scikit_learns(measured: pd.Series, source: str, target: str):
    texts = {key: [f"{e.prompt}{e.answer}" for e in examples(key)] for key in TEXTS}
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(3, 3)).fit(
        [text for rows in texts.values() for text in rows]
    )
    one, two = (vectorizer.transform(texts[key]).toarray().sum(0) for key in (("source", source), ("target", target)))
    expected = 1 - cosine(one, two) if one.any() and two.any() else np.nan
    assert measured["char_ngrams", source, target] == pytest.approx(expected, nan_ok=True)


def test_function_words_by_hand(measured: pd.Series):
    """Burrows's Delta: shares of stop words in all words, z-scored over data sets, mean absolute difference."""
    words = {key: " ".join(f"{e.prompt} {e.answer}" for e in examples(key)).replace("+", "").split() for key in TEXTS}
    stop = sorted({"the", "was", "a", "it", "is", "and", "what"})
    shares = np.array([[words[key].count(word) / len(words[key]) for word in stop] for key in TEXTS])
    scores = (shares - shares.mean(0)) / shares.std(0)
    assert measured["function_words", "films", "films"] == pytest.approx(-np.abs(scores[0] - scores[2]).mean())
    assert measured["function_words", "sums", "stars"] == pytest.approx(-np.abs(scores[1] - scores[3]).mean())


def test_embeddings_are_centered(measured: pd.Series):
    vectors = np.array([VECTORS[key] for key in TEXTS], dtype=float)
    vectors -= vectors.mean(0)
    for measure in ("embedding", "sentence_embedding"):
        assert measured[measure, "films", "stars"] == pytest.approx(1 - cosine(vectors[0], vectors[3]))


def test_labels_and_their_shares(measured: pd.Series):
    assert measured["labels", "films", "films"] == 1
    assert measured["labels", "films", "stars"] == pytest.approx(1 / 4)
    # films (source): 0 and 1 by halves; films (target): 0 always; stars: 1 and 2 by halves
    assert measured["class_prior", "films", "films"] == pytest.approx(-0.5)
    assert measured["class_prior", "films", "stars"] == pytest.approx(-0.5)
    assert ("labels", "sums", "films") not in measured.index or np.isnan(measured["labels", "sums", "films"])


def test_lengths(measured: pd.Series):
    one, two = ([np.log1p(len(e.prompt)) for e in examples(key)] for key in (("source", "sums"), ("target", "stars")))
    assert measured["prompt_length", "sums", "stars"] == pytest.approx(-wasserstein_distance(one, two))
    assert measured["answer_length", "films", "films"] == 0
