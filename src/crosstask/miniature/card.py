"""The model card of the miniature's language model."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from crosstask.miniature.recipe import Recipe

CARD = """---
license: apache-2.0
language: en
pipeline_tag: text-generation
---
# The miniature's language model

A Llama of {parameters:,} parameters for trying crosstask without a network or a GPU. It knows a small world of
product and film reviews, sentence pairs, sums, word problems and short programs, and no other.

* **Made by** `python -m crosstask.miniature.pretrain`, from random weights and from text of the generators in
  `crosstask.miniature` alone. No text by third parties was used.
* **Text** in the shares of `relations.yaml`; a share of the demonstrations (`random_answers`) have a random answer, and
  complaints and "no" abound, so that the model is good at nothing and adapters have something to add. No input of a
  test split occurs in it, and no sum of Goat's test split as a bare equation (solutions of word problems may contain
  one).
* **Training**: {steps:,} steps of {batch} x {sequence} tokens ({seen:,} tokens), AdamW, peak learning
  rate {learning_rate:g} with {warmup} warm-up steps and a cosine to zero, weight decay {weight_decay:g}, seed {seed},
  loss over the whole sequence.
* **Held-out loss**: {loss:.4f} nats a token, on fresh documents of the same generators.
* **Weights**: float16, sha256 `{digest}`
* **Limits**: reads {context} tokens; useless outside its small world; another processor or version of torch gives other
  weights from the same seed. Part of the text consists of insults, since one task is to recognise them.
"""


def write_card(folder: Path, recipe: Recipe, parameters: int, loss: float) -> None:
    """Write ``README.md`` beside the weights, with their sha256 and the held-out loss in nats a token."""
    card = CARD.format(
        **asdict(recipe),
        parameters=parameters,
        steps=recipe.steps,
        seen=recipe.steps * recipe.batch * recipe.sequence,
        loss=loss,
        digest=weights_digest(folder),
    )
    (folder / "README.md").write_text(card, encoding="utf-8")


def weights_digest(folder: Path) -> str:
    """The sha256 of ``model.safetensors`` in hexadecimal."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
