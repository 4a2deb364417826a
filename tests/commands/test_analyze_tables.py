"""Tables as people have them, from the options to what is printed and written."""

import pandas as pd
import pytest

from crosstask.analysis.gains.options import Options as GainOptions
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.commands.analyze import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import Runs, RunsKind
from crosstask.errors import UserError

UNITS = """source,target,score
base,rte,52.7
base,stsb,0.02
base,wiki,121.5
imdb,rte,58.1
imdb,stsb,-0.05
imdb,wiki,119.0
mnli,rte,66.0
mnli,stsb,0.11
mnli,wiki,140.2
"""


def config(tmp_path, text: str, **runs) -> AnalyzeConfig:
    """The analysis of a table, with few draws and no figures."""
    (tmp_path / "table.csv").write_text(text, encoding="utf-8")
    few = Analysis(figures=[], gains=GainOptions(resamples=100), traits=TraitOptions(noise_draws=99, resamples=10))
    table = Runs(kind=RunsKind.table, path=str(tmp_path / "table.csv"), **runs)
    return AnalyzeConfig(table, few, output=str(tmp_path / "results"))


def test_several_units_are_printed_and_written_each_as_it_is(tmp_path, capsys):
    analyze(config(tmp_path, UNITS, lower=["wiki"]))
    results = tmp_path / "results"
    scores = pd.read_csv(results / "scores.csv").set_index(["source", "target"])["score"]
    assert scores[("imdb", "wiki")] == 119.0
    assert scores[("imdb", "stsb")] == -0.05
    assert pd.read_csv(results / "matrix.csv", index_col=0).loc["mnli"].tolist() == [66.0, 0.11, 140.2]
    gains = pd.read_csv(results / "gains.csv", index_col=0)
    assert gains.loc["imdb"].tolist() == pytest.approx([5.4, -0.07, 2.5])  # of a perplexity that fell
    printed = capsys.readouterr().out
    titles = [
        line for line in printed.splitlines() if line.startswith(("Scores", "Gain over the base model (", "Donors"))
    ]
    assert len(titles) == 3
    assert all("lower is better on wiki, + is an improvement" in title for title in titles)
    assert "standard deviations of the target" in titles[1]


def test_donors_of_several_units_do_not_follow_the_largest_numbers(tmp_path):
    analyze(config(tmp_path, UNITS, lower=["wiki"]))
    donors = pd.read_csv(tmp_path / "results" / "donors.csv").set_index(["role", "name"])["effect"]
    analyze(
        config(
            tmp_path, UNITS.replace("121.5", "1215").replace("119.0", "1190").replace("140.2", "1402"), lower=["wiki"]
        )
    )
    again = pd.read_csv(tmp_path / "results" / "donors.csv").set_index(["role", "name"])["effect"]
    pd.testing.assert_series_equal(donors, again)  # in other units of wiki the donors are the same


def test_control_characters_never_reach_the_terminal(tmp_path, capsys):
    text = 'source,target,score\nbase,"a\nb",0.5\nx\x1b[31m,"a\nb",0.6\n=cmd,"a\nb",0.7\n'
    analyze(config(tmp_path, text))
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert r"x\x1b[31m" in printed
    assert r"a\nb" in printed
    written = (tmp_path / "results" / "gains_long.csv").read_text()
    assert "\n'=cmd," in written
    assert "\n=cmd" not in written


@pytest.mark.parametrize("kind", [RunsKind.local, RunsKind.wandb])
def test_what_is_said_of_a_table_is_refused_where_none_is_read(kind):
    with pytest.raises(
        UserError, match=r"^runs\.lower=\['ppl'\]: only runs=table, .* and runs=inspect have it, not runs="
    ):
        AnalyzeConfig(Runs(kind=kind, lower=["ppl"]))


def test_units_are_a_mapping_of_text():
    with pytest.raises(UserError, match=r"^runs\.units=percent: must be \{target: fraction, percent or number\}"):
        AnalyzeConfig(Runs(kind=RunsKind.table, path="a.csv", units="percent"))
