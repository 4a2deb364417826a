"""Outputs of generated text, as inference stores them."""

import pandas as pd


def generated_outputs(references: list[str], texts: list[str]) -> pd.DataFrame:
    """The first prompt was cut by three tokens; only the first text ended by itself."""
    count = len(references)
    return pd.DataFrame(
        {
            "example": [f"test-{i}" for i in range(count)],
            "reference": references,
            "text": texts,
            "output_tokens": [len(text.split()) for text in texts],
            "stopped": [True, *[False] * (count - 1)],
            "prompt_cut": [3, *[0] * (count - 1)],
        }
    )
