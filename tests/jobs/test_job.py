"""Jobs in this process, on the tiny model: what is made, what is reused, what is refused."""

import json
import os
import re
import shutil
import signal
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.schema import column_names
from crosstask.config.inputs import Model, Quantization
from crosstask.config.job import Tracking, TrackingMode, TrainConfig
from crosstask.config.scoring import Scoring
from crosstask.config.task import AnswerExtraction, Decision
from crosstask.errors import UserError
from crosstask.evaluation.generation import GenerationRequests
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.models import base_model
from crosstask.runs.cell_table import cell_table, homes
from crosstask.runs.profiles import profile_table
from crosstask.storage import adapter_files
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.old_store import make_unnamed
from tests.support.small_tasks import FILMS, SUMS


@pytest.fixture
def progress() -> Progress:
    return Progress()


def files(store: str) -> dict[str, int]:
    """Every file of the store but the records, with the time of its last change."""
    paths = [p for p in Path(store).rglob("*") if p.is_file() and "records" not in p.parts]
    return {str(path): path.stat().st_mtime_ns for path in paths}


def cells(config: TrainConfig) -> pd.DataFrame:
    return cell_table(StoredRows(Store(config.store)).rows())


def adapter_folder(config: TrainConfig) -> Path:
    (folder,) = (Path(config.store) / "adapters").iterdir()
    return folder


def without_model(*_: Any) -> None:
    """In place of what loads the base model, where no inference may run."""
    raise AssertionError("the base model is loaded")


def interrupt(share: float, note: str) -> None:
    """^C while a training or scoring reports its progress."""
    raise KeyboardInterrupt


BASE = {"source": {"base": None}}


def test_a_row_is_trained_and_scored_once(config: TrainConfig, progress: Progress):
    assert train(config, progress).startswith("done: trained 3 steps")
    before = files(config.store)
    assert train(config, progress) == "reused: the adapter and 2 cells"
    assert files(config.store) == before


def test_the_record_says_how_many_tokens_a_pass_had(config: TrainConfig, progress: Progress):
    train(config, progress)
    made = {"training": 512, "likelihoods": 1024, "generation": 8192}
    (record,) = Store(config.store).records()
    assert record.pass_tokens.items() >= made.items()
    with_another = replace(config, target={"films": FILMS})
    assert train(with_another, progress).startswith("reused")
    assert Store(config.store).records() == [replace(record, updated=Store(config.store).records()[0].updated)]


@pytest.mark.parametrize("source", ["films", "base"])
def test_an_interruption_arrives_as_one_in_training_and_in_scoring(config: TrainConfig, source: str):
    job = config if source == "films" else replace(config, **BASE)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            train(job, Progress(interrupt))
    finally:
        signal.signal(signal.SIGINT, before)  # which Lightning ignores from then on
    assert train(job, Progress()).startswith("done: ")


def test_the_adapter_is_the_same_whether_its_layers_are_named_or_left_to_the_architecture(
    config: TrainConfig, progress: Progress
):
    train(config, progress)
    named = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    assert config.lora.target_modules is None
    assert train(replace(config, lora=replace(config.lora, target_modules=named)), progress).startswith("reused")


def test_the_table_has_a_row_per_cell(config: TrainConfig, progress: Progress):
    train(config, progress)
    train(replace(config, **BASE), progress)
    table = cells(config).set_index(["source", "target"]).sort_index()
    assert list(table.index) == [("base", "films"), ("base", "sums"), ("films", "films"), ("films", "sums")]
    assert table.loc["films", "seed"].tolist() == [0, 0]
    assert table.loc["base", "seed"].isna().all()
    assert table.loc["base", "settings"].isna().all()
    assert table["n"].tolist() == [4] * 4
    assert table["data_id"].nunique() == table["base"].nunique() == table["group"].nunique() == 1
    for target in ("films", "sums"):
        assert table.xs(target, level="target")["target_id"].nunique() == 1
    assert homes(Store(config.store).records()) == {"films": "films"}


def test_the_surface_of_every_data_set_is_kept(config: TrainConfig, progress: Progress):
    for job in (config, replace(config, **BASE)):
        train(job, progress)
    store = Store(config.store)
    kept = profile_table(store.records(), StoredRows(store).fetch_profiles(store.records()))
    assert set(zip(kept["role"], kept["name"], strict=True)) == {
        ("source", "films"),
        ("target", "films"),
        ("target", "sums"),
    }
    rows = kept[kept["kind"] == "rows"].set_index(["role", "name"])["value"]
    assert rows.to_dict() == {("source", "films"): 12, ("target", "films"): 4, ("target", "sums"): 4}
    assert (kept[kept["kind"] == "embedding"].groupby(["role", "name"]).size() == 32).all()
    assert len(list((store.root / "profiles").iterdir())) == 6


def test_every_answer_is_kept(config: TrainConfig, progress: Progress):
    train(config, progress)
    answers = [pd.read_parquet(path) for path in Path(config.store).glob("cells/*/*/answers.parquet")]
    closed = next(frame for frame in answers if "log_probabilities" in frame)
    opened = next(frame for frame in answers if "text" in frame)
    common = ["example", "gold", "prediction", "valid", "score", "prompt_cut"]
    assert set(common) <= set(closed) & set(opened)
    assert {"output_tokens", "stopped", "lenient_prediction", "lenient_score"} <= set(opened)
    assert closed["log_probabilities"].map(len).tolist() == [2] * 4
    assert (len(closed), len(opened)) == (4, 4)


def test_an_empty_store_is_named_and_no_rows_are_an_empty_table(tmp_path: Path):
    with pytest.raises(UserError, match="^store=.*nothing: no runs to analyze; python train.py -m .* makes some$"):
        StoredRows(Store(tmp_path / "nothing")).rows()
    table = cell_table([])
    assert list(table.columns) == column_names(CELLS)
    assert table.empty


def test_another_seed_is_another_adapter_and_the_base_stays_one_row(config: TrainConfig, progress: Progress):
    for seed in (0, 1):
        train(replace(config, seed=seed), progress)
    assert train(replace(config, **BASE), progress).startswith("done")
    assert train(replace(config, seed=1, **BASE), progress).startswith("reused")
    assert sorted(cells(config)["seed"].dropna().unique()) == [0, 1]
    assert (cells(config)["source"] == "base").sum() == 2


def test_another_extraction_scores_the_same_outputs_again(
    config: TrainConfig, progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    train(config, progress)
    monkeypatch.setattr("crosstask.models.base_model.load", lambda model: pytest.fail("no model is needed"))
    other = replace(SUMS, extraction=AnswerExtraction(r"(\d)", r"(\d)"))
    note = train(replace(config, target={"films": FILMS, "sums": other}), progress)
    assert note.startswith("done: scored 1 targets")
    assert "reused 1" in note


def test_rescoring_scores_every_stored_output_again(
    config: TrainConfig, progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    train(config, progress)
    scored = list(Path(config.store).glob("cells/*/*/answers.parquet"))
    before = [path.read_bytes() for path in scored]
    for path in scored:
        path.write_bytes(b"spoilt")
    monkeypatch.setattr("crosstask.models.base_model.load", lambda model: pytest.fail("no model is needed"))
    note = evaluate(replace(config, rescore=True), progress, "TRAIN")
    assert note == "done: re-scored the stored outputs of 2 targets, 0 changed"
    assert [path.read_bytes() for path in scored] == before


def test_rescoring_opens_a_run_only_if_a_cell_changed(
    config: TrainConfig, progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    train(config, progress)
    again = replace(config, rescore=True, tracking=Tracking(mode=TrackingMode.offline))
    evaluate(again, progress, "TRAIN")
    assert not (Path(config.store) / "wandb").exists()
    path = next(Path(config.store).glob("cells/*/*/score.json"))
    path.write_text(path.read_text().replace('"n": 4.0', '"n": 5.0'))
    assert evaluate(again, progress, "TRAIN").endswith("2 targets, 1 changed")
    assert len(list((Path(config.store) / "wandb").glob("offline-run-*"))) == 1


def test_rescoring_needs_outputs(config: TrainConfig, progress: Progress):
    train(replace(config, target={"films": FILMS}), progress)
    with pytest.raises(UserError, match="rescore=true: the store has no outputs of films on sums; the same command"):
        evaluate(replace(config, rescore=True), progress, "TRAIN")


def test_every_cell_holds_the_effect_of_its_adapter(config: TrainConfig, progress: Progress):
    train(config, progress)
    recorded = json.loads((adapter_folder(config) / "adapter.json").read_text())
    cells = [json.loads(path.read_text()) for path in Path(config.store).glob("cells/*/*/score.json")]
    assert [cell["adapter"] for cell in cells] == [recorded["content"]] * 2
    assert [cell["logit_difference"] for cell in cells] == [recorded["logit_difference"]] * 2
    assert max(recorded["logit_difference"]) > 0


def test_an_adapter_with_another_effect_than_recorded_scores_nothing(config: TrainConfig, progress: Progress):
    train(replace(config, target={"films": FILMS}), progress)
    path = adapter_folder(config) / "adapter.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps({**written, "logit_difference": [2 * d for d in written["logit_difference"]]}))
    with pytest.raises(UserError, match="the adapter's effect differs from the one on record"):
        evaluate(config, progress, "TRAIN")
    assert len(list(Path(config.store).glob("cells/*/outputs.parquet"))) == 1


def test_an_interrupted_cell_continues_where_it_stopped(
    config: TrainConfig, progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    config = replace(config, **BASE, scoring=Scoring(max_new_tokens=5, batch_tokens=1))
    whole = replace(config, store=config.store + "-whole")
    train(whole, progress)
    ran: list[int] = []

    def counted(model: Any, members: Any, limit: int | None, run: Any) -> Any:
        ran.extend(members)
        if len(ran) == limit:
            raise KeyboardInterrupt
        return run(model, members)

    def count(limit: int | None) -> None:
        for kind in (LabelLikelihoodRequests, GenerationRequests):
            plain = kind.run
            monkeypatch.setattr(
                kind,
                "run",
                lambda self, model, members, plain=plain: counted(model, members, limit, partial(plain, self)),
            )

    monkeypatch.setattr("crosstask.evaluation.inference.SECONDS", -1.0)
    with monkeypatch.context():
        count(3)
        with pytest.raises(KeyboardInterrupt):
            train(config, progress)
    monkeypatch.undo()
    ran.clear()
    count(None)
    train(config, progress)
    assert len(ran) == 3 + 4, "two of four films were there, with the prompt without content; then four sums"
    assert not list(Path(config.store).glob("cells/*/parts"))
    for path in Path(whole.store).glob("cells/*/outputs.parquet"):
        other = Path(config.store) / path.relative_to(whole.store)
        pd.testing.assert_frame_equal(pd.read_parquet(path), pd.read_parquet(other))


def test_a_label_that_would_share_a_token_with_its_prompt_is_told(
    config: TrainConfig, progress: Progress, caplog: pytest.LogCaptureFixture
):
    spaced = replace(FILMS, prompt="{{ text }} it is ", answer="{{ 'bad' if label else '0' }}", labels=["0", "bad"])
    train(replace(config, **BASE), progress)
    assert "share a token" not in caplog.text
    train(replace(config, target={"films": spaced}, **BASE), progress)
    assert "target films: in running text 'bad' would share a token with the end of the prompt" in caplog.text


def test_labels_of_which_one_can_never_win_are_refused_before_and_after_inference(
    config: TrainConfig, progress: Progress
):
    labels = {"answer": "{{ 'the film' if label else 'the' }}", "labels": ["the", "the film"]}
    raw, per_token = (replace(FILMS, decide=decide, **labels) for decide in (Decision.raw, Decision.per_token))
    message = "target films: the label 'the film' begins with all tokens of the label 'the'"
    with pytest.raises(UserError, match=message):
        train(replace(config, target={"films": raw}, **BASE), progress)
    assert not list(Path(config.store).glob("cells/*/outputs.parquet"))
    train(replace(config, target={"films": per_token}, **BASE), progress)
    with pytest.raises(UserError, match=message):
        train(replace(config, target={"films": raw}, **BASE), progress)


def test_the_tokens_of_a_target_are_made_once_for_all_adapters(
    config: TrainConfig, progress: Progress, monkeypatch: pytest.MonkeyPatch
):
    made = []
    for kind in (LabelLikelihoodRequests, GenerationRequests):
        plain = kind.__init__
        monkeypatch.setattr(kind, "__init__", lambda self, *a, plain=plain: made.append(a) or plain(self, *a))
    unseen = {name: replace(task, prompt="Now " + task.prompt) for name, task in config.target.items()}
    for seed in (0, 1):
        train(replace(config, seed=seed, target=unseen), progress)
    assert len(made) == 2


def test_changed_test_data_is_scored_again(config: TrainConfig, progress: Progress):
    train(config, progress)
    before = cells(config).set_index("target")["target_id"]
    wider = replace(SUMS, prompt="{{ sum }} is\nAnswer:\n")
    train(replace(config, target={"films": FILMS, "sums": wider}), progress)
    after = cells(config).set_index("target")["target_id"]
    assert after["sums"] != before["sums"]
    assert after["films"] == before["films"]


def test_a_mixture_is_trained_on_both(config: TrainConfig, progress: Progress):
    train(replace(config, source={"sums": SUMS, "films": FILMS}), progress)
    written = json.loads((adapter_folder(config) / "adapter.json").read_text())
    assert written["recipe"]["source"] == "films+sums"
    assert written["report"]["examples"] == 12 + 5


def test_evaluate_scores_what_exists_and_trains_nothing(config: TrainConfig, progress: Progress):
    train(replace(config, target={"films": FILMS}), progress)
    before = adapter_files.content(adapter_folder(config))
    assert evaluate(config, progress, "TRAIN").startswith("done: scored 1 targets")
    assert adapter_files.content(adapter_folder(config)) == before
    assert sorted(cells(config)["target"]) == ["films", "sums"]


def test_evaluate_says_which_command_trains(config: TrainConfig, progress: Progress):
    with pytest.raises(UserError, match="source=films: no adapter of these settings exists; TRAIN trains it"):
        evaluate(config, progress, "TRAIN")
    assert evaluate(replace(config, **BASE), progress, "").startswith("done")


@pytest.mark.parametrize("name", [adapter_files.WEIGHTS, adapter_files.CONFIG])
def test_a_changed_adapter_is_refused_and_made_again_when_deleted(config: TrainConfig, progress: Progress, name: str):
    train(config, progress)
    folder = adapter_folder(config)
    content = adapter_files.content(folder)
    path = folder / name
    path.write_bytes(
        path.read_bytes().replace(b"16", b"17") if name == adapter_files.CONFIG else path.read_bytes() + b"x"
    )
    with pytest.raises(UserError, match="not what was trained, its files changed; delete the folder"):
        train(config, progress)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert train(config, progress).startswith("done: trained")
    assert adapter_files.content(adapter_folder(config)) == content


def test_adapters_whose_folders_were_swapped_are_refused(config: TrainConfig, progress: Progress):
    jobs = [replace(config, seed=seed) for seed in (0, 1)]
    for job in jobs:
        train(job, progress)
    one, two = sorted((Path(config.store) / "adapters").iterdir())
    for old, new in ((one, "aside"), (two, one.name), (one.with_name("aside"), two.name)):
        old.rename(one.with_name(new))
    for job in jobs:
        message = "holds another adapter than its name says, trained on 'films' with seed [01]: a folder was renamed"
        with pytest.raises(UserError, match=message):
            train(job, progress)


@pytest.mark.parametrize("old", [False, True], ids=["today", "before files said what they are of"])
def test_cells_whose_folders_were_swapped_are_left_out_and_made_again(
    config: TrainConfig, progress: Progress, caplog: pytest.LogCaptureFixture, old: bool
):
    jobs = [config, replace(config, **BASE)]
    for job in jobs:
        train(job, progress)
    before = cells(config)
    store = Store(config.store)
    if old:
        make_unnamed(store.root)
    one, two = (store.cell(record.cells["films"]).parent for record in store.records())
    for this, new in ((one, "aside"), (two, one.name), (one.with_name("aside"), two.name)):
        this.rename(one.with_name(new))
    assert cells(config)["target"].tolist() == ["sums", "sums"]
    assert re.search(rf"{one}.* another adapter", caplog.text)
    for job in jobs:
        assert train(job, progress).startswith("done: scored 1 targets")
    for folder in (one, two):
        assert re.search(rf"{folder}/\w+/score\.json: of another adapter or target .*; made again", caplog.text)
        assert re.search(rf"{folder}/outputs\.parquet: .*; made again", caplog.text)
    pd.testing.assert_frame_equal(
        cells(config).drop(columns="updated", errors="ignore"), before.drop(columns="updated", errors="ignore")
    )
    assert train(config, progress).startswith("reused")


def test_a_lost_adapter_file_is_refused(config: TrainConfig, progress: Progress):
    train(config, progress)
    os.remove(adapter_folder(config) / adapter_files.WEIGHTS)
    with pytest.raises(UserError, match="damaged .*; delete the folder to train the adapter again"):
        train(config, progress)


def test_lost_cells_are_made_again_with_the_same_scores(config: TrainConfig, progress: Progress):
    train(config, progress)
    before = cells(config)[["target", "score", "stderr"]]
    for path in Path(config.store).glob("cells/*/*/score.json"):
        path.unlink()
        path.with_name("answers.parquet").unlink()
        path.parent.rmdir()
    assert cells(config).empty
    train(config, progress)
    pd.testing.assert_frame_equal(cells(config)[["target", "score", "stderr"]], before)


@pytest.mark.parametrize("lost", ["score.json", "answers.parquet"])
def test_a_file_that_a_cell_has_lost_is_made_again_from_the_outputs(
    config: TrainConfig, progress: Progress, lost: str, monkeypatch: pytest.MonkeyPatch
):
    train(config, progress)
    before = {path: path.read_bytes() for path in Path(config.store).glob("cells/*/*/*")}
    next(iter(Path(config.store).glob(f"cells/*/*/{lost}"))).unlink()
    monkeypatch.setattr(base_model, "load", without_model)
    assert train(config, progress).startswith("done: scored 1 targets")
    assert {path: path.read_bytes() for path in before} == before
    assert train(config, progress) == "reused: the adapter and 2 cells"


def test_outputs_of_what_has_a_score_are_not_made_again_beside_a_missing_cell(config: TrainConfig, progress: Progress):
    train(config, progress)
    kept, missing = (folder for folder in sorted((Path(config.store) / "cells").iterdir()))
    (kept / "outputs.parquet").unlink()
    shutil.rmtree(missing)
    assert train(config, progress).startswith("done: scored 1 targets")
    assert not (kept / "outputs.parquet").exists()
    assert (missing / "outputs.parquet").exists()


def test_an_adapter_whose_record_was_deleted_is_trained_again(config: TrainConfig, progress: Progress):
    train(config, progress)
    folder = adapter_folder(config)
    content = adapter_files.content(folder)
    os.remove(folder / "adapter.json")
    assert train(config, progress).startswith("done: trained 3 steps")
    assert adapter_files.content(folder) == content
    assert train(config, progress) == "reused: the adapter and 2 cells"


def test_a_changed_base_model_is_another_matrix(config: TrainConfig, progress: Progress, other_model_folder: Path):
    train(config, progress)
    note = train(replace(config, model=Model(name="tiny", path=str(other_model_folder))), progress)
    assert note.startswith("done: trained")
    assert cells(config)["base"].nunique() == 2
    assert cells(config)["group"].nunique() == 2


def test_a_group_is_what_is_comparable(config: TrainConfig, progress: Progress):
    longer = replace(config, trainer=replace(config.trainer, max_epochs=2))
    for job in (config, replace(config, seed=1), replace(config, source={"sums": SUMS}), longer):
        train(job, progress)
    groups = cells(config).groupby("run")["group"].first()
    assert sorted(groups.value_counts()) == [1, 3]
    named = replace(config, tracking=replace(config.tracking, group="mine"))
    train(named, progress)
    assert "mine" in set(cells(config)["group"])


def test_a_base_that_this_machine_cannot_hold_is_refused_before_a_run_is_opened(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    config.model.quantization = Quantization.nf4
    config.tracking.mode = TrackingMode.offline
    with pytest.raises(UserError, match="model.quantization=nf4: needs a CUDA device"):
        train(config, Progress())
    assert not (Path(config.store) / "wandb").exists()
