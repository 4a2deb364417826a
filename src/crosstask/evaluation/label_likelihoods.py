"""Label likelihoods: the log-probability of each label after each prompt."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from crosstask.evaluation.unpadded import answer_log_probabilities
from crosstask.models.language_model import BaseModel
from crosstask.models.pass_tokens import Pass, pass_tokens
from crosstask.models.tokenization import Encoded, check_preceded, encode, pad_batch, truncate_prompt

Tokens = tuple[int, ...]


@dataclass(frozen=True)
class LabelLikelihoods:
    """The log-probability of each label after one prompt."""

    log_probabilities: list[float]
    """Natural logarithms, each at most 0, in the order of the labels; the end token is not part of a label."""
    tokens: list[Tokens]
    """The tokens of each label."""
    cut: int
    """Tokens that the prompt lost to the model's context."""
    control_tokens: int = 0
    """Control tokens that the prompt holds as text."""

    def columns(self) -> dict[str, Any]:
        """Return them as the columns of a row of outputs."""
        return {
            "log_probabilities": self.log_probabilities,
            "label_tokens": [list(tokens) for tokens in self.tokens],
            "prompt_cut": self.cut,
            "control_tokens": self.control_tokens,
        }


class LabelLikelihoodRequests:
    """Prompts, each with the labels to choose from after it, and with what stands before it.

    One forward pass over the prompts gives the first token of every label; labels of several tokens take one more,
    over the labels alone, which continues from the prompts' keys and values. A model that keeps more than those reads
    every label after its prompt instead.
    """

    def __init__(
        self,
        base: BaseModel,
        prompts: Sequence[str],
        labels: Sequence[Sequence[str]],
        systems: Sequence[str] | None = None,
    ) -> None:
        self.pad = base.pad
        of_each = list(zip(prompts, labels, systems or [""] * len(prompts), strict=True))
        every = [(prompt, label, system) for prompt, choice, system in of_each for label in choice]
        pairs = encode(base, *zip(*every, strict=True)) if every else []
        check_preceded(pairs)
        rest = iter(pairs)
        self.groups = [_same_prompt(base, list(islice(rest, len(choice)))) for choice in labels]
        self.tails = [_tails(group) for group in self.groups]
        self.unpadded = base.unpadded
        self.lengths = [_size(group, tails) for group, tails in zip(self.groups, self.tails, strict=True)]
        """Tokens that each request takes up."""
        self.batch_tokens = pass_tokens(base, Pass.texts if any(self.tails) or base.unpadded else Pass.likelihoods)

    def run(self, model: Any, members: Sequence[int]) -> list[LabelLikelihoods]:
        """Return the log-probabilities of the labels after some of the prompts."""
        groups = [self.groups[member] for member in members]
        found = self._unpadded(model, groups) if self.unpadded else self._padded(model, groups, members)
        return [
            LabelLikelihoods(
                log_probabilities, [pair.answer for pair in group], group[0].cut_prompt, group[0].control_tokens
            )
            for log_probabilities, group in zip(found, groups, strict=True)
        ]

    def _unpadded(self, model: Any, groups: Sequence[list[Encoded]]) -> list[list[float]]:
        """Return the log-probabilities of the labels after each prompt, each label read with its prompt."""
        found = iter(
            answer_log_probabilities(model, [(pair.prompt, pair.answer) for group in groups for pair in group])
        )
        return [[next(found) for _ in group] for group in groups]

    def _padded(self, model: Any, groups: Sequence[list[Encoded]], members: Sequence[int]) -> list[list[float]]:
        """Return the log-probabilities of the labels after each prompt, each prompt read once."""
        rows = [(row, tail) for row, member in enumerate(members) for tail in self.tails[member]]
        first, cache, mask = _after_prompts(self.pad, model, [group[0].prompt for group in groups], bool(rows))
        later = _after_tails(self.pad, model, rows, cache, mask) if rows else None
        return [
            [_log_probability(first[row], rows, later, row, pair.answer) for pair in group]
            for row, group in enumerate(groups)
        ]


def _same_prompt(base: BaseModel, pairs: Sequence[Encoded]) -> list[Encoded]:
    """Return one prompt with each label, cut alike so that the longest label fits."""
    longest = max(len(pair.answer) for pair in pairs)
    return [truncate_prompt(pair, base, base.context - longest + len(pair.answer)) for pair in pairs]


def _size(group: Sequence[Encoded], tails: Sequence[Tokens]) -> int:
    """Return the tokens that a request takes up: its prompt, once for each continuation of it, and those."""
    return len(group[0].prompt) * max(1, len(tails)) + sum(map(len, tails))


def _tails(group: Sequence[Encoded]) -> list[Tokens]:
    """Return the label beginnings to continue with: all tokens but the last, none a prefix of another, none empty."""
    kept: list[Tokens] = []
    for beginning in sorted({pair.answer[:-1] for pair in group}, key=lambda tokens: (-len(tokens), tokens)):
        if beginning and not any(longer[: len(beginning)] == beginning for longer in kept):
            kept.append(beginning)
    return kept


@torch.inference_mode()
def _after_prompts(
    pad: int, model: Any, prompts: Sequence[Tokens], continued: bool
) -> tuple[torch.Tensor, Any, torch.Tensor]:
    """Return the log-probabilities after each prompt (prompts x vocabulary), a cache if continued, and the mask."""
    ids, mask = pad_batch(prompts, pad, left=True)
    device = next(model.parameters()).device
    ids, mask = ids.to(device), mask.to(device)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    output = model(input_ids=ids, attention_mask=mask, position_ids=positions, logits_to_keep=1, use_cache=continued)
    return output.logits[:, -1].float().log_softmax(-1).cpu(), output.past_key_values, mask


@torch.inference_mode()
def _after_tails(
    pad: int, model: Any, rows: Sequence[tuple[int, Tokens]], cache: Any, mask: torch.Tensor
) -> torch.Tensor:
    """Return the log-probabilities after each token of each continuation (continuations x tokens x vocabulary)."""
    chosen = torch.tensor([row for row, _ in rows], device=mask.device)
    ids, tail_mask = pad_batch([tail for _, tail in rows], pad, left=False)
    cache.batch_select_indices(chosen)
    mask = torch.cat([mask[chosen], tail_mask.to(mask.device)], dim=1)
    positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
    output = model(input_ids=ids.to(mask.device), attention_mask=mask, position_ids=positions, past_key_values=cache)
    return output.logits.float().log_softmax(-1).cpu()


def _log_probability(
    first: torch.Tensor, rows: Sequence[tuple[int, Tokens]], later: torch.Tensor | None, row: int, label: Tokens
) -> float:
    """Return the sum of a label's token log-probabilities."""
    total = float(first[label[0]])
    if len(label) > 1:
        assert later is not None
        place = next(i for i, (owner, tail) in enumerate(rows) if owner == row and tail[: len(label) - 1] == label[:-1])
        total += sum(float(later[place, i, token]) for i, token in enumerate(label[1:]))
    return total
