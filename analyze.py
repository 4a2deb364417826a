"""Assemble the transfer matrix, its gains and latent traits from runs.

python analyze.py                                   the most recent comparable
python analyze.py runs=wandb runs.project=NAME      those in W&B
python analyze.py runs=table runs.path=scores.csv   any table of scores
"""

import hydra
from omegaconf import DictConfig

from crosstask.commands import entry
from crosstask.commands.sections import AnalyzeConfig, check_store
from crosstask.config.parsing import parse


@hydra.main(version_base="1.3", config_path="conf", config_name="analyze")
def main(cfg: DictConfig) -> None:
    """Run one analysis."""
    entry.report_user_errors(work, cfg)


def work(cfg: DictConfig) -> None:
    """Read the runs, write and print the results."""
    settings = parse(cfg, AnalyzeConfig)
    check_store(settings)
    from crosstask.commands import (
        analyze,  # pandas and matplotlib are imported only once the config is known to be good
    )
    from crosstask.sweeps import runner

    if status := analyze.analyze(settings, command=("analyze.py", *runner.overrides())):
        raise SystemExit(status)


if __name__ == "__main__":
    entry.launch(main, AnalyzeConfig)
