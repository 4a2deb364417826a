"""What a job logs online, through the unpatched client, as the server then has it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.commands import analyze
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config.external import External
from crosstask.config.job import TrainConfig
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.tracking.reading import Query, Reader
from tests.support.foreign_adapters import made_by_peft
from tests.support.small_tasks import FILMS, SUMS
from tests.support.wandb_server.http_server import KEY, WandbServer
from tests.tracking.server_content import artifact_table, config_of, only_run, runs, steps, table


def run_job(config: TrainConfig) -> str:
    return train(config, Progress())


def test_a_job_is_one_finished_run_with_columns_and_scores(server: WandbServer, online: TrainConfig):
    run_job(online)
    run = only_run(server)
    assert (run.jobType, run.state, run.tags, run.displayName) == ("train", "finished", ["trial"], "films-0")
    assert run.group.startswith("tiny-local-")
    assert {"source": "films", "model": "tiny", "seed": 0, "lora.rank": 8}.items() <= config_of(run).items()
    stored = {path.parts[-4:-1][-1]: json.loads(path.read_text()) for path in stored_scores(online)}
    values = {f"{cell['target']}/{name}": value for cell in stored.values() for name, value in cell["metrics"].items()}
    assert {name for name in values if values[name] is None} == {name for name in values if run.summary[name] == "NaN"}
    assert {name: value for name, value in values.items() if value is not None}.items() <= run.summary.items()
    assert run.summary["train/stopped"] == "trainer.max_epochs=1 reached"
    assert server.errors == []


def test_a_row_made_elsewhere_comes_back_as_it_is_in_the_store(
    server: WandbServer, online: TrainConfig, model_folder: Path, tmp_path: Path
):
    folder = made_by_peft(model_folder, tmp_path / "made" / "reviews")
    evaluate(replace(online, source={"base": None}, adapter=External(path=str(folder))), Progress(), "")
    (stored,) = StoredRows(Store(online.store)).rows()
    (tracked,) = Reader(Query("films"), tmp_path / "cache").rows()
    assert tracked.record == stored.record
    assert tracked.record.external
    assert tracked.scores["films"].metrics == stored.scores["films"].metrics
    assert {"source": "reviews", "adapter.path": str(folder)}.items() <= config_of(only_run(server)).items()


def stored_scores(config: TrainConfig) -> list[Path]:
    return list(Path(config.store).glob("cells/*/*/score.json"))


def test_training_metrics_have_an_x_axis_of_their_own(server: WandbServer, online: TrainConfig):
    run_job(online)
    run = only_run(server)
    assert steps(run) == [1, 2, 3]
    row = run.history[1]
    assert {"train/loss", "train/token_accuracy", "train/learning_rate"} <= row.keys()
    defined = config_of(run)["_wandb"]["m"]
    names = {metric.get("1") or metric.get("2"): metric for metric in defined}
    assert defined[names["train/*"]["5"] - 1]["1"] == "train/step"


def test_tables_show_targets_and_capped_predictions(
    server: WandbServer, online: TrainConfig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crosstask.tracking.row_report.PREDICTIONS", 3)
    run_job(online)
    run = only_run(server)
    answers = {}
    for path in Path(online.store).glob("cells/*/*/answers.parquet"):
        answers[json.loads(path.with_name("score.json").read_text())["target"]] = pd.read_parquet(path)
    for target in ("films", "sums"):
        shown = artifact_table(server, run, f"predictions/{target}")
        assert shown["prediction"].tolist() == answers[target]["prediction"].tolist()[:3]
        assert shown["score"].tolist() == answers[target]["score"].tolist()[:3]
    targets = artifact_table(server, run, "targets").set_index("target")
    assert targets.index.tolist() == ["films", "sums"]
    assert targets["score"].tolist() == [run.summary["films/score"], run.summary["sums/score"]]


def test_a_closed_target_has_a_confusion_matrix(server: WandbServer, online: TrainConfig):
    run_job(online)
    run = only_run(server)
    assert "view/confusion/sums_table" not in run.summary
    found = table(server, run, "view/confusion/films_table")
    (path,) = [
        p for p in Path(online.store).glob("cells/*/*/answers.parquet") if "log_probabilities" in pd.read_parquet(p)
    ]
    answers = pd.read_parquet(path)
    expected = pd.crosstab(answers["gold"], answers["prediction"])
    for actual, predicted, count in found.itertuples(index=False):
        assert count == (expected.loc[actual, predicted] if predicted in expected and actual in expected.index else 0)
    assert found["nPredictions"].sum() == 4
    assert config_of(run)["_wandb"]["visualize"]["view/confusion/films"]["panel_config"]["panelDefId"].startswith(
        "wandb/confusion"
    )


def test_classes_are_in_the_order_of_the_task_there_and_back(server: WandbServer, online: TrainConfig, tmp_path: Path):
    labels = ["positive", "bad", "neutral"]
    moods = replace(FILMS, answer="{{ 'bad' if label else 'neutral' }}", labels=labels)
    run_job(replace(online, source={"base": None}, target={"films": moods}))
    found = table(server, only_run(server), "view/confusion/films_table")
    assert found["Actual"].tolist() == [label for label in labels for _ in labels]
    assert found["Predicted"].tolist() == labels * 3
    (row,) = Reader(Query("films"), tmp_path / "cache").rows()
    assert row.scores["films"].labels == tuple(labels)


def test_adapter_and_answers_are_artifacts_with_the_hashes_of_the_store(server: WandbServer, online: TrainConfig):
    run_job(online)
    (folder,) = (Path(online.store) / "adapters").iterdir()
    (record,) = Store(online.store).records()
    content = json.loads((folder / "adapter.json").read_text())["content"]
    project = server.root.projects["acme", "films"]
    adapter = project.collections[f"adapter-{folder.name}"]
    assert (adapter.type, set(adapter.named)) == ("adapter", {"latest", content})
    assert uploaded(server, adapter.named[content]) == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert json.loads(adapter.named[content].metadata)["content"] == content
    answers = project.collections[f"answers-{record.run}"]
    assert json.loads(answers.latestArtifact.metadata)["cells"] == record.to_json()["cells"]
    expected = {
        f"{target}/{path.name}": path.read_bytes()
        for target, cell in record.cells.items()
        for path in Store(online.store).cell(cell).iterdir()
    } | {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in ("profiles", "features")
        for path in (Path(online.store) / folder).iterdir()
    }
    assert len(expected) == 2 * 2 + 3 * 2 + 3
    assert uploaded(server, answers.latestArtifact) == expected


def uploaded(server: WandbServer, artifact: Any) -> dict[str, bytes]:
    """The files of an artifact."""
    return {name: server.root.content[artifact.places[entry["digest"]]] for name, entry in artifact.entries.items()}


def test_evaluate_has_a_run_of_its_own_that_holds_the_whole_row(server: WandbServer, online: TrainConfig):
    run_job(replace(online, target={"films": FILMS}))
    trained = only_run(server)
    before = (trained.config, trained.summaryMetrics, trained.history_lines[:])
    for _ in range(2):
        evaluate(replace(online, target={"sums": SUMS}), Progress(), "")
    assert (trained.config, trained.summaryMetrics, trained.history_lines) == before
    evaluated = runs(server)[f"{trained.name}-evaluate"]
    assert len(runs(server)) == 2
    assert (evaluated.jobType, evaluated.state, evaluated.group) == ("evaluate", "finished", trained.group)
    assert {"films/score", "sums/score"} <= evaluated.summary.keys()
    assert evaluated.exit_codes == [0]


def test_scores_are_logged_once_for_a_panel_each(server: WandbServer, online: TrainConfig):
    run_job(replace(online, target={"films": FILMS}))
    run_job(online)  # which continues the run
    run = only_run(server)
    for target in ("films", "sums"):
        logged = [row[f"score/{target}"] for row in run.history if f"score/{target}" in row]
        assert logged == [run.summary[f"{target}/score"]] == [run.summary[f"score/{target}"]]


def test_nothing_of_a_table_stands_before_the_scores(server: WandbServer, online: TrainConfig):
    run_job(online)
    run = only_run(server)
    inner = [key for key, value in run.summary.items() if isinstance(value, dict) and key != "_wandb"]
    assert inner == ["view/confusion/films_table"]
    sections = {key.split("/")[0] for row in run.history for key in row if not key.startswith("_")}
    assert sorted(sections) == ["score", "train", "view"]


def test_rescored_answers_reach_the_run(server: WandbServer, online: TrainConfig):
    run_job(online)
    (path,) = [path for path in stored_scores(online) if json.loads(path.read_text())["target"] == "sums"]
    path.write_text(path.read_text().replace('"n": 4.0', '"n": 5.0'))
    evaluate(replace(online, rescore=True), Progress(), "")
    (evaluated,) = [run for run in runs(server).values() if run.jobType == "evaluate"]
    assert evaluated.summary["sums/n"] == 4


def test_the_key_is_nowhere(server: WandbServer, online: TrainConfig, tmp_path: Path):
    run_job(online)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert server.bodies
    assert not any(KEY.encode() in body for body in server.bodies)


def test_an_analysis_is_a_run_with_tables_and_figures(server: WandbServer, online: TrainConfig, tmp_path: Path):
    for config in (online, replace(online, source={"base": None}), replace(online, source={"sums": SUMS})):
        run_job(config)
    settings = AnalyzeConfig(store=online.store, tracking=online.tracking, output=str(tmp_path / "results"))
    for _ in range(2):
        analyze.analyze(settings)
    (analysis,) = [run for run in runs(server).values() if run.jobType == "analyze"]
    assert analysis.state == "finished"
    assert analysis.summary["findings/gains"].startswith("Gain over the base model")
    matrix = pd.read_csv(tmp_path / "results" / "matrix.csv")
    pd.testing.assert_frame_equal(table(server, analysis, "tables/matrix"), matrix, check_dtype=False)
    figure = server.root.content[analysis.files[analysis.summary["figures/gains"]["path"]]]
    assert figure == (tmp_path / "results" / "gains.png").read_bytes()
    (artifact,) = [artifact for artifact in analysis.outputs if artifact.artifactSequence.type == "analysis"]
    assert uploaded(server, artifact)["scores.csv"] == (tmp_path / "results" / "scores.csv").read_bytes()
    page = (tmp_path / "results" / "report.html").read_bytes()
    assert uploaded(server, artifact)["report.html"] == page
    assert analysis.summary["report"]["_type"] == "html-file"  # which the UI shows
    assert server.root.content[analysis.files[analysis.summary["report"]["path"]]] == page
