"""Fine-tune one adapter on the source and score it on every target.

python train.py source=goat                       one adapter
python train.py -m 'source=glob(*)'               one for each source, and base
python train.py -m 'source=glob(*)' seed=0,1,2    three seeds
"""

import hydra
from omegaconf import DictConfig

from crosstask.commands import entry
from crosstask.config.job import TrainConfig
from crosstask.jobs.progress import Progress


@hydra.main(version_base="1.3", config_path="conf", config_name="train")
def main(cfg: DictConfig) -> None:
    """Run one job of the sweep."""
    from crosstask.sweeps import runner

    if cfg.dry_run:
        from crosstask.sweeps.dry_run import print_plan

        return print_plan(cfg, trains=True)
    return runner.run(cfg, work)


def work(cfg: DictConfig, progress: Progress) -> str:
    """Train and score; returns a line about it."""
    from crosstask.jobs.checked import checked_job

    job = checked_job(cfg, trains=True)
    from crosstask.jobs.job import train  # torch is imported only once the config is known to be good
    from crosstask.sweeps import runner

    return train(job, progress, command=("train.py", *runner.overrides()))


if __name__ == "__main__":
    entry.launch(main, TrainConfig)
