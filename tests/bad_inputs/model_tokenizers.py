"""Tokenizers, chat templates and settings of generation in folders of base models."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.model_folders import KIND as KIND
from tests.bad_inputs.model_folders import Damage, bad, content, cut, good, setting, without


def tokens(change: Callable[[dict[str, Any]], object]) -> Damage:
    """Another tokenizer."""

    def damage(folder: Path) -> None:
        found = json.loads((folder / "tokenizer.json").read_text())
        change(found)
        (folder / "tokenizer.json").write_text(json.dumps(found))

    return damage


def add_tokens(found: dict[str, Any]) -> None:
    """Tokens that the embedding has no rows for."""
    kind = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    found["added_tokens"].append({"id": 5000, "content": "film", **kind})


bad("tokenizer-missing", "no tokenizer", without("tokenizer.json", "tokenizer_config.json"), "model", "tokenizer")
bad("tokenizer-broken", "a tokenizer that is no JSON", content("tokenizer.json", "{"), "model", "tokenizer")
bad("tokenizer-cut", "a tokenizer whose end is missing", cut("tokenizer.json"), "model", "tokenizer")
bad("tokenizer-beyond", "a token without an embedding in a text", tokens(add_tokens), "film", "300", "embed")
bad(
    "no-end",
    "no end token",
    lambda folder: (
        setting("tokenizer_config.json", eos_token=None)(folder),
        setting(eos_token_id=None)(folder),
        (folder / "generation_config.json").unlink(),
    ),
    "model",
    "end token",
)
bad(
    "chat-template-none",
    "no chat template, but asked for",
    lambda folder: None,
    "model.chat_template",
    more=("model.chat_template=true",),
)
bad(
    "chat-template-broken",
    "a chat template that is not closed",
    lambda folder: (folder / "chat_template.jinja").write_text("{% for m in messages %}"),
    "chat",
    more=("model.chat_template=true",),
)
bad(
    "chat-template-code",
    "a chat template that looks behind a text",
    lambda folder: (folder / "chat_template.jinja").write_text("{{ ''.__class__.__mro__ }}{{ messages[0].content }}"),
    "chat",
    more=("model.chat_template=true",),
)
bad(
    "chat-template-drops",
    "a chat template without the prompt",
    lambda folder: (folder / "chat_template.jinja").write_text("hello"),
    "chat",
    more=("model.chat_template=true",),
)
good("no-pad", "no pad token", setting("tokenizer_config.json", pad_token=None))
bad("pad-outside", "a pad token outside the embedding", setting(pad_token_id=5000), "model", "padding_idx")
good("no-begin", "no begin token", setting("tokenizer_config.json", bos_token=None))
good(
    "generation-odd",
    "sampling in generation_config.json",
    content(
        "generation_config.json", json.dumps({"do_sample": True, "temperature": 2.0, "max_length": 3, "num_beams": 4})
    ),
)
bad(
    "generation-broken",
    "generation_config.json that is no JSON",
    content("generation_config.json", "{"),
    "model",
    "generation_config.json",
)
good(
    "files-more", "files that nothing reads", lambda folder: shutil.copy(folder / "config.json", folder / "notes.json")
)
bad(
    "adapter-folder",
    "a folder with an adapter instead of a model",
    lambda folder: ((folder / "config.json").unlink(), (folder / "adapter_config.json").write_text("{}")),
    "model.path",
    "config.json",
)
