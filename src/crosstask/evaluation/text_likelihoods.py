"""Text likelihoods: the log-probability of whole texts, in windows where they are longer than the context."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from crosstask.evaluation.unpadded import answer_log_probabilities
from crosstask.models.language_model import BaseModel
from crosstask.models.pass_tokens import Pass, pass_tokens
from crosstask.models.tokenization import encode_texts, pad_batch

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class WindowLikelihood:
    """The log-probability of the tokens of one window."""

    text_number: int
    """Of the text that it is a window of, from 0."""
    log_probability: float
    """Natural logarithm of the probability of all of its new tokens together."""
    tokens: int
    """New tokens, those that no earlier window has."""
    control_tokens: int
    """Control tokens that the text holds, counted in its first window."""

    def columns(self) -> dict[str, Any]:
        """Return it as the columns of a row of outputs."""
        return {
            "text_number": self.text_number,
            "log_probability": self.log_probability,
            "tokens": self.tokens,
            "control_tokens": self.control_tokens,
        }


class TextLikelihoodRequests:
    """Windows of texts.

    The first token of a text is predicted after the model's begin token, or after its end token where it has none. Each
    window reads at most as many tokens as the context has; every token is predicted once, and all windows but the first
    read tokens before their new ones: one at least, in the last one as many as fit. That is how
    lm-evaluation-harness reads whole texts.
    """

    def __init__(self, base: BaseModel, texts: Sequence[str]) -> None:
        self.pad = base.pad
        self.unpadded = base.unpadded
        prefix = base.begin[-1] if base.begin else base.end
        self.windows: list[tuple[int, Tokens, Tokens, int]] = []
        """Number of the text, tokens that are read only, tokens that are predicted, control tokens."""
        for number, (tokens, control_tokens) in enumerate(encode_texts(base, texts)):
            for place, (read, new) in enumerate(windows(tokens, prefix, base.context)):
                self.windows.append((number, read, new, 0 if place else control_tokens))
        self.lengths = [len(read) + len(new) for _, read, new, _ in self.windows]
        """Tokens that each window takes up."""
        self.batch_tokens = pass_tokens(base, Pass.texts)

    def run(self, model: Any, members: Sequence[int]) -> list[WindowLikelihood]:
        """Return the log-probabilities of some of the windows."""
        chosen = [self.windows[member] for member in members]
        pairs = [(read, new) for _, read, new, _ in chosen]
        found = answer_log_probabilities(model, pairs) if self.unpadded else _in_batch(model, pairs, self.pad)
        return [
            WindowLikelihood(number, value, len(new), control_tokens)
            for (number, _, new, control_tokens), value in zip(chosen, found, strict=True)
        ]


def windows(tokens: Tokens, prefix: int, context: int) -> Iterator[tuple[Tokens, Tokens]]:
    """Yield the windows of a text: tokens that are read only, and tokens that are predicted.

    The last token of a window is predicted and not read, so a window has at most one token more than the context.

    Examples
    --------
    >>> list(windows((1, 2, 3, 4, 5), prefix=0, context=4))
    [((0,), (1, 2, 3, 4)), ((1, 2, 3, 4), (5,))]
    """
    yield (prefix,), tokens[:context]
    for start in range(context, len(tokens), context):
        end = min(start + context, len(tokens))
        yield tokens[max(0, end - context - 1) : start], tokens[start:end]


@torch.inference_mode()
def _in_batch(model: Any, pairs: Sequence[tuple[Tokens, Tokens]], pad: int) -> list[float]:
    """Return the sum of the log-probabilities of the second part of each pair after the first."""
    ids, mask = (
        part.to(next(model.parameters()).device) for part in pad_batch([a + b for a, b in pairs], pad, left=False)
    )
    logits = model(input_ids=ids[:, :-1], attention_mask=mask[:, :-1], use_cache=False).logits
    found = []
    for row, (read, new) in enumerate(pairs):
        at = slice(len(read) - 1, len(read) + len(new) - 1)
        following = torch.tensor(new, device=ids.device)[:, None]
        found.append(float(logits[row, at].float().log_softmax(-1).gather(1, following).double().sum()))
    return found
