"""What a head of Inspect's logs says of how a task was put to a model, and how its answers were scored."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_MACHINE = (
    *("max_retries", "timeout", "attempt_timeout", "stream_idle_timeout"),
    *("max_connections", "adaptive_connections", "batch", "cache"),
)
"""Generation settings that say how requests are sent, and not what is asked for."""
_OF_SAMPLES = (
    *("message_limit", "turn_limit", "token_limit", "token_limit_type", "time_limit", "working_limit", "cost_limit"),
    "score_on_error",
)
"""Settings of an evaluation that change what a model can say of a sample, and whether it is scored."""
_GRADED_BY_MODEL = ("model_graded_qa", "model_graded_fact")
"""Scorers that ask the model of a role, and where it has none the one that is evaluated."""


def asked(head: Mapping[str, Any]) -> dict[str, str]:
    """Return how a task was put to the model.

    That is its version, its solvers, how texts are generated, how often, within which limits, and which other models
    take part, such as a grader.
    """
    spec, plan = head["eval"], head.get("plan") or {}
    config = spec.get("config") or {}
    steps = [(step.get("solver"), step.get("params")) for step in plan.get("steps") or []]
    generation = {**(plan.get("config") or {}), **(spec.get("model_generate_config") or {})}
    return {
        "task version": str(spec.get("task_version")),
        "solvers": _text(steps),
        "epochs": str(config.get("epochs") or 1),
        **{name: str(config[name]) for name in _OF_SAMPLES if config.get(name)},
        **{f"model of role {role}": _models(found) for role, found in (spec.get("model_roles") or {}).items()},
        **{name: text for name, text in texts(generation).items() if name not in _MACHINE},
    }


def scored(head: Mapping[str, Any], score: Mapping[str, Any]) -> dict[str, str]:
    """Return how the samples were scored by one of the scores of the results."""
    spec, options = head["eval"], score.get("params") or {}
    scorer = str(score.get("scorer") or score["name"])
    found = {f"options of scorer {scorer}": _text(options)} if options else {}
    # The names of scorers of one kind are numbered: model_graded_qa, model_graded_qa1.
    by_model = scorer.rpartition("/")[2].rstrip("0123456789") in _GRADED_BY_MODEL
    role = options.get("model_role", "grader")
    role = role.get("name") if isinstance(role, Mapping) else role
    if by_model and not options.get("model") and role not in (spec.get("model_roles") or {}):
        found[f"grader of {scorer}"] = str(spec["model"])
    return found


def texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Return settings as text; those without a value left out."""
    return {name: str(value) for name, value in (given or {}).items() if value is not None}


def _models(given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """The models of a role, each with what it was loaded with and how it generates."""
    found = []
    for model in [given] if isinstance(given, Mapping) else given:
        more = {**texts(model.get("args")), **texts(model.get("config")), **texts({"base_url": model.get("base_url")})}
        told = ", ".join(f"{name}={value}" for name, value in sorted(more.items()) if name not in _MACHINE)
        found.append(str(model["model"]) + (f"({told})" if told else ""))
    return ", ".join(found)


def _text(given: object) -> str:
    """Settings as JSON, in whatever order they were given."""
    return json.dumps(given, sort_keys=True, default=str)
