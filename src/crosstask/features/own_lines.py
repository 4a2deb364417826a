"""Which lines of prompts are the example's own, and which examples share a document."""

from collections import Counter
from collections.abc import Sequence


def own_lines(prompts: Sequence[str]) -> list[str]:
    r"""Return prompts without the lines of the task's template: those that more than half of the prompts have.

    Of a prompt without any line of its own all are kept. What a template says within a line stays.

    Examples
    --------
    >>> own_lines(["Anna eats.\nWho?\nAnswer:", "Ben sleeps.\nWhere?\nAnswer:", "Answer:"])
    ['Anna eats.\nWho?', 'Ben sleeps.\nWhere?', 'Answer:']
    """
    lines = [[line for line in prompt.splitlines() if line.strip()] for prompt in prompts]
    counts = Counter(line for of_prompt in lines for line in set(of_prompt))
    return [
        "\n".join(line for line in of_prompt if 2 * counts[line] <= len(prompts)) or prompt
        for prompt, of_prompt in zip(prompts, lines, strict=True)
    ]


def documents(texts: Sequence[str]) -> list[int]:
    r"""Return for each text the number of the first one with the same longest line.

    That is the passage that several questions are about, or the premise of several hypotheses.

    Examples
    --------
    >>> documents(["A long passage.\nWho?", "A long passage.\nWhere?", "x"])
    [0, 0, 2]
    """
    first: dict[str, int] = {}
    longest = [max((line.strip() for line in text.splitlines()), key=len, default="") for text in texts]
    return [first.setdefault(line, number) for number, line in enumerate(longest)]
