"""Jobs whose target a judge scores: asked through the real client, kept, counted, and continued after a failure."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.config.job import Tracking, TrackingMode, TrainConfig
from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.jobs.compact_store import write_compact
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.records import RunRecord
from crosstask.storage.store import Store
from tests.support.judge_server import RIGHT, WRONG, JudgeServer, fails, said
from tests.support.small_tasks import FILMS, SUMS

KEY = "sk-0123456789abcdef"
JUDGED = replace(SUMS, metric="judge")
TOKENS = {"input_price": 1.0, "output_price": 10.0}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgeServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("JUDGE_KEY", KEY)
    with JudgeServer().running() as found:
        yield found


@pytest.fixture
def judged(config: TrainConfig, server: JudgeServer) -> TrainConfig:
    """Base, scored on the closed task and on the open one, by a judge."""
    judge = Judge(server.base_url, "judge", "JUDGE_KEY", max_retries=0, **TOKENS)
    return replace(config, source={"base": None}, target={"sums": JUDGED, "films": FILMS}, judge=judge)


def record(config: TrainConfig) -> RunRecord:
    (found,) = Store(config.store).records()
    return found


def answers(config: TrainConfig, target: str = "sums") -> pd.DataFrame:
    return pd.read_parquet(Store(config.store).answers(record(config).cells[target]))


def metrics(config: TrainConfig) -> Any:
    score = Store(config.store).score(record(config).cells["sums"])
    assert score is not None
    return score.metrics


def without_model(*_: Any) -> None:
    raise AssertionError("the base model is loaded")


def test_a_judged_cell_holds_verdicts_and_exact_match_and_what_they_took(judged: TrainConfig, server: JudgeServer):
    notes: list[str] = []
    line = train(judged, Progress(lambda share, note: notes.append(note)))
    calls = len(server.bodies)
    reused = 4 - calls
    cost = f"{calls * (100 * 1 + 10 * 10) / 1e6:.4g}"
    assert line.endswith(
        f"judged 4 answers by {calls} calls ({reused} replies reused, {100 * calls} + {10 * calls} tokens, cost {cost})"
    )
    assert "judging sums, answer 4/4" in notes
    found = answers(judged)
    assert found["verdict"].tolist() == ["correct"] * 4
    assert found["judge_text"].tolist() == [RIGHT] * 4
    assert found["judge_model"].tolist() == ["judge-2026"] * 4
    assert found["judge_system_fingerprint"].tolist() == ["fp_1"] * 4
    assert set(found["exact_match"]) <= {0.0, 1.0}
    assert metrics(judged)["score"] == 1
    assert metrics(judged)["judge_input_tokens"] == 100
    use = JudgeUse(server.base_url, calls, reused, 100 * calls, 10 * calls, pytest.approx(calls * 200 / 1e6))
    assert record(judged).judged == {"sums": use}
    for body in server.bodies:
        assert "+ 4" in body["messages"][0]["content"], "the prompt of the row"


def test_each_answer_is_asked_for_once_across_jobs_rows_and_scorings(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    train(judged, Progress())
    asked = len(server.bodies)
    assert train(judged, Progress()) == "reused: 2 cells"
    renamed = replace(judged, target={"renamed": JUDGED})
    assert (
        "by 0 calls (4 replies reused" in train(renamed, Progress()) or train(renamed, Progress()) == "reused: 1 cells"
    )
    monkeypatch.setattr("crosstask.models.base_model.load", without_model)
    cell = Store(judged.store).cell(record(judged).cells["sums"]) / "score.json"
    before = cell.read_bytes()
    gone = replace(judged.judge, base_url="http://127.0.0.1:9/v1")
    line = evaluate(replace(judged, judge=gone, rescore=True), Progress(), "")
    assert line.startswith(
        "done: re-scored the stored outputs of 2 targets, 0 changed, judged 4 answers by 0 calls (4 r"
    )
    assert cell.read_bytes() == before
    assert len(server.bodies) == asked
    assert record(judged).judged["sums"].endpoint == server.base_url
    assert record(judged).judged["sums"].calls == asked


def test_stored_replies_are_read_again_without_an_address_or_the_key_in_the_environment(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    train(judged, Progress())
    asked, before = len(server.bodies), record(judged).judged["sums"]
    monkeypatch.delenv("JUDGE_KEY")
    nowhere = replace(judged, judge=replace(judged.judge, base_url=None), rescore=True)
    assert "by 0 calls (4 replies reused" in evaluate(nowhere, Progress(), "")
    assert len(server.bodies) == asked
    assert record(judged).judged["sums"].endpoint == before.endpoint
    with pytest.raises(UserError, match="^judge.base_url has no value, and the store has no reply"):
        evaluate(replace(nowhere, judge=replace(nowhere.judge, model="other")), Progress(), "")
    with pytest.raises(UserError, match="^judge.api_key_env=JUDGE_KEY: the environment has no such variable"):
        evaluate(replace(judged, judge=replace(judged.judge, model="other"), rescore=True), Progress(), "")


def test_an_endpoint_that_answers_as_another_model_is_named(judged: TrainConfig, caplog: pytest.LogCaptureFixture):
    train(judged, Progress())
    assert "another model" not in caplog.text, "judge-2026 is a version of judge"
    train(replace(judged, judge=replace(judged.judge, model="gpt-x")), Progress())
    words = "target sums: of 4 answers some were judged by another model than judge.model=gpt-x, as the endpoint says:"
    assert f"{words} judge-2026 4" in caplog.messages


def test_what_no_table_can_hold_is_no_end_of_a_column(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    """Half of a surrogate pair, and more tokens than 64 bits say; both were paid for before the table was written."""
    odd = said("bad \ud800 x\nVERDICT: CORRECT")
    odd.body.update(usage={"prompt_tokens": 10**30, "completion_tokens": -1})
    monkeypatch.setattr(server, "response", lambda *_: odd)
    train(judged, Progress())
    assert answers(judged)["judge_text"].tolist() == ["bad \ufffd x\nVERDICT: CORRECT"] * 4
    assert answers(judged)["judge_input_tokens"].isna().all()
    assert record(judged).judged["sums"].cost is None


def test_a_key_that_the_endpoint_repeats_is_in_no_file(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    repeating = said(f"Bearer {KEY}\nVERDICT: CORRECT")
    repeating.body.update(model=KEY, system_fingerprint=KEY)
    monkeypatch.setattr(server, "response", lambda *_: repeating)
    train(judged, Progress())
    assert answers(judged)["judge_model"].tolist() == ["..."] * 4
    files = [path for path in Path(judged.store).rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_another_judge_or_rubric_is_another_cell_of_the_same_outputs(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    train(judged, Progress())
    first, asked = record(judged).cells["sums"], len(server.bodies)
    monkeypatch.setattr("crosstask.models.base_model.load", without_model)
    others = (
        replace(judged, judge=replace(judged.judge, model="other")),
        replace(judged, target={"sums": replace(JUDGED, rubric="Be kind."), "films": FILMS}),
    )
    for count, other in enumerate(others, start=2):
        train(other, Progress())
        cell = record(judged).cells["sums"]
        assert cell.outputs == first.outputs
        assert cell.scoring != first.scoring
        assert len(server.bodies) == count * asked
    moved = replace(judged, judge=replace(judged.judge, base_url="http://127.0.0.1:9/v1", timeout=5.0))
    assert train(moved, Progress()) == "reused: 2 cells"
    assert record(judged).cells["sums"] == first


def test_a_judge_that_fails_leaves_no_half_cell_and_the_same_command_goes_on(
    judged: TrainConfig, server: JudgeServer, monkeypatch: pytest.MonkeyPatch
):
    one = replace(judged, judge=replace(judged.judge, concurrency=1))
    plain = server.response
    monkeypatch.setattr(server, "response", lambda *request: fails(500) if len(server.bodies) == 2 else plain(*request))
    message = rf"^judge.base_url={server.base_url}: fails, .*; [23] of 4 answers are judged, and the same command"
    with pytest.raises(UserError, match=message):
        train(one, Progress())
    store = Store(judged.store)
    assert not store.records()
    assert len(list(store.root.glob("cells/*/*/score.json"))) == 1, "that of the closed target"
    monkeypatch.setattr(server, "response", plain)
    monkeypatch.setattr("crosstask.models.base_model.load", without_model)
    train(one, Progress())
    assert metrics(one)["n"] == 4
    assert set(server.asked.values()) == {1}


def test_verdicts_that_cannot_be_read_stay_in_the_cell(judged: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    script = [said("Hm."), said(WRONG), said(None, "content_filter"), said(RIGHT)]
    monkeypatch.setattr(JudgeServer, "response", lambda self, *_: script.pop(0))
    distinct = replace(judged, judge=replace(judged.judge, concurrency=1))
    train(distinct, Progress())
    found = answers(judged)
    assert len(found) == metrics(judged)["n"] == 4
    assert metrics(judged)["unparsable"] == (~found["valid"]).mean() > 0
    assert (found.loc[~found["valid"], "score"] == 0).all()


def test_the_key_is_in_no_file_and_no_line(judged: TrainConfig, server: JudgeServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    train(replace(judged, tracking=Tracking(mode=TrackingMode.offline)), Progress())
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    files = [path for path in Path(judged.store).rglob("*") if path.is_file()]
    assert any(path.suffix == ".wandb" for path in files)
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in caplog.text


def test_a_copy_without_texts_has_exact_match_and_no_address(judged: TrainConfig, tmp_path: Path):
    train(judged, Progress())
    copy = write_compact(Store(judged.store), tmp_path / "copy", lambda texts: [len(text) for text in texts])
    (found,) = copy.records()
    assert found.judged["sums"].endpoint == ""
    kept = pd.read_parquet(copy.answers(found.cells["sums"]))
    assert kept["exact_match"].tolist() == answers(judged)["exact_match"].tolist()
    assert not {"judge_text", "verdict", "text"} & set(kept)
    assert not (copy.root / "replies").exists()


def test_a_record_of_before_there_were_judges_is_read_and_written_as_it_was(config: TrainConfig):
    train(replace(config, source={"base": None}), Progress())
    (path,) = (Path(config.store) / "records").iterdir()
    assert "judged" not in json.loads(path.read_text())
    assert record(config).judged == {}
