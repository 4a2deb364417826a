"""The key for a judge's endpoint, which is in the environment and nowhere else."""

import os

from crosstask.config.judge import Judge
from crosstask.errors import UserError


def api_key(judge: Judge) -> str:
    """Return the key for a judge's endpoint, empty without one.

    Raises
    ------
    UserError
        If the environment has no such variable.
    """
    if judge.api_key_env is None:
        return ""
    if not (key := os.environ.get(judge.api_key_env, "").strip()):
        raise UserError(f"judge.api_key_env={judge.api_key_env}: the environment has no such variable")
    return key
