"""Outputs judged: every answer right or wrong, and the metrics of a cell.

Tables in, tables out. Nothing leaves the denominator: an answer that cannot be parsed is wrong and ``invalid``.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sacrebleu import sentence_chrf
from scipy.stats import sem
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from crosstask.config import Decision, Metric, Task
from crosstask.errors import UserError
from crosstask.evaluation.extraction import extracted

VALUES = {decision: "log_probabilities" if decision is Decision.raw else str(decision) for decision in Decision}
"""The column with what each way of deciding goes by: one list per row, in the order of the labels."""


def judged(outputs: pd.DataFrame, name: str, task: Task) -> pd.DataFrame:
    """Return the outputs of a target with what they are worth.

    Parameters
    ----------
    outputs : DataFrame, one row per example
        ``example``, ``answer`` (the data's), and for closed tasks ``log_probabilities``, ``label_tokens`` (each label's
        token ids) and ``prior_log_probabilities`` (one list per row, in the order of the labels), for open tasks
        ``text``, ``output_tokens`` and ``stopped``.
    name, task
        The target.

    Returns
    -------
    DataFrame
        The same rows with ``gold``, ``prediction`` (null if none could be extracted), ``valid`` (bool) and ``score``
        (0 to 1); for closed tasks also ``per_token``, ``per_byte`` and ``prior_corrected`` log-probabilities; where
        answers are extracted also ``lenient_prediction`` and ``lenient_score``.

    Raises
    ------
    UserError
        If nothing can be extracted from the data's own answer, or by raw log-probability one label can never win.
    """
    if task.labels:
        return _closed(outputs, name, task)
    if task.metric is Metric.exact_match:
        return _exact_match(outputs, name, task)
    return _overlap(outputs)


def _closed(outputs: pd.DataFrame, name: str, task: Task) -> pd.DataFrame:
    """Judge label log-probabilities: the most probable label is the prediction; of equal ones the first."""
    if task.decide is Decision.raw:
        for tokens in {tuple(map(tuple, row)) for row in outputs["label_tokens"]}:
            refuse_prefixes(name, task.labels, tokens)
    values = _label_values(outputs, task.labels)
    prediction = [task.labels[i] for i in values[task.decide].argmax(axis=1)]
    gold = outputs["answer"]
    columns = {VALUES[decision]: list(of) for decision, of in values.items()}
    score = (gold == prediction).astype(float)
    return outputs.assign(**columns, gold=gold, prediction=prediction, valid=True, score=score)


def _label_values(outputs: pd.DataFrame, labels: Sequence[str]) -> dict[Decision, NDArray[np.float64]]:
    """Return what each way of deciding goes by: arrays of shape (examples, labels), the largest value wins."""
    raw = np.array(outputs["log_probabilities"].tolist(), dtype=float)
    return {
        Decision.raw: raw,
        Decision.per_token: raw / np.array([[len(tokens) for tokens in row] for row in outputs["label_tokens"]]),
        Decision.per_byte: raw / np.array([len(label.encode()) for label in labels]),
        Decision.prior_corrected: raw - np.array(outputs["prior_log_probabilities"].tolist()),
    }


def refuse_prefixes(target: str, labels: Sequence[str], tokens: Sequence[Sequence[int]]) -> None:
    """Refuse labels of which one begins with all of another's tokens: by raw log-probability it could never win.

    Raises
    ------
    UserError
        Naming both, and what can be done.

    Examples
    --------
    >>> refuse_prefixes("imdb", ["good", "very good"], [[7], [8, 7]])
    >>> refuse_prefixes("imdb", ["good", "good film"], [[7], [7, 9]])
    Traceback (most recent call last):
    crosstask.errors.UserError: target imdb: the label 'good film' begins with all tokens of the label 'good', so it \
can never be more probable; choose other labels or another `decide` (per_token, per_byte, prior_corrected)
    """
    for short, label in zip(tokens, labels, strict=True):
        for long, longer in zip(tokens, labels, strict=True):
            if label != longer and tuple(long[: len(short)]) == tuple(short):
                raise UserError(
                    f"target {target}: the label {longer!r} begins with all tokens of the label {label!r}, so it can"
                    " never be more probable; choose other labels or another `decide` (per_token, per_byte,"
                    " prior_corrected)"
                )


def _exact_match(outputs: pd.DataFrame, name: str, task: Task) -> pd.DataFrame:
    """Judge generated text by the answer extracted from it."""
    assert task.extraction is not None
    rules = task.extraction
    gold = [extracted(rules.strict, text, rules.number) for text in outputs["answer"]]
    if None in gold:
        example = outputs["example"].iloc[gold.index(None)]
        raise UserError(f"task {name!r}, row {example}: extraction.strict finds nothing in the data's own answer")
    strict = [extracted(rules.strict, text, rules.number) for text in outputs["text"]]
    lenient = [extracted(rules.lenient, text, rules.number) for text in outputs["text"]]
    return outputs.assign(
        gold=gold,
        prediction=strict,
        valid=[answer is not None for answer in strict],
        score=[float(a == b) for a, b in zip(strict, gold, strict=True)],
        lenient_prediction=lenient,
        lenient_score=[float(a == b) for a, b in zip(lenient, gold, strict=True)],
    )


def _overlap(outputs: pd.DataFrame) -> pd.DataFrame:
    """Judge generated text by chrF (Popovic 2015): the F-score of shared character n-grams up to 6, beta 2."""
    texts = outputs["text"]
    scores = [sentence_chrf(text, [gold]).score / 100 for text, gold in zip(texts, outputs["answer"], strict=True)]
    return outputs.assign(gold=outputs["answer"], prediction=texts, valid=texts.str.strip() != "", score=scores)


def metrics(answers: pd.DataFrame, task: Task) -> dict[str, float]:
    """Return the metrics of a cell from its judged answers.

    Returns
    -------
    dict
        ``score`` (mean, 0 to 1), ``stderr`` (standard error of that mean; NaN for one answer), ``n``, ``invalid``
        (share of answers without a parsable prediction), ``prompts_cut`` (share). Closed tasks: ``macro_f1``,
        ``kappa`` (Cohen's, -1 to 1; NaN where prediction and truth are one and the same class throughout),
        ``predicted/<label>`` (share) and ``accuracy/<decision>`` (what each way of deciding would give). Open tasks:
        ``output_tokens`` (mean length), ``stopped`` (share that ended by itself; the others were cut at the limit),
        and ``lenient`` (0 to 1) where answers are extracted.
    """
    score = answers["score"]
    found = {
        "score": float(score.mean()),
        "stderr": float(sem(score)) if len(score) > 1 else float("nan"),
        "n": float(len(answers)),
        "invalid": float((~answers["valid"]).mean()),
        "prompts_cut": float((answers["prompt_cut"] > 0).mean()),
    }
    if task.labels:
        gold, prediction = answers["gold"].tolist(), answers["prediction"].tolist()
        found["score"] = float(accuracy_score(gold, prediction))
        found["macro_f1"] = float(f1_score(gold, prediction, labels=task.labels, average="macro", zero_division=0))
        constant = len({*gold, *prediction}) == 1
        found["kappa"] = float("nan") if constant else float(cohen_kappa_score(gold, prediction, labels=task.labels))
        found |= {f"predicted/{label}": prediction.count(label) / len(prediction) for label in task.labels}
        for decision in Decision:
            values = np.array(answers[VALUES[decision]].tolist())
            chosen = [task.labels[i] for i in values.argmax(axis=1)]
            found[f"accuracy/{decision}"] = float(accuracy_score(gold, chosen))
    else:
        found["output_tokens"] = float(answers["output_tokens"].mean())
        found["stopped"] = float(answers["stopped"].mean())
        if "lenient_score" in answers:
            found["lenient"] = float(answers["lenient_score"].mean())
    return found
