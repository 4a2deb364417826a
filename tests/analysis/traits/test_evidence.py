"""What stands beside a replication: bends, and what would have come back."""

from dataclasses import replace

import numpy as np
import pytest

from crosstask.analysis.traits.replication.consensus import consensus
from crosstask.analysis.traits.replication.evidence import evidence
from crosstask.analysis.traits.replication.replicates import Replicates
from crosstask.analysis.traits.replication.results import replication
from tests.simulation.ceilings import logistic, replicated, scores
from tests.simulation.limits import own_trait

SHAPE = (20, 10)


def donors_on_log_odds(seed: int) -> Replicates:
    """Five models moved by nothing but donors, whose scores end at 0 and 1."""
    return replicated(scores(logistic, 1.0, (10, 10), np.random.default_rng(seed), models=5))


def no_trait(models: int, seed: int = 0, shape: tuple[int, int] = SHAPE) -> Replicates:
    """Cells that have nothing to do with each other, nor with those of other models."""
    generator = np.random.default_rng(seed)
    base = np.full((models, 1, shape[1]), 0.5)
    return replicated(np.concatenate([base, base + 0.05 * generator.normal(size=(models, *shape))], axis=1))


@pytest.mark.slow
def test_what_comes_back_by_ceilings_alone_is_called_so():
    told = [replication(donors_on_log_odds(seed), {}, 0.05) for seed in range(8)]
    back = [found for found in told if found.evidence.straight.retained]
    assert len(back) >= 5
    bent = [found for found in back if not found.retained]
    assert len(bent) >= len(back) // 2
    assert bent[0].verdict.startswith("What comes back over 5 base models cannot be told from ceilings and floors: ")
    assert not bent[0].table["retained"].any()
    assert bent[0].lines == [bent[0].verdict]


def test_a_trait_of_one_model_that_moves_more_is_none_of_what_comes_back():
    """The mean over models has it as its first component, and what pairs do comes back."""
    told = [replication(own_trait(np.random.default_rng(seed), 3.0, 0.3), {}, 0.05) for seed in range(4)]
    assert all(found.retained for found in told)
    assert sum(found.traits > 0 for found in told) <= 1
    assert told[0].traits == 0
    assert "a trait cannot be told" in told[0].lines[1]


def test_a_trait_of_all_models_is_called_one():
    told = [replication(all_have(seed), {}, 0.05) for seed in range(3)]
    assert [found.traits for found in told] == [1, 1, 1]
    assert told[0].lines[1].startswith("R1 is a trait: few dimensions carry what comes back")


def all_have(seed: int) -> Replicates:
    """Three models with one trait of most of what pairs do, of which one moves three times as much."""
    generator = np.random.default_rng(seed)
    trait = generator.normal(size=(20, 1)) * np.where(np.arange(10) % 2, 1.0, -1.0)
    base, moves = np.full((3, 1, 10), 0.5), np.array([3.0, 1.0, 1.0])[:, None, None]
    cells = 0.7**0.5 * trait + 0.3**0.5 * generator.normal(size=(3, 20, 10))
    return replicated(np.concatenate([base, base + 0.03 * moves * cells], axis=1))


@pytest.mark.slow
@pytest.mark.parametrize("models", [2, 9])
def test_power_is_the_share_of_replications_that_would_find_traits(models):
    """By the other way round: whole replications of matrices with three traits that all models have in common."""
    shape = (8, 8)
    found = no_trait(models, shape=shape)
    beside = evidence(found, 199, 0.05)
    assert beside.planted == 3
    assert beside.told == (beside.power >= 0.5)
    hits = []
    for seed in range(40):
        generator = np.random.default_rng([1, seed])
        groups = generator.permutation(np.arange(8) % 3)
        shared = generator.normal(size=(8, 3))[:, groups]
        cells = 0.5**0.5 * (shared + generator.normal(size=(models, *shape)))
        base = np.full((models, 1, 8), 0.5)
        planted = replicated(np.concatenate([base, base + 0.05 * cells], axis=1))
        bent = replace(planted, residuals=tuple(data.bending for data in planted.residuals))
        hits.append(all(consensus(way, 99, 0.05, seed).retained > 0 for way in (planted, bent)))
    assert beside.power == pytest.approx(np.mean(hits), abs=0.2)
    assert 0.3 < beside.power < 0.8 if models == 2 else beside.power > 0.9


def test_with_three_targets_no_traits_can_be_planted():
    found = replication(no_trait(4, shape=(10, 3)), {}, 0.05)
    assert np.isnan(found.evidence.power)
    assert found.verdict.startswith("Whether anything comes back over 4 base models cannot be told with fewer than 4 ")
