"""Similarity against transfer in files, figure and terminal."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.figures import SimilarityPlot
from crosstask.analysis.matrix.columns import SIMILARITIES
from crosstask.analysis.schema import column_names
from crosstask.analysis.similarity.findings import similarity_finding
from crosstask.data.examples import Example
from crosstask.features.surface import profile
from crosstask.report.figures.similarity import similarity_plot
from crosstask.report.options import ReportOptions
from tests.support.analyses import report_of_runs

TESTS = pd.DataFrame(
    {
        "measure": ["tfidf", "labels", "embedding"],
        "cells": [12, 3, 12],
        "correlation": [0.5, np.nan, -0.7],
        "null_low": [-0.4, np.nan, -0.3],
        "null_high": [0.4, np.nan, 0.3],
        "p": [0.2, np.nan, 0.01],
        "q": [0.2, np.nan, 0.02],
        "significant": pd.array([False, None, True], "boolean"),
        "partial": [0.1, np.nan, -0.6],
        "partial_significant": pd.array([False, None, True], "boolean"),
    }
)


def test_the_title_names_what_goes_with_the_gains():
    assert (
        similarity_finding(TESTS)
        == "1 of 2 measures of similarity goes with the gains off the diagonal: embedding -0.70"
    )
    both = TESTS.assign(significant=pd.array([True, None, True], "boolean"))
    assert similarity_finding(both).endswith(
        "2 of 2 measures of similarity go with the gains off the diagonal: embedding -0.70, tfidf +0.50"
    )
    none = TESTS.assign(significant=pd.array([False, None, False], "boolean"))
    title = "None of 2 measures of similarity goes with the gains off the diagonal (nearest: embedding -0.70, q = 0.02)"
    assert similarity_finding(none) == title
    untested = TESTS[TESTS["measure"] == "labels"]
    assert similarity_finding(untested) == "No measure of similarity could be tested"


def test_the_figure_has_each_correlation_before_what_chance_gives():
    axes = similarity_plot(
        SimilarityPlot(name="similarity", title="title", subtitle="n", tests=TESTS, alpha=0.05)
    ).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["tfidf", "labels", "embedding"]
    drawn = {line.get_label(): line for line in axes.lines}
    assert drawn["significant"].get_xydata().tolist() == [[-0.7, 2]]
    assert drawn["significant"].get_markerfacecolor() != drawn["not significant"].get_markerfacecolor() == "white"
    assert drawn["not significant"].get_xdata()[0] == 0.5
    assert drawn["given all others"].get_xdata()[0] == 0.1
    assert drawn["given all others, significant"].get_xdata().tolist() == [-0.6]
    assert drawn["given all others, significant"].get_markerfacecolor() != "white"
    spans = [segment[:, 0].tolist() for segment in axes.collections[0].get_segments() if len(segment)]
    assert [-0.4, 0.4] in spans
    assert [-0.3, 0.3] in spans


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=100)


def test_files_and_terminal_say_what_was_found(cells, order, tmp_path, console):
    asked = []

    def data_sets(chosen):
        asked.append(len(chosen))
        names = {"source": chosen["source"].unique(), "target": chosen["target"].unique()}
        rows = [
            profile([Example("train-0", f"{name} {role}", "1")], []).assign(role=role, name=name)
            for role, of_role in names.items()
            for name in of_role
        ]
        return DataSets(pd.concat(rows), pd.DataFrame(columns=column_names(SIMILARITIES)))

    options, conventions = ReportOptions(tmp_path, ("png",)), Conventions(order)
    report_of_runs(cells, options, conventions, console, data_sets=data_sets)
    assert asked == [len(cells)]
    pairs, tests = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("similarity", "similarity_tests"))
    assert set(pairs["source"]) == {"metamath", "goat", "mnli_words", "imdb"}
    assert tests["measure"].tolist() == pairs["measure"].unique().tolist()
    assert (tests["cells"].max(), len(tests)) == (12, 6)
    assert (tmp_path / "similarity.png").exists()
    assert (tmp_path / "latex" / "similarity_tests.tex").exists()
    assert "of similarity goes with the gains off the diagonal" in console.file.getvalue()
    report_of_runs(cells, options, conventions, console)
    assert not list(tmp_path.glob("similarity*"))
