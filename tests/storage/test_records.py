"""Records as JSON: what is written comes back, what was written before is read, what is newer is refused."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from crosstask.errors import UserError
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.storage.cell_score import CellScore
from crosstask.storage.json_files import NotARecord
from crosstask.storage.records import CellRef, RunRecord
from tests.support.records import cell_score, run_record

REPORT = {
    "steps": 63,
    "examples": 1000,
    "rows_dropped": 0,
    "rows_held_out": 0,
    "trainable_parameters": 81920,
    "supervised_tokens": 2000,
    "rows_cut": 0,
    "prompt_tokens_cut": 0,
    "supervised_tokens_lost": 0,
    "padding": 0.124,
    "first_loss": 0.962,
    "last_loss": 0.125,
    "held_out_loss": None,
    "kept_step": 63,
    "stopped": "trainer.max_epochs=1 reached",
    "seconds": 9.871,
}
OLD_RUN = {
    "adapter": "fd1082588dc3f8e1b8e7",
    "base": "b9dcee41f7b907c70c77",
    "cells": {"imdb": ["fbcadc26a7441b0ca5a4", "c41f0f1031b514eb443c"]},
    "data": "miniature",
    "data_id": "94057bc4410fc54a2220",
    "group": "miniature-miniature-38b286ee",
    "home": ["goat"],
    "model": "miniature",
    "run": "1555433277d64700f656",
    "seed": 0,
    "settings": "c7036b8b77f81d1166bc",
    "source": "goat",
    "updated": "2026-11-25T23:37:27.237517+00:00",
}
OLD_SCORE = {
    "adapter": "ac930a480fcaf2f53644",
    "logit_difference": [0.773985, 1.63094],
    "metric": "accuracy",
    "metrics": {"kappa": None, "n": 200.0, "predicted/0": 0.42, "predicted/1": 0.58, "score": 0.745, "stderr": 0.03},
    "target": "paws",
    "target_id": "584df4eb0fc201b9c5c3",
}
OLD_ADAPTER = {"content": "c", "logit_difference": [0.5, 1.5], "recipe": {"source": "pile"}, "report": REPORT}
"""As they were written before records had a schema version."""
NEW_RUN = run_record(
    home=("goat",),
    cells={"imdb": CellRef("o", "s")},
    config={"lora.rank": 8, "lora.target_modules": ["q", "v"], "encoder": None},
    encoder="e",
    profiles={"source": {"goat": "x"}, "target": {"imdb": "y"}},
)
NEW_SCORE = cell_score(labels=("yes", "no"), decide="raw")
NEW_ADAPTER = AdapterRecord({"source": "goat"}, TrainingReport(**REPORT), "c", (0.5, 1.5))
KINDS = [(RunRecord, NEW_RUN), (CellScore, NEW_SCORE), (AdapterRecord, NEW_ADAPTER)]


@pytest.mark.parametrize(("kind", "record"), KINDS)
def test_what_is_written_comes_back(kind: Any, record: Any):
    written = json.loads(json.dumps(record.to_json()))
    assert written["schema"] == 1
    assert kind.from_json(written) == record


@pytest.mark.parametrize(("kind", "record"), KINDS)
def test_what_a_newer_version_wrote_is_refused(kind: Any, record: Any):
    with pytest.raises(UserError, match="^schema 2 of a newer version of crosstask; this one reads up to 1$"):
        kind.from_json({**record.to_json(), "schema": 2})


@pytest.mark.parametrize(("kind", "record"), KINDS)
def test_what_lacks_a_field_is_no_record(kind: Any, record: Any):
    content = record.to_json()
    lacking = "cells" if kind is RunRecord else "logit_difference" if kind is AdapterRecord else "target"
    del content[lacking]
    with pytest.raises(NotARecord, match=f"^{lacking}: field required$"):
        kind.from_json(content)


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        (RunRecord, {"source": 5}, "source: input should be a valid string"),
        (RunRecord, {"seed": "zero"}, "seed: input should be a valid integer"),
        (RunRecord, {"config": None}, "config: input should be a valid dictionary"),
        (RunRecord, {"profiles": "x"}, "profiles: input should be a valid dictionary"),
        (RunRecord, {"updated": "yesterday"}, "updated: 'yesterday' is no time in ISO 8601"),
        (RunRecord, {"updated": 5}, "updated: input should be a valid string"),
        (CellScore, {"cell": "ab"}, "cell: input should be a valid tuple"),
        (RunRecord, {"home": "imdb"}, "home: input should be a valid tuple"),
        (RunRecord, {"cells": {"imdb": ["o"]}}, r"cells: \['o'\] is not the two fingerprints of a cell"),
        (RunRecord, {"cells": ["o"]}, "cells: input should be a valid dictionary"),
        (RunRecord, {"schema": "1"}, "schema: '1' is no version"),
        (
            CellScore,
            {"metrics": {"score": "abc", "stderr": 0.1, "n": 3.0}},
            "metrics.score: input should be a valid num",
        ),
        (CellScore, {"metrics": {"stderr": 0.1, "n": 3.0}}, "metrics: lacks score"),
        (CellScore, {"metrics": None}, "metrics: input should be a valid dictionary"),
        (CellScore, {"labels": "012"}, "labels: input should be a valid tuple"),
        (CellScore, {"labels": [0, 1]}, "labels.0: input should be a valid string"),
        (AdapterRecord, {"report": {**REPORT, "steps": 1.5}}, "steps: input should be a valid integer"),
        (AdapterRecord, {"report": None}, "report: input should be .*TrainingReport"),
    ],
)
def test_a_field_of_another_type_is_named(kind: Any, changed: dict[str, Any], message: str):
    record = next(record for other, record in KINDS if other is kind)
    with pytest.raises(NotARecord, match=f"^{message}"):
        kind.from_json({**record.to_json(), **changed})


@pytest.mark.parametrize("name", ["../../x", "/etc", "a/b", ".", "..", ".hidden", "", "a\n", "a\x00", "a" * 129])
@pytest.mark.parametrize("field", ["run", "adapter", "base", "data_id", "encoder", "profiles", "outputs", "scoring"])
def test_names_that_lead_out_of_their_folder_are_refused(field: str, name: str):
    changed = {
        "profiles": {"profiles": {"source": {"goat": name}}},
        "outputs": {"cells": {"imdb": [name, "s"]}},
        "scoring": {"cells": {"imdb": ["o", name]}},
    }.get(field, {field: name})
    with pytest.raises(NotARecord, match="is no name of a file$"):
        RunRecord.from_json({**NEW_RUN.to_json(), **changed})


@pytest.mark.parametrize("name", ["../../x", "/etc", "a/b", "a\\b", ".", ".hidden", "", "a\n", "a\x1b[2J", "a\u202eb"])
def test_targets_whose_names_lead_out_of_their_folder_are_refused(name: str):
    with pytest.raises(NotARecord, match="is no name of a file$") as caught:
        RunRecord.from_json({**NEW_RUN.to_json(), "cells": {name: ["o", "s"]}})
    assert str(caught.value).isprintable()
    with pytest.raises(NotARecord, match="^target: .* is no name of a file$"):
        CellScore.from_json({**NEW_SCORE.to_json(), "target": name})


def test_targets_have_names_of_any_language():
    names = ("mnli words-2.0", "日本語", "größe", "سؤال")
    read = RunRecord.from_json({**NEW_RUN.to_json(), "cells": {key: ["o", "s"] for key in names}})
    assert tuple(read.cells) == names


@pytest.mark.parametrize(
    ("metric", "value", "possible"),
    [
        *(("score", value, "0 to 1") for value in (-0.01, 1.01, 80, math.inf, math.nan, None)),
        *(("stderr", value, "0 to 1") for value in (-0.1, 2.0, math.inf)),
        *(("n", value, "1 on") for value in (0, -3, 0.5, math.inf, math.nan, 10**400)),
    ],
)
def test_scores_and_counts_that_cannot_be_are_refused(metric: str, value: Any, possible: str):
    content = NEW_SCORE.to_json()
    with pytest.raises(NotARecord, match=rf"^metrics\.{metric}: .* is out of range, {possible}$"):
        CellScore.from_json({**content, "metrics": {**content["metrics"], metric: value}})


def test_the_error_of_a_single_answer_is_undefined():
    content = NEW_SCORE.to_json()
    read = CellScore.from_json({**content, "metrics": {"score": 1, "stderr": None, "n": 1}})
    assert math.isnan(read.metrics["stderr"])


def test_what_is_no_object_is_no_record():
    with pytest.raises(NotARecord, match=r"^not an object with fields but \['r'\]$"):
        RunRecord.from_json(["r"])


def test_an_undefined_metric_is_nan_in_memory_and_null_in_json():
    score = replace(NEW_SCORE, metrics={"score": 0.1 + 0.2, "stderr": 0.5, "n": 2.0, "kappa": math.nan})
    text = json.dumps(score.to_json(), allow_nan=False)
    assert json.loads(text)["metrics"] == {"score": 0.1 + 0.2, "stderr": 0.5, "n": 2.0, "kappa": None}
    read = CellScore.from_json(json.loads(text)).metrics
    assert read["score"] == 0.1 + 0.2
    assert math.isnan(read["kappa"])


def test_labels_keep_their_order():
    labels = ("zebra", "ape", "Maus")
    written = json.dumps(replace(NEW_SCORE, labels=labels).to_json(), sort_keys=True)
    assert CellScore.from_json(json.loads(written)).labels == labels


def test_the_labels_of_a_score_written_before_it_held_them_are_unknown_and_those_of_an_open_target_none():
    old = CellScore.from_json(OLD_SCORE)
    assert (old.labels, old.decide, old.is_complete) == (None, None, False)
    assert (old.target, old.metrics["score"], old.logit_difference) == ("paws", 0.745, (0.773985, 1.63094))
    assert cell_score().is_complete


def test_a_score_that_does_not_say_its_cell_is_written_as_it_was():
    assert "cell" not in cell_score().to_json()
    named = cell_score(cell=("a", "b"))
    assert CellScore.from_json(named.to_json()) == named


def test_a_score_without_labels_does_not_become_a_new_one_by_being_copied():
    assert CellScore.from_json(OLD_SCORE).to_json() == OLD_SCORE


def test_a_record_written_before_there_were_versions_is_read():
    old = RunRecord.from_json(OLD_RUN)
    assert (old.source, old.seed, old.home) == ("goat", 0, ("goat",))
    assert old.cells == {"imdb": CellRef("fbcadc26a7441b0ca5a4", "c41f0f1031b514eb443c")}
    assert (old.encoder, old.config, old.profiles) == (None, {}, {})
    assert old.to_json().items() >= OLD_RUN.items()


def test_an_adapter_written_before_there_were_versions_is_read():
    old = AdapterRecord.from_json(OLD_ADAPTER)
    assert (old.content, old.logit_difference, old.report.held_out_loss) == ("c", (0.5, 1.5), None)
    report = {**OLD_ADAPTER["report"], "adapted_layers": {}, "rows_with_control_tokens": 0}
    assert old.to_json() == {**OLD_ADAPTER, "report": report, "schema": 1}


def test_merging_keeps_the_cells_and_profiles_that_only_the_earlier_record_has():
    earlier = run_record(
        seed=0,
        cells={"imdb": CellRef("a", "b"), "goat": CellRef("c", "d")},
        profiles={"source": {"films": "f"}, "target": {"sums": "s", "words": "w"}},
    )
    later = run_record(
        seed=1,
        cells={"goat": CellRef("e", "f")},
        profiles={"source": {"films": "f"}, "target": {"words": "new", "stars": "t"}},
    )
    merged = later.merged_with(earlier)
    assert merged.seed == 1
    assert merged.cells == {"imdb": CellRef("a", "b"), "goat": CellRef("e", "f")}
    assert merged.profiles == {"source": {"films": "f"}, "target": {"sums": "s", "words": "new", "stars": "t"}}


def test_an_encoder_stays_until_another_is_named():
    first, none, second = run_record(encoder="e"), run_record(), run_record(encoder="f")
    assert none.merged_with(first).encoder == "e"
    assert second.merged_with(first).encoder == "f"


def test_a_parser_stays_until_another_is_named():
    kinds = ({"text": "t", "parse": "p"}, {"text": "u"}, {"text": "u", "parse": "q"})
    first, none, second = (run_record(features=measured) for measured in kinds)
    assert none.merged_with(first).features == {"text": "u", "parse": "p"}
    assert second.merged_with(first).features == {"text": "u", "parse": "q"}


def test_a_record_without_features_is_written_as_before_there_were_any():
    assert "features" not in run_record().to_json()
    assert RunRecord.from_json(run_record().to_json()).features == {}
    assert RunRecord.from_json(run_record(features={"text": "t"}).to_json()).features == {"text": "t"}
