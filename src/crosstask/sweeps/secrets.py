"""Where a command line may hold keys, which are not written into a store: environment variables and shell lines."""

import copy
import re
from collections.abc import Iterable
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict, read_write

HIDDEN = "..."
"""What stands for a value."""
OF_LAUNCHERS = ("setup", "additional_parameters", "srun_args")
"""Keys of launchers whose values a shell runs, or sbatch gets."""
_HOLDS_KEYS = re.compile(
    rf"\A([+~]*hydra[./](job[./]env_set|launcher[./]({'|'.join(OF_LAUNCHERS)}))[^=]*=).*", re.DOTALL
)


def without_values(overrides: Iterable[str]) -> list[str]:
    """Return overrides in which environment variables, and what launchers pass to a shell, have no values.

    Examples
    --------
    >>> without_values(["seed=0", "+hydra.job.env_set.WANDB_API_KEY=0123"])
    ['seed=0', '+hydra.job.env_set.WANDB_API_KEY=...']
    """
    return [_HOLDS_KEYS.sub(rf"\1{HIDDEN}", text) for text in overrides]


def public(cfg: DictConfig) -> DictConfig:
    """Return a whole config, with Hydra's own, without the values that `without_values` hides."""
    shown = copy.deepcopy(cfg)
    hydra = shown.hydra
    with read_write(hydra), open_dict(hydra):
        hydra.job.env_set = dict.fromkeys(hydra.job.env_set, HIDDEN)
        for name in OF_LAUNCHERS:
            if hydra.launcher.get(name):
                hydra.launcher[name] = _hidden(hydra.launcher[name])
        for kind in ("hydra", "task"):
            hydra.overrides[kind] = without_values(hydra.overrides[kind])
    return shown


def _hidden(value: Any) -> Any:
    """Return a mapping or a list without its values."""
    return dict.fromkeys(value, HIDDEN) if OmegaConf.is_dict(value) else [HIDDEN] * len(value)
