"""The example of docs/example_traits.md: a table of scores with traits planted in it, and its truth.

``python -m tests.simulation.example_table`` writes both beside the page.
"""

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[2] / "docs"
ABILITIES = ("reasoning", "sentiment", "nlu", "arithmetic")
TASKS = [f"{ability}_{number}" for ability in ABILITIES for number in range(1, 6)]
ROWS = 1000
"""Test rows of each target."""
POINTS = 0.05
"""Standard deviation of a trait in scores."""


def example() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The score table, and what every source was given: donor, and strength in each ability."""
    generator = np.random.default_rng(2509)
    own = np.repeat(np.eye(4), 5, axis=0)
    strengths = generator.normal(size=(20, 4)) + 0.7 * own
    weights = generator.uniform(0.7, 1.1, 20)
    donors = 0.02 * generator.normal(size=20)
    gains = donors[:, None] + 0.02 * generator.normal(size=20) + POINTS * (strengths @ own.T) * weights
    gains += 0.6 * POINTS * generator.normal(size=(20, 20)) + 0.2 * np.eye(20)
    base = generator.uniform(0.35, 0.65, 20)
    scores = generator.binomial(ROWS, np.clip(np.vstack([base, base + gains]), 0.02, 0.98)) / ROWS
    table = pd.DataFrame(scores, pd.Index(["base", *TASKS], name="source"), pd.Index(TASKS, name="target"))
    long = table.stack().rename("score").reset_index()
    errors = np.sqrt(long["score"] * (1 - long["score"]) / ROWS).round(4)
    long = long.assign(stderr=errors, n=ROWS)
    truth = pd.DataFrame(strengths, pd.Index(TASKS, name="source"), list(ABILITIES)).round(2)
    return long, truth.assign(donor=(100 * donors).round(1)).reset_index()


def main() -> None:
    """Write both tables."""
    scores, truth = example()
    scores.to_csv(FOLDER / "example_traits.csv", index=False)
    truth.to_csv(FOLDER / "example_traits_truth.csv", index=False)


if __name__ == "__main__":
    main()
