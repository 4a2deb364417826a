"""Values of environment variables on a command line, such as keys, which are not written into a store."""

import copy
import re
from collections.abc import Iterable

from omegaconf import DictConfig, open_dict, read_write

HIDDEN = "..."
"""What stands for a value."""
_OF_THE_ENVIRONMENT = re.compile(r"\A([+~]*hydra[./]job[./]env_set[^=]*=).*", re.DOTALL)


def without_values(overrides: Iterable[str]) -> list[str]:
    """Return overrides in which the environment variables that they set have no values.

    Examples
    --------
    >>> without_values(["seed=0", "+hydra.job.env_set.WANDB_API_KEY=0123"])
    ['seed=0', '+hydra.job.env_set.WANDB_API_KEY=...']
    """
    return [_OF_THE_ENVIRONMENT.sub(rf"\1{HIDDEN}", text) for text in overrides]


def public(cfg: DictConfig) -> DictConfig:
    """Return a whole config, with Hydra's own, in which environment variables have no values."""
    shown = copy.deepcopy(cfg)
    hydra = shown.hydra
    with read_write(hydra), open_dict(hydra):
        hydra.job.env_set = dict.fromkeys(hydra.job.env_set, HIDDEN)
        for kind in ("hydra", "task"):
            hydra.overrides[kind] = without_values(hydra.overrides[kind])
    return shown
