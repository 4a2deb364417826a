"""Assemble the transfer matrix, its gains and its factor loadings from runs: tables and figures.

python analyze.py                                    the most recent comparable runs
python analyze.py runs=wandb runs.project=NAME       the same from W&B, on any machine
python analyze.py runs=table runs.path=scores.csv    anybody's scores
"""

import hydra
from omegaconf import DictConfig

from crosstask import commandline, config


@hydra.main(version_base="1.3", config_path="conf", config_name="analyze")
def main(cfg: DictConfig) -> None:
    """Run one analysis."""
    commandline.report_mistakes(work, cfg)


def work(cfg: DictConfig) -> None:
    """Read the runs, write and print what they say."""
    settings = config.parse(cfg, config.AnalyzeConfig)
    from crosstask import analyses  # pandas and matplotlib are imported only once the config is known to be good

    analyses.analyze(settings)


if __name__ == "__main__":
    commandline.launch(main, config.AnalyzeConfig)
