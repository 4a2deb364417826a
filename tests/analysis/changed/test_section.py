"""The section on changed examples: its tables, what it says, and the examples that it shows."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.changed.options import Options
from crosstask.analysis.changed.section import Section
from crosstask.analysis.changed.shown import chosen_cell
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.answers import Answers, Run, TargetAnswers
from crosstask.analysis.matrix.base_references import BaseReference
from crosstask.analysis.matrix.texts import NotKept, TargetTexts
from crosstask.analysis.transfer import Transfer
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import Reference
from crosstask.errors import UserError
from crosstask.limits import check_ranges
from tests.support.analyses import sections

ROWS: tuple[Run, ...] = (("base", None), ("goat", 0), ("imdb", 0))
EXAMPLES = np.array([f"test-{number}" for number in range(8)], dtype=object)
SCORES = {
    "goat": [[0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1, 0, 0]],
    "imdb": [[0, 0, 0, 0, 1, 1, 1, 1], [1, 0, 0, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1, 1, 0]],
}


def texts(target: str, runs: Sequence[Run]) -> TargetTexts:
    """Texts that say what they are of."""
    return TargetTexts(
        {example: f"{target}? {example}" for example in EXAMPLES},
        dict.fromkeys(EXAMPLES, "yes"),
        tuple({example: f"{source}: {example}" for example in EXAMPLES} for source, *_ in runs),
    )


@pytest.fixture
def transfer() -> Transfer:
    """Two sources on their two targets, one seed each."""
    targets = {name: TargetAnswers(ROWS, EXAMPLES, np.array(rows, np.float32)) for name, rows in SCORES.items()}
    rows = [
        (source, target, seed, "accuracy", float(np.mean(SCORES[target][place])), 0.1, 8)
        for target in SCORES
        for place, (source, seed) in enumerate(ROWS)
    ]
    scores = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "stderr", "n"])
    return Transfer(scores.astype({"seed": "Int64", "n": "Int64"}), answers=Answers(targets), texts=texts)


def test_tables_and_findings(transfer: Transfer):
    found = Section(Options())(transfer)
    changed, counts = (table.frame for table in found.tables)
    assert len(changed) == counts["won"].sum() + counts["lost"].sum() == 4 + 2 + 4 + 5
    assert found.lines == (
        "Off the diagonal, on 2 targets of right and wrong answers, fine-tuning wins 3 of 16 answers (18.8%: wrong by"
        " base, right by the adapter) and loses 3 (18.8%)",
        "imdb on goat, seed 0 wins 2 and loses 2 of 8 answers (McNemar p = 1): of the cells without a telling gain the"
        " one in which most cancels out",
    )
    assert not found.blocks
    assert not found.notes


def test_another_reference_is_named_and_has_no_texts(transfer: Transfer):
    plain = BaseReference("base", pd.DataFrame({"target": ["goat"]}), None)
    corrected = replace(transfer, conventions=Conventions(reference="prior_corrected"), base_references=(plain,))
    found = Section(Options(show="imdb on goat"))(corrected)
    assert "(18.8%: wrong by base prior-corrected, right by the adapter)" in found.lines[0]
    assert not found.blocks
    why = "answers are won and lost against base prior-corrected, whose texts are not shown"
    assert found.notes == (f"analysis.changed.show=imdb on goat: {why}",)
    assert Section(Options(show="goat on imdb"))(corrected).blocks


def test_p_is_that_of_the_gains_where_there_is_one_seed(transfer: Transfer):
    gains = sections()["gains"](transfer)
    table = next(table.frame for table in gains.tables if table.schema.name == "gains_long")
    counts = Section(Options())(transfer).tables[1].frame
    merged = counts.merge(table, on=["source", "target"])
    assert len(merged) == 4
    assert merged["p_x"].tolist() == merged["p_y"].tolist()
    assert ((merged["won"] - merged["lost"]) / 8).tolist() == pytest.approx(merged["gain"].tolist())


def test_the_examples_of_a_cell_are_shown_with_their_texts(transfer: Transfer):
    (block,) = Section(Options(show="imdb on goat", examples=1))(transfer).blocks
    assert block.runs == ("seed 0: 2 won and 2 lost of 8 (McNemar p = 1)",)
    assert block.examples[["example", "outcome"]].to_numpy().tolist() == [
        *(["test-0", "won"], ["test-1", "won"], ["test-6", "lost"], ["test-7", "lost"])
    ]
    last = block.examples.iloc[-1][["prompt", "gold", "base", "answer"]].tolist()
    assert last == ["goat? test-7", "yes", "base: test-7", "imdb: test-7"]


def test_several_seeds_follow_each_other(transfer: Transfer):
    of_imdb = transfer.answers.targets["imdb"]
    rows: tuple[Run, ...] = (*ROWS, ("imdb", 1))
    seeds = replace(of_imdb, rows=rows, scores=np.vstack([of_imdb.scores, of_imdb.scores[:1]]))
    several = replace(transfer, answers=Answers({"imdb": seeds}))
    (block,) = Section(Options(show="imdb on imdb"))(several).blocks
    assert block.runs == (
        "seed 0: 4 won and 1 lost of 8 (McNemar p = 0.38)",
        "seed 1: 0 won and 0 lost of 8 (McNemar p = 1)",
    )
    assert set(block.examples["run"]) == {block.runs[0]}


def test_a_cell_without_changed_examples_is_shown_as_such(transfer: Transfer):
    same = replace(transfer.answers.targets["goat"], scores=np.ones((3, 8), np.float32))
    (block,) = Section(Options(show="imdb on goat"))(replace(transfer, answers=Answers({"goat": same}))).blocks
    assert block.runs == ("seed 0: 0 won and 0 lost of 8 (McNemar p = 1)",)
    assert block.examples.empty


def lacking(target: str, runs: Sequence[Run]) -> TargetTexts:
    raise NotKept("no prompts of goat are kept: run it again")


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"texts": None}, "these scores came without prompts and answers, which a store and W&B keep"),
        ({"texts": lacking}, "no prompts of goat are kept: run it again"),
        ({"answers": None}, "no answers of imdb on goat are kept that can be compared with base's"),
    ],
    ids=["a table", "no prompts", "no answers"],
)
def test_where_there_are_no_texts_one_line_says_so(transfer: Transfer, known: dict[str, object], line: str):
    found = Section(Options(show="imdb on goat"))(replace(transfer, **known))
    assert not found.blocks
    assert found.notes == (f"analysis.changed.show=imdb on goat: {line}",)


def test_without_answers_nothing_is_said_and_without_base_one_line(transfer: Transfer):
    bare = Section(Options())(replace(transfer, answers=None))
    assert not any(table.is_written for table in bare.tables)
    assert (bare.lines, bare.notes) == ((), ())
    targets = {
        name: replace(found, rows=ROWS[1:], scores=found.scores[1:]) for name, found in transfer.answers.targets.items()
    }
    tuned = transfer.scores[transfer.scores["source"] != "base"]
    found = Section(Options())(replace(transfer, scores=tuned, answers=Answers(targets)))
    assert not any(table.is_written for table in found.tables)
    line = "no changed examples: no answers of the base model are kept that others could be held against"
    assert found.notes == (line,)


def test_a_cell_is_named_by_its_source_and_target():
    assert chosen_cell("on on on", ["on"], ["on"]) == ("on", "on")
    assert chosen_cell("a on b on c", ["a", "a on b"], ["c"]) == ("a on b", "c")
    with pytest.raises(UserError, match=r"^analysis\.changed\.show='imbd on goat': no source 'imbd' \(did you mean"):
        chosen_cell("imbd on goat", ["base", "imdb"], ["goat"])
    with pytest.raises(UserError, match="no target 'gaot' .*; there are goat, imdb$"):
        chosen_cell("imdb on gaot", ["base", "imdb"], ["goat", "imdb"])
    with pytest.raises(UserError, match="no source 'base'; there are imdb$"):
        chosen_cell("base on goat", ["base", "imdb"], ["goat"])


@pytest.mark.parametrize("show", ["imdb", "imdb/goat", " on goat", "imdb on ", ""])
def test_what_names_no_cell_is_refused(show: str):
    with pytest.raises(UserError, match=r"^analysis\.changed\.show='.*': must be 'SOURCE on TARGET', such as"):
        check_ranges(Options(show=show), "analysis.changed")


def test_another_base_model_than_base_is_not_shown():
    analysis = Analysis(changed=Options(show="imdb on goat"), reference=Reference.few_shot)
    with pytest.raises(UserError, match=r"^analysis\.changed\.show=imdb on goat: shows the answers of base, not of"):
        AnalyzeConfig(analysis=analysis)


def test_conventions_of_rows_with_settings(transfer: Transfer):
    rows: tuple[Run, ...] = (("base", None, "m"), ("goat", 0, "m"))
    target = TargetAnswers(rows, EXAMPLES, np.array(SCORES["imdb"][:2], np.float32))
    scores = transfer.scores[transfer.scores["source"] != "imdb"].assign(model="m")
    finer = replace(
        transfer,
        scores=scores,
        conventions=Conventions(rows=("source", "model")),
        answers=Answers({"imdb": target}),
    )
    (block,) = Section(Options(show="goat on imdb"))(finer).blocks
    assert block.runs == ("seed 0, model m: 1 won and 1 lost of 8 (McNemar p = 1)",)
