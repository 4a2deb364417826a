"""What a sweep made is stale once an input of its jobs is another."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from crosstask.errors import NotApplicable, UserError
from crosstask.sweeps.job_folder import JobState, Status
from crosstask.sweeps.staleness import Inputs, changed, stale
from crosstask.sweeps.sweep_folder import Plan, PlannedJob

INPUTS: dict[str, Any] = {"the base model": "m", "target imdb": "t", "lora": {"rank": 8, "alpha": 16}}


def test_what_changed_is_named_down_to_a_single_setting():
    assert changed(INPUTS, INPUTS) == []
    assert changed(INPUTS, {**INPUTS, "target imdb": "u", "lora": {"rank": 4, "alpha": 16}}) == [
        "target imdb",
        "lora.rank",
    ]


def test_another_base_model_is_named_alone_since_all_depends_on_it():
    assert changed(INPUTS, {**INPUTS, "the base model": "n", "target imdb": "u"}) == ["the base model"]


def test_of_inputs_that_cannot_be_read_any_more_it_is_not_known_whether_they_changed():
    def unreadable(job: PlannedJob) -> Inputs:
        raise UserError(f"/moved/{'b' if job.name == 'b' else 'a'}: no such file")

    jobs = [PlannedJob(name, [f"source={name}"], 1.0, INPUTS) for name in ("a", "b", "c")]
    states = [JobState(job.name, number, Status.done, "", 1.0, None, Path()) for number, job in enumerate(jobs)]
    assert stale(Plan("command", "train", None, jobs), states, unreadable) == [
        "not known whether stale, because an input cannot be read now:",
        "  /moved/a: no such file: a, c",
        "  /moved/b: no such file: b",
    ]


def test_a_job_that_is_inapplicable_as_before_is_not_stale():
    def inapplicable(job: PlannedJob) -> Inputs:
        raise NotApplicable("goat has no classes")

    jobs = [PlannedJob(name, [f"source={name}"], 1.0, None) for name in ("a", "b")]
    statuses = [Status.inapplicable, Status.done]
    states = [
        JobState(job.name, number, status, "", 1.0, None, Path())
        for number, (job, status) in enumerate(zip(jobs, statuses, strict=True))
    ]
    assert stale(Plan("command", "train", None, jobs), states, inapplicable) == [
        "not known whether stale, because an input cannot be read now:",
        "  goat has no classes: b",
    ]


def test_a_new_kind_of_input_and_a_plan_without_inputs_are_no_change():
    assert changed({"target imdb": "t"}, INPUTS) == []
    assert changed(None, INPUTS) == []


def test_each_change_is_listed_with_the_jobs_that_it_concerns():
    jobs = [PlannedJob(name, [f"source={name}"], 1.0, INPUTS) for name in ("a", "b", "c", "d")]
    statuses = [Status.done, Status.reused, Status.done, Status.failed]
    states = [
        JobState(job.name, number, status, "", 1.0, None, Path())
        for number, (job, status) in enumerate(zip(jobs, statuses, strict=True))
    ]
    now = {name: {**INPUTS, "target imdb": "u"} for name in "abcd"}
    now["b"] = {**now["b"], "lora": {"rank": 4, "alpha": 16}}
    plan = Plan("command", "train", None, jobs)
    assert stale(plan, states, lambda job: now[job.name]) == [
        "stale, because an input is not what it was; the same command computes anew:",
        "  target imdb: all",
        "  lora.rank: b",
    ]
    assert stale(replace(plan, jobs=jobs[3:]), states[3:], lambda job: now[job.name]) == [], "nothing was made"
