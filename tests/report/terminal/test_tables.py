"""What is printed: complete without color, and 100 columns wide."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.blocks import EffectsBlock, MatrixBlock
from crosstask.analysis.matrix.score_unit import FRACTION, OTHER, ScoreUnit
from crosstask.report.terminal.tables import print_effects, print_matrix


@pytest.fixture
def console():
    """A console that keeps what is printed, without color."""
    return Console(file=io.StringIO(), width=100)


def printed(console: Console) -> list[str]:
    """Lines printed, without blanks at the end."""
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """All False, of the shape of a frame."""
    return pd.DataFrame(False, index=frame.index, columns=frame.columns)


def gains(table: pd.DataFrame, unit: ScoreUnit) -> MatrixBlock:
    """A table shown as gains, none of them on a source's own task."""
    return MatrixBlock(title="Gain", values=table, home=named(table), unit=unit, signed=True)


def test_scores_with_home_and_missing_marked(console):
    matrix = pd.DataFrame({"goat": [0.5, 0.75], "imdb": [0.123, np.nan]}, index=["base", "goat"])
    home = named(matrix)
    home.loc["goat", "goat"] = True
    print_matrix(console, MatrixBlock(title="Scores (%)", values=matrix, home=home, unit=FRACTION))
    assert printed(console) == [
        "Scores (%)",
        "      goat imdb",
        "base  50.0 12.3",
        "goat *75.0    -",
        "* the source's own task, - no score",
    ]


def test_gains_have_signs_without_color_and_colors_in_a_terminal(console):
    table = pd.DataFrame({"goat": [0.05], "imdb": [-0.1]}, index=["pile"])
    print_matrix(console, gains(table, OTHER))
    assert printed(console)[2].split() == ["pile", "+0.1", "-0.1"]
    colored = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")
    print_matrix(colored, gains(table, OTHER))
    assert "\x1b[34m+0.1" in colored.file.getvalue()
    assert "\x1b[31m-0.1" in colored.file.getvalue()


EFFECTS = pd.DataFrame(
    [
        ("donor", "financial_phrasebank", 0.059, 0.057, 0.046, 0.072, True),
        ("donor", "paws", -0.0859, -0.084, -0.097, -0.074, True),
        ("recipient", "tweet_eval_sentiment", 0.143, 0.1, -0.118, 0.1763, False),
        ("recipient", "imdb", -0.0001, -0.0001, -0.1, 0.1, False),
    ],
    columns=["role", "name", "effect", "shrunken", "ci_low", "ci_high", "significant"],
)


def test_effects_stand_beside_what_to_expect_of_them_within_100_columns(console):
    print_effects(console, EffectsBlock(title="Donors", donors=EFFECTS, unit=FRACTION))
    lines = printed(console)
    assert max(map(len, lines)) <= 100
    assert lines[1].split() == ["donor", "shrunk", "interval", "recipient", "shrunk", "interval"]
    assert lines[2].split()[1:7] == ["+5.9", "+5.7", "+4.6", "to", "+7.2*", "tweet_eval_sent…nt"]
    assert lines[2].split()[7:] == ["+14.3", "+10.0", "-11.8", "to", "+17.6"]
    assert lines[3].split()[6:9] == ["imdb", "+0.0", "+0.0"]  # without the sign of a loss
    assert lines[-1].endswith("the intervals take the tasks as given")


def test_effects_without_intervals_have_no_key_to_them(console):
    unknown = EFFECTS.assign(shrunken=np.nan, ci_low=np.nan, ci_high=np.nan, significant=pd.NA)
    print_effects(console, EffectsBlock(title="Donors", donors=unknown, unit=FRACTION))
    assert [line.split() for line in printed(console)] == [
        ["Donors"],
        ["donor", "recipient"],
        ["financial_phras…nk", "+5.9", "tweet_eval_sent…nt", "+14.3"],
        ["paws", "-8.6", "imdb", "+0.0"],
    ]


@pytest.mark.parametrize("count", [1, 10, 12, 14, 40])
def test_every_number_is_there_within_100_columns(console, count):
    names = [f"a_rather_long_task_{number}" for number in range(count)]
    values = np.arange(count * count).reshape(count, count) - 0.25
    table = pd.DataFrame(values, index=names, columns=names)
    print_matrix(console, gains(table, OTHER))
    lines = printed(console)
    assert max(map(len, lines)) <= 100
    words = " ".join(lines).split()
    assert all(f"{value:+.1f}" in words for value in values.ravel())


def test_ten_tasks_keep_their_names(console):
    names = "gsm8k goat magicoder paws mnli mnli_words pile flipkart amazon imdb".split()
    table = pd.DataFrame(-0.123, index=names, columns=names)
    print_matrix(console, gains(table, FRACTION))
    assert printed(console)[1].split() == names


def test_brackets_in_names_are_printed_as_they_are(console):
    table = pd.DataFrame({"[red]": [0.5]}, index=["[bold]"])
    print_matrix(console, MatrixBlock(title="[title]", values=table, home=named(table), unit=FRACTION))
    assert printed(console)[0] == "[title]"
    assert "[red]" in printed(console)[1]
    assert printed(console)[2].startswith("[bold]")
