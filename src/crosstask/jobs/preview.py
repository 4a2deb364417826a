"""What a job's data become before any model computes: examples as they are read, their tokens, classes and lengths."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from crosstask.config.job import TrainConfig
from crosstask.config.training import Loss
from crosstask.data.examples import Example
from crosstask.errors import quoted
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.verdicts import judge_question
from crosstask.jobs.row import MatrixRow
from crosstask.models import base_model
from crosstask.models.framing import framed
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded, encode, training_sequence
from crosstask.training.plan import IGNORED, labels

CLASSES = 12
"""Most different answers of which the shares are shown; more are an open task's."""
BARS = 8
"""Bars of a histogram."""
WIDTH = 40
"""Most characters of a bar."""
INDENT = "    "
JOINED = re.compile(r"[\w:.?!,;][^\W_]", re.ASCII)
"""The end of a prompt and the beginning of an answer that are read as one word."""


def preview(config: TrainConfig, row: MatrixRow) -> Iterator[str]:
    """Yield the lines of a preview of a job: its sources as they are trained on, its targets as they are scored.

    Of the base model it uses tokenizer and configuration. Nothing is written to the store; what is on the Hub and not
    in the cache is downloaded, as the job would.

    Raises
    ------
    UserError
        As the job itself would for its data, its tasks or its model.
    """
    base = base_model.without_weights(config.model, config.data.control_tokens)
    if row.recipe is not None:
        yield from _source(config, row, base)
    for name, target in row.targets.items():
        yield ""
        yield from _target(name, target, base)
        if name in row.leaked:
            yield f"  {row.leaked[name]} of these rows are training rows of {row.names.source}, too"


def _source(config: TrainConfig, row: MatrixRow, base: BaseModel) -> Iterator[str]:
    """Yield the lines of what is trained on."""
    assert row.recipe is not None
    examples = row.recipe.examples
    limit = min(config.trainer.max_length, base.context)
    pairs = _encoded(base, examples, [example.answer for example in examples])
    sequences = [training_sequence(pair, base, limit) for pair in pairs]
    held_out = f", {len(row.recipe.validation)} rows of the validation split held out" if row.recipe.validation else ""
    yield f"source {row.names.source}: {len(examples)} training rows{held_out}"
    if row.variant is not None:
        yield f"  variant {row.variant.name}: {100 * row.variant.changed:.3g} % of the rows changed: {row.variant.what}"
    yield from _example(base, examples[0])
    yield from _supervised(base, sequences[0], config.trainer.loss)
    yield from _classes([example.answer for example in examples])
    yield from _lengths("prompt and answer", [len(one.prompt) + len(one.answer) for one in sequences])
    cut = sum(bool(one.cut_prompt) for one in sequences), sum(bool(one.cut_answer) for one in sequences)
    yield f"  cut to {limit} tokens (trainer.max_length, the model's context): {cut[0]} prompts, {cut[1]} answers"
    yield from _straddled(pairs)


def _target(name: str, target: Target, base: BaseModel) -> Iterator[str]:
    """Yield the lines of a target."""
    task, examples = target.scorer.task, target.examples
    yield f"target {name}: {len(examples)} test rows, metric {task.metric}"
    yield from _example(base, examples[0])
    said = examples[0].options or tuple(task.labels)
    if said:
        yield from _answers(base, examples[0], said)
    without = examples[0].content_free or target.content_free
    if without is not None and said:
        yield "  without content, for the prior of the answers:"
        yield from _text(without)
    if target.scorer.needs_judge:
        yield "  what the judge is asked about an answer, here the reference itself:"
        yield from _text(judge_question(examples[0], examples[0].answer.strip(), task.rubric).text)
    yield from _classes([example.answer for example in examples])
    pairs = _encoded(base, examples, [example.answer for example in examples])
    yield from _lengths("prompt", [len(pair.prompt) for pair in pairs])
    cut = sum(len(pair.prompt) + len(pair.answer) > base.context for pair in pairs)
    yield f"  longer than the model's context of {base.context} tokens with the answer: {cut}"
    repeated = len(examples) - len({(example.prompt or example.answer) for example in examples})
    yield f"  rows that repeat another: {repeated}"
    yield from _straddled(pairs)


def _encoded(base: BaseModel, examples: Sequence[Example], answers: Sequence[str]) -> list[Encoded]:
    """Return the tokens of examples."""
    return encode(base, [one.prompt for one in examples], answers, [one.system for one in examples])


def _example(base: BaseModel, example: Example) -> Iterator[str]:
    """Yield an example as the model reads it, the answer in brackets."""
    yield f"  {example.where}:"
    (text,), _ = framed(base, [example.prompt], [example.system])
    yield from _text(f"{text}[{example.answer}]")
    if JOINED.fullmatch(text[-1:] + example.answer[:1]) and not example.options:  # those follow after a space
        yield f"  no space before the answer: it is read as {quoted(text[-20:] + example.answer)}"
    if example.accepted:
        yield f"  accepted as well: {', '.join(map(quoted, example.accepted))}"
    if example.tests:
        yield f"  what tests {quoted(example.entry_point)}:"
        yield from _text(example.tests.rstrip())


def _text(text: str) -> Iterator[str]:
    """Yield the lines of a text."""
    for line in text.split("\n"):
        yield f"{INDENT}| {line}"


def _supervised(base: BaseModel, sequence: Encoded, loss: Loss) -> Iterator[str]:
    """Yield which tokens of a sequence are supervised."""
    ids = (*sequence.prompt, *sequence.answer)
    learned = [token for token, label in zip(ids, labels(sequence, loss), strict=True) if label != IGNORED]
    yield f"  {len(ids)} tokens, of which {len(learned)} are supervised (trainer.loss={loss}):"
    yield f"{INDENT}{_shown(base, learned)}"


def _answers(base: BaseModel, example: Example, said: Sequence[str]) -> Iterator[str]:
    """Yield the tokens of each answer that the model may choose."""
    yield "  answers to choose from, and their tokens:"
    for answer, pair in zip(said, _encoded(base, [example] * len(said), said), strict=True):
        yield f"{INDENT}{quoted(answer)}: {_shown(base, pair.answer)}"


def _shown(base: BaseModel, tokens: Sequence[int]) -> str:
    """Return tokens as texts, at most a line of them."""
    texts = [repr(base.tokenizer.decode([token])) for token in tokens[:WIDTH]]
    return " ".join(texts) + (f" ... and {len(tokens) - WIDTH} more" if len(tokens) > WIDTH else "")


def _classes(answers: Sequence[str]) -> Iterator[str]:
    """Yield the shares of the answers, the most frequent first, where there are few."""
    counts = Counter(answers)
    if len(counts) > CLASSES:
        yield f"  {len(counts)} different answers"
        return
    shares = (f"{quoted(answer)} {100 * count / len(answers):.1f} %" for answer, count in counts.most_common())
    yield f"  answers: {', '.join(shares)}"


def _lengths(what: str, lengths: Sequence[int]) -> Iterator[str]:
    """Yield a histogram of lengths in tokens."""
    low, high = min(lengths), max(lengths)
    yield f"  tokens of {what}: {low} to {high}, median {median(lengths):g}"
    step = max(1, -(-(high - low + 1) // BARS))
    counts = Counter((length - low) // step for length in lengths)
    most = max(counts.values())
    for place in range((high - low) // step + 1):
        start, count = low + place * step, counts[place]
        bar = "#" * round(WIDTH * count / most)
        yield f"{INDENT}{start:>6} to {start + step - 1:<6} {count:>6} {bar}".rstrip()


def _straddled(pairs: Sequence[Encoded]) -> Iterator[str]:
    """Yield how many answers are tokenized apart from their prompt, where any are."""
    if count := sum(pair.straddled for pair in pairs):
        yield f"  {count} answers would share a token with the end of their prompt, and are tokenized alone"
