"""Train the miniature's tokenizer and language model: ``python -m crosstask.miniature.pretrain``."""

import argparse
import math
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from crosstask.miniature.card import write_card
from crosstask.miniature.corpus import Corpus
from crosstask.miniature.recipe import Recipe
from crosstask.miniature.tokenizer import tokenizer_of

MODEL = Path(__file__).parent / "model"


def pretrained(recipe: Recipe) -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast, float]:
    """The trained model, its tokenizer and the mean loss in nats a token on documents it has not seen."""
    torch.manual_seed(recipe.seed)
    tokenizer = tokenizer_of(islice(Corpus("tokenizer").documents(), 20_000), recipe.vocabulary, recipe.context)
    model = LlamaForCausalLM(_config(recipe, tokenizer))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.95), weight_decay=recipe.weight_decay
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _cosine(step, recipe))
    start = time.perf_counter()
    for step, batch in enumerate(islice(_batches(recipe, tokenizer, f"pretrain {recipe.seed}"), recipe.steps)):
        loss = _loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        if step % 200 == 0:
            print(
                f"step {step} of {recipe.steps}: loss {loss.item():.3f}, {time.perf_counter() - start:.0f} s",
                flush=True,
            )
    return model, tokenizer, _held_out_loss(model, recipe, tokenizer)


def _config(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    """The shape of the model."""
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.width,
        intermediate_size=recipe.inner_width,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=recipe.context,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _batches(recipe: Recipe, tokenizer: PreTrainedTokenizerFast, seed: str) -> Iterator[torch.Tensor]:
    """Endless packed token ids, batch x sequence; documents are set apart by begin and end tokens."""
    need = recipe.batch * recipe.sequence
    waiting: list[int] = []
    documents = Corpus(seed).documents()
    while True:
        for ids in tokenizer(list(islice(documents, 64)))["input_ids"]:
            waiting += [*ids, tokenizer.eos_token_id]
        while len(waiting) >= need:
            yield torch.tensor(waiting[:need]).view(recipe.batch, recipe.sequence)
            waiting = waiting[need:]


def _loss(model: LlamaForCausalLM, batch: torch.Tensor) -> torch.Tensor:
    """Mean loss of the next token, in float32: processors without bfloat16 emulate it, eight times slower."""
    return model(input_ids=batch, labels=batch).loss


def _cosine(step: int, recipe: Recipe) -> float:
    """Share of the peak learning rate: linear warm-up, then a cosine down to zero."""
    if step < recipe.warmup:
        return (step + 1) / recipe.warmup
    return 0.5 * (1 + math.cos(math.pi * (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)))


@torch.no_grad()
def _held_out_loss(model: LlamaForCausalLM, recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> float:
    """Mean loss over sixteen batches of fresh documents."""
    batches = islice(_batches(recipe, tokenizer, "held out"), 16)
    return sum(_loss(model, batch).item() for batch in batches) / 16


def write_model(folder: Path, recipe: Recipe) -> None:
    """Pre-train and put model, tokenizer and card into `folder`, replacing what is there only at the end."""
    model, tokenizer, loss = pretrained(recipe)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / folder.name
        model.half()
        model.save_pretrained(fresh)
        tokenizer.save_pretrained(fresh)
        GenerationConfig(
            do_sample=False,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        ).save_pretrained(fresh)
        write_card(fresh, recipe, model.num_parameters(), loss)
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)


def main() -> None:
    """Read the command line and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=MODEL, help="where the model goes")
    parser.add_argument("--tokens", type=int, default=Recipe.tokens, help="tokens to train on")
    parser.add_argument("--threads", type=int, default=2, help="threads to compute with")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    write_model(arguments.folder, Recipe(tokens=arguments.tokens))


if __name__ == "__main__":
    main()
