"""``examples/smollm2``: a real matrix that anybody can analyze at once, without a text in it."""

from pathlib import Path

import pandas as pd
import pytest
import yaml

from crosstask.commands.analyze import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.jobs.compact_store import LETTERS, NUMBER
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store

EXAMPLE = Path(__file__).parents[2] / "examples" / "smollm2"
SCORES = Path(__file__).parents[2] / "docs" / "real_matrix" / "scores.csv"
DEFAULT = Path(__file__).parents[2] / "conf" / "analysis" / "default.yaml"
MIB = 2**20


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of its analysis, with fewer draws than usual."""
    output = tmp_path_factory.mktemp("results")
    options = Analysis(figures=[], order=yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["order"])
    options.traits.noise_draws = 100  # type: ignore[attr-defined]
    options.traits.resamples = 0  # type: ignore[attr-defined]
    options.gains.resamples = 100  # type: ignore[attr-defined]
    options.ability_tests.relabelings = 99  # type: ignore[attr-defined]
    options.similarity.permutations = 99  # type: ignore[attr-defined]
    analyze(AnalyzeConfig(analysis=options, store=str(EXAMPLE), output=str(output)))
    return output


def test_it_is_analyzed_as_any_other_store(results: Path):
    matrix = pd.read_csv(results / "matrix.csv", index_col="source")
    assert matrix.shape[0] >= 19
    assert matrix.shape[1] >= 18
    assert matrix.index[0] == "base"
    assert matrix.notna().all(axis=None)
    assert len(pd.read_csv(results / "similarity_tests.csv")) >= 9


def test_the_table_beside_the_page_has_its_scores(results: Path):
    found = pd.read_csv(results / "scores.csv")
    pd.testing.assert_frame_equal(found, pd.read_csv(SCORES))


def test_it_is_small_and_has_no_adapters():
    files = [path for path in EXAMPLE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 15 * MIB
    assert {path.relative_to(EXAMPLE).parts[0] for path in files} == {"cells", "profiles", "records"}


def test_it_has_no_text_and_no_path():
    """Of an answer there are labels, letters and numbers; of a setting no folder."""
    origin = StoredRows(Store(EXAMPLE))
    for row in origin.rows():
        assert not [value for value in row.record.config.values() if isinstance(value, str) and "/" in value]
        for target, cell in row.record.cells.items():
            allowed = {*(row.scores[target].labels or ()), *LETTERS}
            answers = pd.read_parquet(origin.store.answers(cell))
            for name in ("gold", "prediction"):
                kept = set(answers[name].dropna()) - allowed if name in answers else set()
                assert not [value for value in kept if not NUMBER.fullmatch(value)], (target, name)
            texts = {name for name in answers if isinstance(answers[name].iloc[0], str)}
            assert texts <= {"example", "gold", "prediction"}
            assert answers["example"].str.fullmatch(r"[a-z]+-\d+").all()
