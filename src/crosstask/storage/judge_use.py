"""What judging took of a judge, as records have it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JudgeUse:
    """What judging the answers of a cell took of a judge, all jobs that ended together."""

    endpoint: str
    """Where the judge was last asked."""
    calls: int
    """Questions that it was asked and replied to."""
    reused: int
    """Answers whose reply the store had, or another answer in the cell shared."""
    input_tokens: int
    """Of the calls, as far as the endpoint counts them."""
    output_tokens: int
    cost: float | None
    """Of the calls; None where one had no price."""

    def after(self, earlier: "JudgeUse") -> "JudgeUse":
        """Return what this and an earlier judging took together."""
        return JudgeUse(
            endpoint=self.endpoint if self.calls else earlier.endpoint,
            calls=earlier.calls + self.calls,
            reused=earlier.reused + self.reused,
            input_tokens=earlier.input_tokens + self.input_tokens,
            output_tokens=earlier.output_tokens + self.output_tokens,
            cost=None if earlier.cost is None or self.cost is None else earlier.cost + self.cost,
        )


def together(earlier: Mapping[str, JudgeUse], later: Mapping[str, JudgeUse]) -> dict[str, JudgeUse]:
    """Return by target what judges took in two jobs.

    Examples
    --------
    >>> use = JudgeUse("http://localhost:8000/v1", 3, 1, 300, 30, 0.5)
    >>> together({"a": use}, {"a": use})["a"].calls, together({"a": use}, {})["a"].calls
    (6, 3)
    """
    both = {target: use.after(earlier[target]) for target, use in later.items() if target in earlier}
    return {**earlier, **later, **both}
