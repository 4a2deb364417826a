"""Targets asked in several prompts: what is compared, the means, and how sure they are over other prompts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.prompt_effects import PromptMeans
from crosstask.analysis.matrix.prompts import answers_over_prompts, means_over_prompts, shared_prompts
from crosstask.analysis.matrix.selection import Selection
from tests.support.drawn_answers import matrix
from tests.support.prompted_answers import PromptedWorld

RUN = ["source", "seed", "train_seed"]


def asked(source: str, prompt: int, target: str = "goat", **more: Any) -> dict[str, Any]:
    return {"source": source, "prompt": prompt, "target": target, "run": f"{source}-{prompt}", **more}


def test_prompts_that_not_every_run_of_a_target_has_are_left_out_of_it(cell_table):
    both = [asked(source, prompt) for source in ("base", "imdb", "pile") for prompt in (0, 1)]
    some = [asked(source, 0, "mnli") for source in ("base", "imdb", "pile")] + [asked("imdb", 1, "mnli")]
    cells, notes = shared_prompts(cell_table(*both, *some), RUN)
    assert cells.groupby("target")["prompt"].agg(set).to_dict() == {"goat": {0, 1}, "mnli": {0}}
    assert len(cells) == 9
    assert notes == ["prompt 1 is left out on mnli, where not every run was asked in it"]


def test_the_prompt_that_most_runs_have_counts_and_of_several_the_first(cell_table):
    only = [asked(source, prompt) for prompt in (2, 1) for source in ("base", "imdb")] + [asked("pile", 2)]
    cells, _ = shared_prompts(cell_table(*only), RUN)
    assert set(zip(cells["source"], cells["prompt"], strict=True)) == {("base", 2), ("imdb", 2), ("pile", 2)}
    tied = [asked(source, prompt) for prompt in (2, 1) for source in ("base", "imdb")]
    assert set(shared_prompts(cell_table(*tied), RUN)[0]["prompt"]) == {1, 2}


def test_a_run_of_another_prompt_is_no_newer_run_of_the_same(cell_table):
    cells = cell_table(
        *(asked(source, prompt, target_id=f"t{prompt}") for source in ("base", "imdb") for prompt in (0, 1))
    )
    chosen = Selection()(cells)
    assert len(chosen.cells) == 4
    assert chosen.stale.empty
    assert not any("superseded" in note for note in chosen.notes)


def test_scores_are_means_over_prompts(cell_table):
    metrics = ({"score": 0.2, "f1": 0.5}, {"score": 0.6, "f1": 0.7, "other": 1.0})
    cells = cell_table(
        asked("imdb", 0, score=0.2, stderr=0.02, n=90, metrics=metrics[0]),
        asked("imdb", 1, score=0.6, stderr=0.04, n=80, metrics=metrics[1]),
        asked("base", 0, score=0.1),
    )
    means, notes = means_over_prompts(cells, RUN)
    assert len(means) == 2
    imdb = means.set_index("source").loc["imdb"]
    assert (imdb["score"], imdb["stderr"], imdb["n"], imdb["run"]) == (
        pytest.approx(0.4),
        pytest.approx(0.03),
        80,
        "imdb-0",
    )
    assert imdb["metrics"] == {"score": pytest.approx(0.4), "f1": pytest.approx(0.6)}
    assert notes == ["scores are means over 2 prompts of a target (scoring.prompt)"]
    alone, none = means_over_prompts(cells[cells["prompt"] == 0], RUN)
    assert none == []
    assert alone["score"].tolist() == [0.2, 0.1]


ROWS = (("base", None), ("imdb", 0))


def answers(values: list[list[float]], ids: str = "abc", rows: Any = ROWS) -> Answers:
    examples = np.array(list(ids), dtype=object)
    return Answers({"goat": TargetAnswers(rows, examples, np.array(values, dtype=np.float32))})


def test_answers_are_means_over_prompts_whatever_their_order():
    first = answers([[0, 1, 1], [1, 1, 1]])
    second = answers([[1, 1, 0], [0, 0, 1]], "cba", rows=ROWS[::-1])
    found = answers_over_prompts({0: first, 1: second}).targets["goat"]
    assert found.rows == ROWS
    assert found.scores.tolist() == [[0.5, 0.5, 0.5], [0.5, 1, 1]]
    assert found.by_prompt is not None
    assert found.by_prompt[1].tolist() == [[1, 0, 0], [0, 1, 1]]
    assert found.binary
    assert answers_over_prompts({0: first, 1: second}, single=True).targets["goat"].by_prompt is None


def test_runs_and_examples_that_one_prompt_lacks_are_left_out():
    found = answers_over_prompts({0: answers([[0, 1, 1], [1, 1, 1]]), 3: answers([[1, 0]], "ca", rows=ROWS[:1])})
    assert found.targets["goat"].rows == ROWS[:1]
    assert found.targets["goat"].examples.tolist() == ["a", "c"]


def test_the_parts_of_a_variance_are_those_of_an_analysis_of_variance():
    """Cell by cell by loops: prompts crossed with examples, of the differences from the base model."""
    rng = np.random.default_rng(3)
    means = PromptMeans(rng.normal(size=(3, 4, 7)).astype(np.float32))
    variance, interaction = means.differences(np.array([1.0, 0, 0]))
    for i in (1, 2):
        d = (means.means[i] - means.means[0]).astype(float)
        total, of_prompts, of_examples = d.mean(), d.mean(axis=1), d.mean(axis=0)
        ms_prompts = 7 * sum((value - total) ** 2 for value in of_prompts) / 3
        rest = [d[p, e] - of_prompts[p] - of_examples[e] + total for p in range(4) for e in range(7)]
        assert variance[i] == pytest.approx(ms_prompts / (4 * 7), rel=1e-5)
        assert interaction[i] == pytest.approx(sum(value**2 for value in rest) / (3 * 6) / (4 * 7), rel=1e-4)
    of_prompt = means.means.mean(axis=2)
    assert means.factor @ means.factor.T == pytest.approx(np.cov(of_prompt) / 4, rel=1e-5)


def coverage(world: PromptedWorld, seed: int, single: bool, draws: int = 30) -> tuple[float, float]:
    """Share of true gains, and of means of a source's true gains, that intervals of 95 % hold."""
    of_cells, of_means = [], []
    for number in range(draws):
        by_prompt, gains = world.drawn(np.random.default_rng([seed, number]))
        found = answers_over_prompts(by_prompt, single)
        table = matrix(found)
        evidence = GainEvidence(means_of_answers(found, table), "base")
        true = pd.DataFrame(gains, [f"s{i}" for i in range(world.sources)], [f"t{t}" for t in range(world.targets)])
        true = true.loc[evidence.sources, list(table.columns)]
        middle, parts = evidence.cells()
        of_cells.append((np.abs(middle - true).to_numpy() <= parts.half_width()).mean())
        weights = np.eye(world.sources)[:, :, None] * np.full(world.targets, 1 / world.targets)
        error = np.abs((evidence.gains - true).to_numpy().mean(axis=1))
        of_means.append((error <= evidence.sums(weights).half_width()).mean())
    return float(np.mean(of_cells)), float(np.mean(of_means))


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        PromptedWorld(sources=9, targets=7, prompts=3, examples=120, seeds=1, of_prompt=0.35),
        PromptedWorld(sources=9, targets=7, prompts=4, examples=80, seeds=1, of_prompt=0.35, heavy=True),
        PromptedWorld(sources=7, targets=8, prompts=3, examples=120, seeds=2, of_prompt=0.3, of_seed=0.2),
        PromptedWorld(sources=9, targets=7, prompts=2, examples=120, seeds=1, of_prompt=0.3),
    ],
    ids=["three", "heavy", "seeds", "two"],
)
def test_intervals_over_prompts_hold_the_gains_over_all_prompts(world: PromptedWorld):
    """Nominal 95 %; those for these very prompts hold far fewer. Means of sources may err on the wide side."""
    of_cells, of_means = coverage(world, seed=11, single=False)
    assert 0.92 <= of_cells <= 0.985
    assert 0.92 <= of_means <= 1
    assert coverage(world, seed=11, single=True)[0] < of_cells - 0.1


def test_prompts_that_do_nothing_cost_little():
    world = PromptedWorld(sources=9, targets=7, prompts=3, examples=120, seeds=1, of_prompt=0.0)
    assert 0.93 <= coverage(world, seed=12, single=False)[0] <= 0.985


def test_replicates_vary_with_the_prompts_as_intervals_do():
    world = PromptedWorld(sources=6, targets=5, prompts=3, examples=200, seeds=1, of_prompt=0.5)
    found = answers_over_prompts(world.drawn(np.random.default_rng(4))[0])
    evidence = GainEvidence(means_of_answers(found, matrix(found)), "base")
    draws = evidence.draws(4000, np.random.default_rng(5))
    assert draws is not None
    reference = evidence.reference
    prompts = np.stack(
        [evidence.means.prompts[t].differences(reference[:, t])[0] for t in range(5)], axis=1
    )[evidence.source_rows]  # fmt: skip
    expected = prompts + evidence.cells()[1].examples
    assert draws.var(axis=0).mean() == pytest.approx(expected.mean(), rel=0.1)
