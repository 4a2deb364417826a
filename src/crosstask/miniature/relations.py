"""What is planted in the miniature (`relations.yaml`) and the words it is told with (`lexicon.yaml`)."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def relations() -> dict[str, Any]:
    """Shares, lengths, noise rates and shared vocabularies of the generators, as in ``relations.yaml``."""
    return _read("relations.yaml")


@cache
def lexicon() -> dict[str, Any]:
    """Word lists and sentence templates, as in ``lexicon.yaml``."""
    return _read("lexicon.yaml")


@cache
def program_families() -> dict[str, Any]:
    """Descriptions and programs in two languages, as in ``programs.yaml``."""
    return _read("programs.yaml")


@cache
def demonstrations() -> dict[str, Any]:
    """Wordings and class names of the closed tasks in pre-training text, as in ``demonstrations.yaml``."""
    return _read("demonstrations.yaml")


def _read(name: str) -> dict[str, Any]:
    return yaml.safe_load(files("crosstask.miniature").joinpath(name).read_text(encoding="utf-8"))
