"""Score adapters that exist, again or on new targets, without any training.

python evaluate.py source=goat target=imdb
python evaluate.py -m 'source=glob(*)' 'target=[gsm8k,imdb]'
"""

import hydra
from omegaconf import DictConfig

from crosstask.commands import entry
from crosstask.config.job import TrainConfig
from crosstask.jobs.progress import Progress


@hydra.main(version_base="1.3", config_path="conf", config_name="evaluate")
def main(cfg: DictConfig) -> None:
    """Run one job of the sweep."""
    from crosstask.sweeps import runner

    if cfg.dry_run:
        from crosstask.sweeps.dry_run import print_plan

        return print_plan(cfg, trains=False)
    return runner.run(cfg, work)


def work(cfg: DictConfig, progress: Progress) -> str:
    """Score; returns a line about it."""
    from crosstask.jobs.checked import checked_job

    job = checked_job(cfg, trains=False)
    from crosstask.jobs.job import evaluate  # torch is imported only once the config is known to be good
    from crosstask.sweeps import runner

    command = ("evaluate.py", *runner.overrides())
    return evaluate(job, progress, train_command=runner.command("train.py", without="target"), command=command)


if __name__ == "__main__":
    entry.launch(main, TrainConfig)
