"""What options, task files and the names in the scores say together."""

import pytest

from crosstask.commands.conventions import conventions
from crosstask.commands.sections import Analysis
from crosstask.errors import UserError


def test_sources_of_a_table_are_at_home_where_their_task_files_say():
    order = conventions(Analysis(), ["base", "metamath", "imdb"], ["gsm8k", "imdb"]).order
    assert order.own_tasks("metamath") == ["gsm8k"]
    assert order.own_tasks("imdb") == ["imdb"]


def test_an_equal_name_stands_where_the_home_of_the_task_file_is_no_target():
    assert conventions(Analysis(), ["metamath"], ["metamath", "goat"]).order.home("metamath") == "metamath"


def test_homes_of_runs_are_what_they_recorded():
    assert conventions(Analysis(), ["metamath"], ["gsm8k", "goat"], {"metamath": "goat"}).order.homes == {
        "metamath": "goat"
    }


@pytest.mark.parametrize("recorded", [None, {"metamath": "gsm8k", "pile": "pile"}])
def test_homes_of_the_options_override_all_others(recorded):
    analysis = Analysis(homes={"metamath": "goat", "goat_train": "goat"})
    order = conventions(analysis, ["metamath", "goat_train+pile"], ["gsm8k", "goat"], recorded).order
    assert order.home("metamath") == "goat"
    assert order.own_tasks("goat_train+pile") == ["goat_train+pile", "goat", "pile"]


def test_abilities_of_task_files_may_be_of_tasks_that_are_not_in_the_scores():
    assert conventions(Analysis(), ["a"], ["a"]).abilities["imdb"] == "sentiment"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"abilities": {"imbd": "sentiment", "own": "nlu"}},
            r"^analysis\.abilities: no task imbd \(did you mean 'imdb'\?\); there are own, own_train in the scores,"
            r" and the files of conf/task$",
        ),
        ({"homes": {"own_trian": "own"}}, r"^analysis\.homes: no task own_trian \(did you mean 'own_train'\?\)"),
        ({"homes": {"own_train": "won"}}, r"^analysis\.homes: no task won \(did you mean 'own'\?\); there are own in"),
        ({"order": ["imdb", "owm"]}, r"^analysis\.order: no task owm \(did you mean 'own'\?\)"),
        ({"homes": {"base": "own"}}, r"^analysis\.homes: no task base"),
    ],
)
def test_tasks_that_nothing_knows_are_refused_with_the_closest(options, message):
    with pytest.raises(UserError, match=message):
        conventions(Analysis(**options), ["base", "own_train"], ["own"])
