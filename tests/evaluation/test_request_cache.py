"""Requests are made once for all adapters, and dropped before they fill the memory."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from crosstask.evaluation.generation import GenerationRequests
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.evaluation.request_cache import RequestCache
from crosstask.models.language_model import BaseModel


@dataclass
class Requests:
    """Requests of some lengths that are never run."""

    lengths: list[int]
    batch_tokens: int = 1
    run: Any = field(default=None)


class Made:
    """A cache that notes for which keys requests were made."""

    def __init__(self, limit: int) -> None:
        self.cache = RequestCache(limit)
        self.keys: list[str] = []

    def get(self, key: str, tokens: int) -> None:
        def make() -> Requests:
            self.keys.append(key)
            return Requests([tokens])

        assert self.cache.get(key, make).lengths == [tokens]


def test_requests_are_made_once():
    made = Made(limit=10)
    for key in ("a", "b", "a", "b"):
        made.get(key, 5)
    assert made.keys == ["a", "b"]


def test_those_not_used_for_longest_are_dropped_where_the_tokens_are_too_many():
    made = Made(limit=10)
    for key in ("a", "b", "a", "c", "a", "b"):
        made.get(key, 4)
    assert made.keys == ["a", "b", "c", "b"]
    assert made.cache.tokens == 8


def test_requests_that_are_too_many_by_themselves_are_kept_until_others_come():
    made = Made(limit=10)
    for key in ("a", "a", "b"):
        made.get(key, 11)
    assert made.keys == ["a", "b"]
    assert made.cache.tokens == 11


@pytest.mark.parametrize("kind", ["labels", "generation"])
def test_requests_do_not_keep_the_weights_of_a_model_in_memory(base: BaseModel, kind: str):
    class Weights:
        device = base.model.device

        def parameters(self) -> Iterator[Any]:
            return base.model.parameters()

    weights = Weights()
    gone = weakref.ref(weights)
    of_model = replace(base, model=weights)
    kept = (
        LabelLikelihoodRequests(of_model, ["a"], [["b", "c"]])
        if kind == "labels"
        else GenerationRequests(of_model, ["a"], 3)
    )
    del weights, of_model
    gc.collect()
    assert kept.lengths
    assert gone() is None
