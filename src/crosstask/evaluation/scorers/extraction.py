"""Answers found in text by a regular expression."""

from crosstask.config.patterns import SECONDS, last_match
from crosstask.config.task import AnswerExtraction
from crosstask.errors import UserError, quoted
from crosstask.evaluation.scorers.numbers import MINUS_SIGNS, canonical_number, without_markup, without_operator


def extract(pattern: str, text: str, number: bool) -> str | None:
    r"""Return the last match's group, in a form in which equal answers are equal strings; None if there is none.

    Numbers are also found where the pattern allows for no markup around them.

    Raises
    ------
    TimeoutError
        If the pattern takes too long.

    Examples
    --------
    >>> extract(r"#### (-?[\d.,]+)", "3 + 4 = 7\n#### 7,000.0", number=True)
    '7000'
    >>> extract(r"#### (-?[\d.,]+)", "#### **-7**", number=True)
    '-7'
    >>> extract(r"#### (-?[\d.,]+)", "I do not know", number=True) is None
    True
    """
    for tried in [without_markup(text.translate(MINUS_SIGNS)), text] if number else [text]:
        match = last_match(pattern, tried)
        if match is not None:
            group = 1 if match.re.groups else 0
            answer = (match[group] or "").strip()
            return canonical_number(without_operator(answer, tried[: match.start(group)])) if number else answer
    return None


def strict_answer(extraction: AnswerExtraction, reference: str, where: str) -> str:
    """Return the answer that the strict pattern finds in a reference, which must have one.

    Parameters
    ----------
    extraction
        How answers are found.
    reference
        The data's own answer.
    where
        Its task and row, for the error.

    Raises
    ------
    UserError
        If the pattern finds nothing, or takes too long.
    """
    problem = "finds nothing in"
    try:
        answer = extract(extraction.strict, reference, extraction.number)
    except TimeoutError:
        answer, problem = None, f"takes more than {SECONDS:g} s on"
    if answer is None:
        raise UserError(f"{where}: extraction.strict {problem} the data's own answer {quoted(reference)}")
    return answer
