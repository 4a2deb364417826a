"""What stands around a prompt: the turns of a chat template, and the system prompt of a task."""

from collections.abc import Sequence
from datetime import datetime

from jinja2 import TemplateError

from crosstask.errors import UserError
from crosstask.models.language_model import BaseModel

TODAY = datetime(2024, 7, 26)
"""The date for templates that tell the model the date: the same prompt must be the same tokens on any day."""
FIXED_DATE = (
    "{% macro strftime_now(format) %}{{ format"
    + "".join(f" | replace('%{code}', '{TODAY.strftime('%' + code)}')" for code in "aAbBdHIjmMpSUwWyY")
    + " }}{% endmacro %}"
)
"""Stands before a template: transformers gives it the function ``strftime_now``, and takes no other one."""
USER_WORDS = "USER WORDS"
"""Stands for a prompt where the opening of a template is looked for."""
PARAGRAPH = "\n\n"
"""Stands between a system prompt and a prompt where there is no chat template."""


def framed(base: BaseModel, prompts: Sequence[str], systems: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the text that the model reads of each prompt, and the opening of each text: what is never cut of it.

    Raises
    ------
    UserError
        If the tokenizer's chat template refuses a prompt or a system prompt, or leaves one out.
    """
    if not base.chat_template:
        openings = [system + PARAGRAPH if system else "" for system in systems]
        return [opening + prompt for opening, prompt in zip(openings, prompts, strict=True)], openings
    opening_of = {system: _opening(base, system) for system in dict.fromkeys(systems)}
    turns = list(zip(systems, prompts, strict=True))
    text_of = {turn: _rendered(base, *turn) for turn in dict.fromkeys(turns)}
    return [text_of[turn] for turn in turns], [opening_of[system] for system in systems]


def _opening(base: BaseModel, system: str) -> str:
    """Return what a chat template writes before the user's words."""
    before, words, _ = _rendered(base, system, USER_WORDS).partition(USER_WORDS)
    if not words:
        raise UserError("model.chat_template=true: the tokenizer's template leaves the user's words out")
    if system.strip() not in before:
        raise UserError(
            f"model.chat_template=true: the tokenizer's template leaves the system prompt out: {system!r:.60}"
        )
    return before


def _rendered(base: BaseModel, system: str, prompt: str) -> str:
    """Return a prompt as the user's turn in the tokenizer's chat template, up to where the assistant begins."""
    turns = [{"role": "system", "content": system}] if system else []
    try:
        return base.tokenizer.apply_chat_template(
            [*turns, {"role": "user", "content": prompt}],
            chat_template=FIXED_DATE + base.tokenizer.get_chat_template(),
            tokenize=False,
            add_generation_prompt=True,
        )
    except (TemplateError, ValueError, TypeError) as error:
        raise UserError(f"model.chat_template=true: the template cannot render a prompt: {error}") from error
