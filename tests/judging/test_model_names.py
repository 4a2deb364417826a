"""Names of one model, and of another."""

import pytest

from crosstask.judging.model_names import other_models


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o", "GPT-4o"),
        ("openai/gpt-4o", "gpt-4o"),
        ("Qwen/Qwen3-8B", "/models/Qwen3-8B/"),
        ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
        ("gemini-2.0-flash", "models/gemini-2.0-flash-001"),
        ("mistralai/mistral-small:free", "mistralai/mistral-small"),
        ("m", ""),
    ],
)
def test_a_model_with_its_vendor_or_date_is_the_same(asked: str, told: str):
    assert not other_models(asked, [told])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("gpt-4", "gpt-4o"),
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4o", "gpt-4o-mini-2024-07-18"),
        ("Qwen/Qwen3-8B", "Qwen/Qwen3-8B-AWQ"),
        ("llama3:70b", "llama3:8b"),
        ("qwen", "llama"),
    ],
)
def test_another_model_is_another(asked: str, told: str):
    assert other_models(asked, [told, told, asked]) == {told: 2}
