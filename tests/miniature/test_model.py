"""The shipped language model: its card, its tokenizer and that it can speak."""

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest

from crosstask.miniature.rows import rows

FOLDER = Path(str(files("crosstask.miniature"))) / "model"


@pytest.fixture(scope="module")
def tokenizer():
    return pytest.importorskip("transformers").AutoTokenizer.from_pretrained(FOLDER)


def test_card_names_the_weights():
    weights = (FOLDER / "model.safetensors").read_bytes()
    assert len(weights) <= 8_000_000
    assert hashlib.sha256(weights).hexdigest() in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_special_tokens_are_distinct(tokenizer):
    ids = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id}
    assert len(ids) == 4
    assert None not in ids
    assert 700 <= len(tokenizer) <= 2000


@pytest.mark.parametrize(
    "text",
    [
        *(row["solution"] for row in rows("magicoder", "test")[:20]),
        *(row["response"] for row in rows("metamath", "test")[:20]),
        "  two  spaces, a\ttab,\r\nÜmläute 漢字 and 1234 ",
    ],
)
def test_tokenizer_loses_nothing(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids) == text


def test_digits_stand_alone(tokenizer):
    tokens = tokenizer.tokenize("12 + 345 = 357, x9y")
    assert [token for token in tokens if any(c.isdigit() for c in token)] == list("123453579")


@pytest.mark.parametrize("label", ["positive", "negative", "neutral", "entailment", "contradiction", "0", "1", "5"])
def test_labels_are_short(tokenizer, label):
    assert len(tokenizer(label, add_special_tokens=False)["input_ids"]) <= 3


def test_model_loads_and_continues_a_sum(tokenizer):
    torch = pytest.importorskip("torch")
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(FOLDER).float().eval()
    assert model.config.model_type == "llama"
    ids = tokenizer("3 + 4 = ", return_tensors="pt")["input_ids"]
    assert ids[0, 0] == tokenizer.bos_token_id
    with torch.no_grad():
        following = tokenizer.decode(model(input_ids=ids).logits[0, -1].topk(3).indices)
    assert any(c.isdigit() for c in following)
