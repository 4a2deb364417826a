"""What is printed on components: whether there is anything first, noise beside everything, 100 columns wide."""

import io
from functools import cache

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.traits.options import Matrix, Options
from crosstask.analysis.traits.section import Section
from crosstask.analysis.transfer import Transfer
from crosstask.report.terminal.traits import print_components


@cache
def printed(count: int, size: int = 12) -> list[str]:
    """Lines on a matrix with as many planted components."""
    rng = np.random.default_rng(1)
    values = 4 * rng.normal(size=(size, count)) @ rng.normal(size=(count, size)) + rng.normal(size=(size, size))
    names = [f"task_{number}" for number in range(size)]
    matrix = pd.DataFrame(values, [f"source_{number}" for number in range(size)], names)
    scores = matrix.stack().rename_axis(["source", "target"]).rename("score").reset_index()
    scores = scores.assign(seed=pd.NA, metric=None, stderr=1e-9, n=100).astype({"seed": "Int64"})
    order = TaskOrder(tuple(names), dict(zip(matrix.index, names, strict=True)))
    conventions = Conventions(order, abilities={names[0]: "logic", names[1]: "logic"})
    found = Section(Options(matrix=Matrix.scores, noise_draws=99, resamples=20))(Transfer(scores, conventions))
    console = Console(file=io.StringIO(), width=100)
    print_components(console, found.blocks[0])
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_nothing_told_from_noise_is_said_in_the_first_line():
    lines = printed(0)
    assert lines[0].startswith("No component of the scores is distinguishable from noise, and how often")
    assert lines[1] == "Principal components: 12 sources x 12 targets, z-scored"
    assert not any("*" in line for line in lines[:14])
    assert not any("proposed name" in line for line in lines)


def test_components_told_from_noise_are_named_first_starred_and_have_a_proposal():
    lines = printed(2)
    assert lines[0] == "2 components are distinguishable from noise: PC1, PC2"
    assert [line.split()[0] for line in lines[3:6]] == ["PC1*", "PC2*", "PC3"]
    assert sum("proposed name: " in line for line in lines) == 2


def test_one_component_is_one():
    assert printed(1)[0] == "1 component is distinguishable from noise: PC1"


def test_share_noise_and_threshold_stand_side_by_side():
    lines = printed(2)
    assert lines[2].split() == ["share", "noise", "95th", "needed", "p", "sum", "noise", "largest", "loadings"]
    share, noise, p95, needed, p, total, null_total = map(float, lines[3].split()[1:8])
    assert share == total > needed
    assert noise == null_total < p95
    assert p <= 0.05
    assert len(lines[6].split()[1:]) < len(lines[5].split()[1:])  # PC4 is not tested


@pytest.mark.parametrize("size", [12, 20])
def test_the_table_is_at_most_100_columns_wide_and_says_what_is_not_in_it(size):
    lines = printed(1, size)
    assert max(len(line) for line in lines[2:13]) <= 100
    assert f"and {size - 11} more in components.csv" in lines


def test_every_rule_is_printed():
    line = next(line for line in printed(1) if line.startswith("components by rule"))
    for rule in ("parallel analysis", "permutation", "Horn, Gaussian", "Kaiser", "broken stick", "MAP"):
        assert rule in line
