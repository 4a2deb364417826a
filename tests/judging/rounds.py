"""Rounds of judging whose questions are about answers to one question."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crosstask.config.judge import Judge
from crosstask.judging.judge import Round
from crosstask.judging.questions import question
from tests.support.judge_server import JudgeServer

KEY = "sk-0123456789abcdef"
OF_OPENAI = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")


def judging(server: JudgeServer, folder: Path, answers: Sequence[str], **settings: Any) -> Round:
    """A round about answers to one question."""
    usual: Mapping[str, Any] = {"base_url": server.base_url, "model": "judge", "timeout": 1.0, "max_retries": 2}
    questions = [question("What?", ["this"], answer) for answer in answers]
    return Round(folder, Judge(**{**usual, **settings}), questions, lambda judged, answers: None)
