"""Rows of the miniature's data sets by name and split, the same in every process."""

from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

from crosstask.errors import UserError
from crosstask.miniature.arithmetic import goat
from crosstask.miniature.equations import held_out
from crosstask.miniature.paired_claims import qqp, rte, sick
from crosstask.miniature.passages import pile
from crosstask.miniature.programs import magicoder
from crosstask.miniature.relations import relations
from crosstask.miniature.reviews import amazon, flipkart, imdb
from crosstask.miniature.sentence_pairs import mnli, paws
from crosstask.miniature.short_problems import asdiv, multiarith, svamp
from crosstask.miniature.short_reviews import financial_phrasebank, rotten_tomatoes, sst2, tweet_eval_sentiment
from crosstask.miniature.word_problems import gsm8k, metamath

Row = dict[str, Any]

GENERATORS: dict[str, Callable[[Random], Row]] = {
    "gsm8k": gsm8k,
    "metamath": metamath,
    "goat": goat,
    "magicoder": magicoder,
    "paws": paws,
    "mnli": mnli,
    "pile": pile,
    "flipkart": flipkart,
    "amazon": amazon,
    "imdb": imdb,
    "svamp": svamp,
    "asdiv": asdiv,
    "multiarith": multiarith,
    "sst2": sst2,
    "rotten_tomatoes": rotten_tomatoes,
    "tweet_eval_sentiment": tweet_eval_sentiment,
    "financial_phrasebank": financial_phrasebank,
    "rte": rte,
    "sick": sick,
    "qqp": qqp,
}
INPUTS = {
    "gsm8k": ("question",),
    "metamath": ("query",),
    "goat": ("instruction",),
    "magicoder": ("problem",),
    "paws": ("sentence1", "sentence2"),
    "mnli": ("premise", "hypothesis"),
    "pile": ("texts",),
    "flipkart": ("input",),
    "amazon": ("review_text",),
    "imdb": ("text",),
    "svamp": ("question_concat",),
    "asdiv": ("body", "question"),
    "multiarith": ("question",),
    "sst2": ("sentence",),
    "rotten_tomatoes": ("text",),
    "tweet_eval_sentiment": ("text",),
    "financial_phrasebank": ("sentence",),
    "rte": ("sentence1", "sentence2"),
    "sick": ("sentence_A", "sentence_B"),
    "qqp": ("question1", "question2"),
}
LABELLED = (
    "paws",
    "mnli",
    "imdb",
    "sst2",
    "rotten_tomatoes",
    "tweet_eval_sentiment",
    "financial_phrasebank",
    "rte",
    "sick",
    "qqp",
)
CLASSES = dict.fromkeys(LABELLED, "label") | {"flipkart": "output", "amazon": "class_index"}
"""The column with the class; pile's follows from its score."""
PROBLEMS = ("gsm8k", "metamath", "svamp", "asdiv", "multiarith")
NUMBERED: dict[str, tuple[str, Callable[[int], object]]] = {
    **dict.fromkeys(("mnli", "sst2", "rte", "qqp"), ("idx", int)),
    "paws": ("id", int),
    "sick": ("id", str),
    "svamp": ("ID", "chal-{}".format),
}
"""The column with the number of a row, and how the data set writes it."""
SPLITS = ("train", "test")


def rows(dataset: str, split: str, draw: str = "") -> list[Row]:
    """Rows of one data set, with the columns it has on the Hub.

    Parameters
    ----------
    dataset
        One of `GENERATORS`.
    split
        ``train`` (4000 rows) or ``test`` (1000 rows).
    draw
        Another word draws other rows of the same kind, none of which has an input of the plain test split: the
        miniature was tuned on rows drawn as ``development``.

    Returns
    -------
    list of dict
        Rows with distinct inputs, none of which occurs in the other split. For ``goat`` that holds for the
        sums themselves, whatever their wording and the order of the operands. The rows are shared between
        calls: copy before changing them.

    Raises
    ------
    UserError
        If the miniature has no such data set or split.
    """
    if dataset not in GENERATORS:
        raise UserError(f"the miniature has no data set {dataset!r}; allowed: {', '.join(GENERATORS)}")
    if split not in SPLITS:
        raise UserError(f"data set {dataset!r} of the miniature has no split {split!r}; allowed: {', '.join(SPLITS)}")
    return _rows(dataset, split, draw)


def stream(dataset: str, seed: str = "pretrain", draw: str = "") -> Iterator[Row]:
    """Endless rows of one data set, none with an input of a test split; inputs may repeat."""
    rng = Random(f"{dataset} {seed}")
    tested = _test_keys(dataset) | _test_keys(dataset, draw)
    while True:
        row = GENERATORS[dataset](rng)
        if tested.isdisjoint(_keys(dataset, row)) and not (dataset == "goat" and held_out(row["input"])):
            yield row


@cache
def _rows(dataset: str, split: str, draw: str) -> list[Row]:
    """Distinct rows of a split, numbered where the data set numbers its rows.

    A row that repeats an earlier one is replaced by the next of its class, or the class with the shortest texts would
    be rarer than planned.
    """
    source = stream(dataset, f"{draw} train".strip(), draw) if split == "train" else _fresh(dataset, draw)
    seen: set[object] = set()
    kept: list[Row] = []
    wanted = None
    while len(kept) < relations()["rows"][split]:
        row = next(source)
        if wanted not in (None, class_of(dataset, row)):
            continue
        keys = _keys(dataset, row) if split == "test" else [_text(dataset, row)]
        fresh = seen.isdisjoint(keys)
        if fresh:
            seen.update(keys)
            kept.append(row)
        wanted = None if fresh else class_of(dataset, row)
    if dataset in NUMBERED:
        column, written = NUMBERED[dataset]
        kept = [{**row, column: written(number)} for number, row in enumerate(kept)]
    return kept


def class_of(dataset: str, row: Row) -> object:
    """The class of a row; None for data sets without classes."""
    if dataset == "pile":
        return int(row["avg_score"] > 0.5)
    return row[CLASSES[dataset]] if dataset in CLASSES else None


def _fresh(dataset: str, draw: str) -> Iterator[Row]:
    """Endless rows for a test split; those of another draw avoid the plain split, but for goat, which has few sums."""
    rng = Random(f"{dataset} {draw} test" if draw else f"{dataset} test")
    taken = _test_keys(dataset) if draw and dataset != "goat" else frozenset()
    while True:
        row = GENERATORS[dataset](rng)
        if (dataset != "goat" or held_out(row["input"])) and taken.isdisjoint(_keys(dataset, row)):
            yield row


@cache
def _test_keys(dataset: str, draw: str = "") -> frozenset[object]:
    """What no row outside the test split may have; word problems avoid those of all data sets of word problems."""
    names = {*PROBLEMS, dataset} if dataset in PROBLEMS else {dataset}
    return frozenset(key for name in names for row in _rows(name, "test", draw) for key in _keys(name, row))


def _keys(dataset: str, row: Row) -> list[object]:
    """What makes a row the same as another: its input, for metamath also the original problem."""
    if dataset == "metamath":
        return [row["query"], row["original_question"]]
    return [_text(dataset, row)]


def _text(dataset: str, row: Row) -> str:
    """The input of a row as one string."""
    parts = (row[column] for column in INPUTS[dataset])
    return " ".join(part if isinstance(part, str) else " ".join(part) for part in parts)
