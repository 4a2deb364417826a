"""Show the state of a sweep: each job, and what is stale as inputs changed since.

python status.py                             the most recent sweep
python status.py sweep=2026-01-31_12-00-00   one by its folder in runs/logs
"""

import hydra
from omegaconf import DictConfig

from crosstask.commands import entry
from crosstask.config.parsing import parse
from crosstask.config.status import StatusConfig


@hydra.main(version_base="1.3", config_path="conf", config_name="status")
def main(cfg: DictConfig) -> None:
    """Print the table of one sweep."""
    entry.report_user_errors(work, cfg)


def work(cfg: DictConfig) -> None:
    """Print the state of the jobs, then what is stale."""
    settings = parse(cfg, StatusConfig)
    from crosstask.commands import status

    status.show(settings)


if __name__ == "__main__":
    entry.launch(main, StatusConfig)
