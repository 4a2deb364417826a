"""How a job asks its targets: in which of their prompts, and with how many examples before it."""

from dataclasses import replace

from crosstask.config.job import TrainConfig
from crosstask.config.scoring import ASKED, Scoring
from crosstask.config.task import Task
from crosstask.errors import UserError

USUAL = Scoring()
"""What no setting changes."""


def asked(config: TrainConfig) -> TrainConfig:
    """Return a job whose targets have the prompt and the shots that its settings choose.

    Raises
    ------
    UserError
        If a target has no such prompt.
    """
    check_prompts(config)
    return replace(config, target={name: _asked(task, config.scoring) for name, task in config.target.items()})


def check_prompts(config: TrainConfig) -> None:
    """Refuse a prompt that not every target has, and shots where there is a target without a question.

    Raises
    ------
    UserError
        Naming the targets without, and those with.
    """
    number, shots = config.scoring.prompt, config.scoring.shots
    having = {name for name, task in config.target.items() if number <= len(task.prompts)}
    _refuse(f"scoring.prompt={number}", "no such prompt (field `prompts` of a task)", config, having)
    if shots:
        asking = {name for name, task in config.target.items() if task.prompt}
        _refuse(f"scoring.shots={shots}", "plain text without a question", config, asking)


def asked_otherwise(scoring: Scoring) -> dict[str, int]:
    """Return the settings that ask every target otherwise than its file says, by name; none by default."""
    found = {name: getattr(scoring, name) for name in ASKED}
    return {name: value for name, value in found.items() if value != getattr(USUAL, name)}


def _asked(task: Task, scoring: Scoring) -> Task:
    """Return a target as it is asked."""
    prompt = task.prompts[scoring.prompt - 1] if scoring.prompt else task.prompt
    return replace(task, prompt=prompt, shots=task.shots if scoring.shots is None else scoring.shots)


def _refuse(setting: str, why: str, config: TrainConfig, having: set[str]) -> None:
    """Refuse targets that are not among those that a setting fits."""
    without = [name for name in config.target if name not in having]
    if without:
        fitting = ",".join(name for name in config.target if name in having)
        raise UserError(
            f"{setting}: {why}: {', '.join(without)}" + (f"; it fits 'target=[{fitting}]'" if having else "")
        )
