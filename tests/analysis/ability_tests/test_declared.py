"""Who takes part in the tests of abilities."""

import numpy as np
import pandas as pd

from crosstask.analysis.ability_tests.declared import declared_abilities
from crosstask.analysis.matrix.task_order import TaskOrder

ABILITIES = {"gsm8k": "reasoning", "goat": "arithmetic", "imdb": "sentiment", "amazon": "sentiment", "alpaca": "chat"}


def test_sources_stand_for_their_own_task_and_those_without_one_take_no_part():
    sources = ["metamath", "imdb", "unknown", "alpaca"]
    names = pd.DataFrame(0.0, sources, ["gsm8k", "goat", "imdb", "amazon", "other"])
    found = declared_abilities(names, TaskOrder((), {"metamath": "gsm8k"}), ABILITIES)
    assert found.names == ("arithmetic", "reasoning", "sentiment")
    assert found.sources_of(found.labels).tolist() == [1, 2, -1, 3], "an ability that no target has is only that"
    of_targets = [found.names[label] if label >= 0 else None for label in found.targets_of(found.labels)]
    assert of_targets == ["reasoning", "arithmetic", "sentiment", "sentiment", None]


def test_a_source_gets_the_label_of_its_task():
    names = pd.DataFrame(0.0, ["goat", "imdb", "amazon"], ["goat", "imdb", "amazon"])
    found = declared_abilities(names, TaskOrder(), ABILITIES)
    relabeled = np.array([[0, 0, 1], [1, 0, 0]])
    assert (found.sources_of(relabeled) == found.targets_of(relabeled)).all()


def test_tasks_in_other_places_are_in_other_strata():
    names = pd.DataFrame(0.0, ["goat", "alpaca"], ["goat", "imdb"])
    found = declared_abilities(names, TaskOrder(), ABILITIES)
    strata = dict(zip(("alpaca", "goat", "imdb"), found.strata.tolist(), strict=True))
    assert strata == {"alpaca": 2, "goat": 3, "imdb": 1}
