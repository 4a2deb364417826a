"""Surface features of a data set as a table: words, characters, labels, lengths."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from crosstask.data.examples import Example

WORD = re.compile(r"\w+")
TRIGRAMS = 2000
"""The most frequent ones are kept."""
COLUMNS = ["kind", "feature", "value"]


def profile(examples: Sequence[Example], labels: Sequence[str]) -> pd.DataFrame:
    """Return the surface features of a data set as a model meets it: prompts with their answers.

    Parameters
    ----------
    examples
        The data set.
    labels
        The answers of a closed task; empty for an open one.

    Returns
    -------
    DataFrame
        Columns ``kind``, ``feature`` and ``value``. By kind:

        - ``rows``: their number
        - ``word``: how often each word occurs (lower case); ``word_rows``: in how many rows
        - ``trigram``: how often each of the 2,000 most frequent sequences of three characters occurs
        - ``label``: share of the rows with each label; none for an open task
        - ``prompt_length``, ``answer_length``: characters, a value for each row
        - ``answer_words``: words between white space, a value for each row; profiles made before have none

    Examples
    --------
    >>> frame = profile([Example("train-0", "good, good", "1")], ["0", "1"])
    >>> frame[frame["kind"] == "word"].to_dict("records")
    [{'kind': 'word', 'feature': '1', 'value': 1.0}, {'kind': 'word', 'feature': 'good', 'value': 2.0}]
    """
    # Trigrams are of the text that the model sees; for words the answer stands apart, or a prompt that ends in a letter
    # would run into it.
    texts = [f"{example.prompt}{example.answer}".lower() for example in examples]
    words = [WORD.findall(f"{example.prompt} {example.answer}".lower()) for example in examples]
    trigrams = Counter(text[i : i + 3] for text in texts for i in range(len(text) - 2))
    answers = Counter(example.answer for example in examples)
    return pd.concat(
        [
            _frame("rows", {"rows": len(examples)}),
            _frame("word", Counter(word for row in words for word in row)),
            _frame("word_rows", Counter(word for row in words for word in set(row))),
            # Ties at the limit fall by the alphabet, so that the same data gives the same table.
            _frame("trigram", dict(sorted(trigrams.items(), key=lambda item: (-item[1], item[0]))[:TRIGRAMS])),
            _frame("label", {label: answers[label] / len(examples) for label in labels}),
            _frame("prompt_length", {example.id: len(example.prompt) for example in examples}),
            _frame("answer_length", {example.id: len(example.answer) for example in examples}),
            _frame("answer_words", {example.id: len(example.answer.split()) for example in examples}),
        ],
        ignore_index=True,
    )


def embedding_profile(values: Iterable[float], kind: str = "embedding") -> pd.DataFrame:
    """Return an embedding of a data set in the form of a profile."""
    # Numbers of five digits: the order of the features as text is that of the dimensions.
    return _frame(kind, {f"{number:05d}": value for number, value in enumerate(values)})


def _frame(kind: str, values: Mapping[str, float]) -> pd.DataFrame:
    """Return the rows of one kind, in order of the features."""
    rows = [(kind, feature, float(value)) for feature, value in sorted(values.items())]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float})
