"""Plain text is scored by the probability of its bytes."""

import math
from dataclasses import replace

import pandas as pd
import pytest
import torch

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import scorer
from crosstask.evaluation.text_likelihoods import TextLikelihoodRequests, windows
from crosstask.models.language_model import BaseModel
from tests.support.targets import responses, target

TASK = Task(prompt="", answer="{{ text }}", metric="bits_per_byte")
TEXTS = ["the film was good", "été at the sea, with a very long sentence behind it that goes on", "a"]


def rows(texts: list[str]) -> list[Example]:
    return [Example(f"test-{place}", "", text) for place, text in enumerate(texts)]


def by_transformers(base: BaseModel, text: str) -> float:
    """Return the log-probability of a text that fits into the context, from the loss that transformers computes."""
    ids = base.tokenizer(text, add_special_tokens=False)["input_ids"]
    whole = torch.tensor([[*(base.begin or (base.end,)), *ids]])
    assert whole.shape[1] <= base.context
    with torch.inference_mode():
        return -float(base.model(input_ids=whole, labels=whole).loss) * len(ids)


def test_bits_of_short_texts_are_those_of_the_models_own_loss(base: BaseModel):
    plain = target(scorer("plain", TASK), rows(TEXTS))
    outputs = pd.DataFrame({"example": ["0", "1", "2"], "reference": TEXTS})
    answers = plain.scorer.score(pd.concat([outputs, plain.scorer.outputs(responses(base, plain))], axis=1))
    for text, found in zip(TEXTS, answers.to_dict("records"), strict=True):
        bits = -by_transformers(base, text) / math.log(2)
        assert found["bits_per_byte"] == pytest.approx(bits / len(text.encode()), rel=1e-4)
        assert found["score"] == pytest.approx(2 ** (-bits / len(text.encode())), rel=1e-4)
    metrics = plain.scorer.metrics(answers)
    every = -sum(by_transformers(base, text) for text in TEXTS) / math.log(2)
    assert metrics["bits_per_byte"] == pytest.approx(every / sum(len(text.encode()) for text in TEXTS), rel=1e-4)
    assert metrics["score"] == pytest.approx(answers["score"].mean())


def test_a_text_longer_than_the_context_is_read_in_windows(base: BaseModel):
    """Each window is compared with a pass of its own over exactly its tokens."""
    short = replace(base, context=6)
    text = TEXTS[1]
    ids = tuple(base.tokenizer(text, add_special_tokens=False)["input_ids"])
    prefix = base.begin[-1] if base.begin else base.end
    expected, done = 0.0, 0
    while done < len(ids):
        end = min(done + 6, len(ids))
        read = (prefix,) if done == 0 else ids[max(0, end - 7) : done]
        with torch.inference_mode():
            logits = base.model(input_ids=torch.tensor([[*read, *ids[done : end - 1]]])).logits[0]
        assert logits.shape[0] <= 6
        following = logits[len(read) - 1 :].double().log_softmax(-1)
        expected += float(sum(following[place, token] for place, token in enumerate(ids[done:end])))
        done = end
    requests = TextLikelihoodRequests(short, [text])
    found = requests.run(base.model, range(len(requests.lengths)))
    assert len(found) > 2
    assert sum(window.tokens for window in found) == len(ids)
    assert sum(window.log_probability for window in found) == pytest.approx(expected, rel=1e-4)
    assert {window.text_number for window in found} == {0}


@pytest.mark.parametrize(
    ("tokens", "context", "expected"),
    [
        ((1, 2, 3), 4, [((0,), (1, 2, 3))]),
        ((1, 2, 3, 4), 4, [((0,), (1, 2, 3, 4))]),
        ((1, 2, 3, 4, 5, 6), 4, [((0,), (1, 2, 3, 4)), ((2, 3, 4), (5, 6))]),
        (tuple(range(1, 9)), 4, [((0,), (1, 2, 3, 4)), ((4,), (5, 6, 7, 8))]),
        ((1, 2, 3), 1, [((0,), (1,)), ((1,), (2,)), ((2,), (3,))]),
    ],
)
def test_windows_by_hand(tokens: tuple[int, ...], context: int, expected: list[object]):
    assert list(windows(tokens, 0, context)) == expected


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "{{ q }}"}, {"labels": ["a", "b"]}, {"system": "Read."}, {"shots": 2}, {"prompts": ["{{ q }}"]}],
)
def test_plain_text_has_no_question(changes: dict[str, object]):
    with pytest.raises(
        UserError, match=rf"the field '{next(iter(changes))}' has a value, and metric bits_per_byte reads"
    ):
        scorer("plain", replace(TASK, **changes))  # type: ignore[arg-type]
