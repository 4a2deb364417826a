"""Own tasks that names suggest and nothing says."""

import pandas as pd

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.results import gain_tables
from crosstask.analysis.pipeline import transfer_of_scores
from crosstask.analysis.statistics.inference import Inference


def test_own_tasks_that_only_names_suggest_are_an_alarm_where_none_is_known_and_a_note_where_some_are():
    def analyzed(*sources):
        rows = [
            (name, target, pd.NA, None, 0.5, 0.01, 500) for name in ("base", *sources) for target in ("goat", "imdb")
        ]
        scores = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score", "stderr", "n"])
        transfer = transfer_of_scores(scores.astype({"seed": "Int64", "n": "Int64"}), Conventions())
        found = gain_tables(transfer, Inference(resamples=100)).alarms
        return found[found["alarm"] == "unknown_home"]["message"].tolist(), transfer.matrix_notes

    alarm, notes = analyzed("goat_train", "pile")
    assert alarm == [
        "cells such as goat_train -> goat count as transfer; if they are not, analysis.homes={goat_train: goat}"
    ]
    assert len(notes) == 1
    assert notes[0].startswith("no source is known to be trained on any of the targets: every cell counts as transfer")
    alarm, notes = analyzed("goat_train", "imdb")
    assert alarm == []
    assert notes == ("perhaps on their own task, but taken for transfer: analysis.homes={goat_train: goat}",)
    assert analyzed("goat", "imdb") == ([], ())
    alarm, notes = analyzed("pile")
    assert alarm == []
    assert len(notes) == 1
