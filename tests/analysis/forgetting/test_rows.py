"""What a row keeps of all other targets together, which test rows count for it, and backward transfer."""

import numpy as np
import pytest

from crosstask.analysis.forgetting.rows import abilities, kept, rows_that_count
from crosstask.analysis.matrix.answers import TargetAnswers
from tests.simulation.forgetting import CHANCE, WORLDS, World, simulate, transfer_of
from tests.simulation.planted_answers import Planted


def test_a_half_counts_if_base_is_able_on_the_other_half():
    ids = np.array([str(number) for number in range(200)], dtype=object)
    even = np.arange(200) % 2 == 0
    able = np.where(even, np.arange(200) % 10 != 0, np.arange(200) % 4 < 2).astype(np.float32)  # 0.8 and 0.5
    found = rows_that_count(TargetAnswers((("base", None),), ids, able[None]), CHANCE)
    assert found.tolist() == (~even).tolist()  # the odd rows, since base is able on the even ones
    assert not rows_that_count(TargetAnswers((("x", 0),), ids, able[None]), CHANCE).any()


def test_a_row_keeps_the_ratio_of_sums_over_what_counts():
    base = (0.9, 0.85, 0.5, 0.8)
    planted = Planted(sources=4, targets=4, seeds=1, base=base)
    generator = np.random.default_rng(3)
    answers = planted.answers(generator, np.array(base), np.full((4, 4), 0.7), 0.0)
    transfer = transfer_of(answers)
    levels = np.full(4, CHANCE)
    table = kept(transfer, levels, abilities(transfer, levels)).set_index("source")
    of = {name: found.scores.mean(axis=1, dtype=float) for name, found in answers.targets.items()}
    counted = ["t0", "t1", "t3"]  # base guesses on t2
    above = sum(of[name][1 + 2] - CHANCE for name in counted)
    assert table.loc["t2", "kept"] == pytest.approx(above / sum(of[name][0] - CHANCE for name in counted))
    assert table.loc["t2", "targets"] == 3
    assert table.loc["t0", "targets"] == 2  # not its own
    assert table.loc["t0", "backward"] == pytest.approx(
        np.mean([of[name][1] - of[name][0] for name in ("t1", "t2", "t3")])
    )
    assert (table["all_low"] < table["ci_low"]).all()
    assert (table["all_high"] > table["ci_high"]).all()


def test_where_base_guesses_everywhere_nothing_is_told():
    transfer, _ = World(base=(0.5,) * 10, examples=60).draw(np.random.default_rng(0))
    levels = np.full(10, CHANCE)
    assert abilities(transfer, levels) is None
    table = kept(transfer, levels, None)
    assert table["kept"].isna().all()
    assert (table["targets"] == 0).all()
    assert table["backward"].notna().all()


def test_intervals_mostly_hold_what_is_kept_and_nothing_changed_raises_no_alarm():
    found = simulate(WORLDS["nothing changes, half of the targets near chance"], 8)
    assert found["row covers"] >= 0.85
    assert found["alarm at .95"] == 0
    drawn = simulate(WORLDS["20 % kept, level from drawn labels"], 8)
    assert min(drawn["row covers"], drawn["cell covers"]) >= 0.88
    lost = simulate(World(0.5), 4)
    assert lost["alarm at .95"] == 1


@pytest.mark.simulation
@pytest.mark.parametrize("name", WORLDS)
def test_intervals_hold_what_is_kept(name: str):
    draws = 60
    found = simulate(WORLDS[name], draws, seed=1)
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5
    if found["row told"] > 0.5:
        assert found["row covers"] >= 0.93 - margin
    assert found["cell covers"] >= 0.93 - margin
    assert found["alarm"] <= 0.05 + margin
