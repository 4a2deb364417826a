"""What is said of the judging in a job."""

from collections.abc import Iterator, Mapping

from crosstask.storage.judge_use import JudgeUse


def judging_note(judged: Mapping[str, JudgeUse]) -> Iterator[str]:
    """Yield a line about what the judges of some targets took; nothing where none has one.

    Examples
    --------
    >>> use = JudgeUse("http://localhost:8000/v1", 150, 50, 40_000, 8_000, 0.25)
    >>> list(judging_note({"gsm8k": use, "svamp": use}))
    ['judged 400 answers by 300 calls (100 replies reused, 80000 + 16000 tokens, cost 0.5)']
    """
    uses = list(judged.values())
    if not uses:
        return
    calls, reused = sum(use.calls for use in uses), sum(use.reused for use in uses)
    tokens = f"{sum(use.input_tokens for use in uses)} + {sum(use.output_tokens for use in uses)} tokens"
    costs = [use.cost for use in uses if use.cost is not None]
    cost = f", cost {sum(costs):.4g}" if len(costs) == len(uses) and calls else ""
    yield f"judged {calls + reused} answers by {calls} calls ({reused} replies reused, {tokens}{cost})"
