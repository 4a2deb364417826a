"""What is written for papers, compiled by a real LaTeX in the article class."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.blocks import MatrixBlock
from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.report.files.article import article
from crosstask.report.files.paper_tables import PAPER_TABLES, paper_tables

pytestmark = pytest.mark.latex

ROOT = Path(__file__).parents[3]
HOSTILE = [r"\input{/etc/passwd}", "a_b&c%d#e$f{g}~h^i", r"\end{tabular}", "<b>bold</b>", "x" * 200]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The analysis of the real matrix that is part of the repository, with figures that LaTeX can print."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "analyze.py", "store=examples/smollm2", f"output={folder}"]
    subprocess.run([*command, "analysis.figures=[pdf]"], cwd=ROOT, check=True, capture_output=True)
    return folder


def compiled(text: str, folder: Path) -> str:
    """The log of a document compiled in a folder, in the order of its lines; it fails at the first error."""
    (folder / "document.tex").write_text(text)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    log = (folder / "document.log").read_text(errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log


def test_the_article_of_an_analysis_compiles_and_nothing_leaves_the_page(results):
    text = (results / "latex" / "article.tex").read_text()
    log = compiled(text, results / "latex")
    assert "Overfull" not in log
    figures = sorted(path.name for path in results.glob("*.pdf"))
    assert len(figures) > 10
    assert [name for name in figures if f"<../{name}" not in log.replace("\n", "")] == []
    assert [name for name in PAPER_TABLES if f"({'./' + name}.tex" not in log.replace("\n", "")] == []


def test_every_table_compiles(results):
    names = sorted(path.stem for path in (results / "latex").glob("*.tex") if path.stem not in ("article", "document"))
    assert len(names) > 30
    inputs = "\n".join(rf"\clearpage\noindent\input{{{name}}}" for name in names)
    packages = r"\usepackage{booktabs,longtable,graphicx}"
    compiled(
        rf"\documentclass{{article}}{packages}\begin{{document}}{inputs}\end{{document}}",
        results / "latex",
    )


@pytest.mark.parametrize(("rows", "columns"), [(60, 60), (70, 13)])
def test_a_large_matrix_with_hostile_names_fits_its_pages(tmp_path, rows, columns):
    values = pd.DataFrame(
        np.random.default_rng(0).uniform(-1, 1, (rows, columns)),
        [*HOSTILE, *[f"a_source_{row}" for row in range(rows - len(HOSTILE))]],
        [*HOSTILE, *[f"a_target_{column}" for column in range(columns - len(HOSTILE))]],
    )
    marks = values.abs() > 0.5
    block = MatrixBlock(title="Gain", values=values, home=values.isna(), unit=FRACTION, signed=True, significant=marks)
    (tmp_path / "paper_gains.tex").write_text(paper_tables([block])["paper_gains"])
    log = compiled(article(["paper_gains"], [], ["pdf"]), tmp_path)
    assert "Overfull" not in log
