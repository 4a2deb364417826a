"""What measures the features of examples: their text alone, or a parser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from crosstask.features import text_measures
from crosstask.features.parsers import Parser, find_parser
from crosstask.fingerprint import fingerprint
from crosstask.storage.feature_files import Measured

WORDS, TOKENS = "words", "tokens"
ANSWER = "answer_"
"""Begins the names of features of the gold answer."""


class Measure(Protocol):
    """Turns examples into features."""

    @property
    def identity(self) -> str:
        """Fingerprint of all that decides which features an example gets."""

    @property
    def most(self) -> int | None:
        """Most examples of a data set that are measured; None for all."""

    def described(self, names: Sequence[str]) -> Measured:
        """Return what is written of features with these names."""

    def texts(self, prompt: str, answer: str, is_open: bool) -> tuple[str, str]:
        """Return what is read of an example: the lines of its prompt that are its own, and the answer, or nothing."""

    def measure(self, texts: Sequence[tuple[str, str]], is_open: bool) -> Iterator[dict[str, float]]:
        """Yield the features of examples, in their order."""


@dataclass(frozen=True)
class TextMeasure:
    """Features that need no parser."""

    identity: str = fingerprint(["text", text_measures.VERSION])
    most: int | None = None

    def described(self, names: Sequence[str]) -> Measured:
        """Return what is written of features with these names."""
        of = {**dict.fromkeys(text_measures.COUNTED, WORDS), f"{ANSWER}numerals": f"{ANSWER}{WORDS}"}
        version = f"crosstask's text measures, version {text_measures.VERSION}"
        return Measured("text", version, {name: of[name] for name in names if name in of})

    def texts(self, prompt: str, answer: str, is_open: bool) -> tuple[str, str]:
        """Return prompt and answer."""
        return prompt, answer

    def measure(self, texts: Sequence[tuple[str, str]], is_open: bool) -> Iterator[dict[str, float]]:
        """Yield the features of examples, in their order."""
        return (text_measures.measures(prompt, answer) for prompt, answer in texts)


@dataclass(frozen=True)
class ParserMeasure:
    """Features of parses: of prompts, and of the answers of open data sets. Labels are not parsed."""

    parser: Parser
    most: int | None = 2000

    @property
    def identity(self) -> str:
        """Fingerprint of the model, and of what is counted."""
        return self.parser.identity

    def described(self, names: Sequence[str]) -> Measured:
        """Return what is written of features with these names."""
        of, f1 = {}, {}
        for name in names:
            prefix = ANSWER if name.startswith(ANSWER) else ""
            plain = name.removeprefix(prefix)
            if plain.startswith(("pos_", "relation_", "entity_")):
                of[name] = f"{prefix}{TOKENS}"
            if plain in self.parser.f1:
                f1[name] = self.parser.f1[plain]
        return Measured("parse", self.parser.name, of, f1)

    def texts(self, prompt: str, answer: str, is_open: bool) -> tuple[str, str]:
        """Return the prompt, and the answer to an open question."""
        return prompt, answer if is_open else ""

    def measure(self, texts: Sequence[tuple[str, str]], is_open: bool) -> Iterator[dict[str, float]]:
        """Yield the features of examples, in their order."""
        parts = [part for pair in texts for part in (pair if is_open else pair[:1])]
        found = self.parser.parse(parts)
        if not is_open:
            yield from found
            return
        for of_prompt, of_answer in zip(found, found, strict=True):
            yield of_prompt | {f"{ANSWER}{name}": value for name, value in of_answer.items()}


def measures(parser: str | None) -> dict[str, Measure]:
    """Return what measures examples, by kind; a parser only where one is asked for.

    Raises
    ------
    UserError
        If it is not installed.
    """
    found: dict[str, Measure] = {"text": TextMeasure()}
    return found | ({"parse": ParserMeasure(find_parser(parser))} if parser else {})
