"""What a reader of results should know of the examples behind them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from crosstask.data.examples import Example
from crosstask.errors import quoted


def notes(examples: Sequence[Example], labels: Sequence[str], split: str) -> Iterator[str]:
    """Yield a line for each property of examples that changes what their scores say.

    These are test rows that repeat another, rows with the same prompt and contradicting labels, and a single class.

    Parameters
    ----------
    examples
        Those of one task.
    labels
        Every answer of a closed task; empty for an open one.
    split
        ``train`` or ``test``.
    """
    count = len(examples)
    answers = defaultdict(set)
    for example in examples:
        answers[example.prompt or example.answer].add(example.answer)  # of a plain text nothing is asked
    if split == "test" and (repeated := count - len(answers)):
        yield f"{repeated} of {count} test rows repeat another; each counts as an observation of its own"
    contradicting = {prompt for prompt, found in answers.items() if len(found) > 1}
    if labels and (rows := sum(example.prompt in contradicting for example in examples)):
        yield f"{rows} of {count} {split} rows have the text of another with another label; no model is right on all"
    classes = Counter(example.answer for example in examples)
    if labels and len(classes) == 1 < count:
        yield f"all {count} {split} rows have the label {quoted(examples[0].answer)}"


def doubled_space(examples: Sequence[Example]) -> str | None:
    """Return a line about answers that begin with a space although their prompt ends in white space; None without.

    Two spaces or more are an indentation, of code.
    """
    spaced = (example for example in examples if example.answer[:1] == " " and not example.answer[1:2].isspace())
    doubled = (example for example in spaced if example.prompt[-1:].isspace())
    found = next(doubled, None)
    if found is None:
        return None
    ending = found.prompt[len(found.prompt.rstrip()) :]
    return (
        f"the answer {quoted(found.answer)} begins with a space, and the prompt before it ends in {ending!r}, so they"
        f" are read as {quoted(found.prompt[-20:] + found.answer)}; `prompt: |-` instead of `prompt: |` ends a prompt"
        " without a line break"
    )
