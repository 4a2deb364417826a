"""What a command answers that asks about its job instead of having it done: its plan, or a preview of its data."""

from omegaconf import DictConfig, open_dict

from crosstask.errors import UserError, printable
from crosstask.jobs.checked import checked_job
from crosstask.sweeps.runner import check_title


def answer(cfg: DictConfig, trains: bool) -> None:
    """Print the plan of one job, or a preview of it.

    Parameters
    ----------
    cfg
        The job's composed config, with ``dry_run`` or ``preview``.
    trains
        Whether the job may train.
    """
    check_title(cfg)
    if cfg.dry_run:
        from crosstask.sweeps.dry_run import plan_of  # imports what works out a job

        print(plan_of(cfg, trains))
        return
    with open_dict(cfg):
        cfg.pop("hydra", None)
    try:
        job = checked_job(cfg, trains)
        from crosstask.jobs.preview import preview  # torch is imported only once the config is known to be good

        for line in preview(job):
            print(line)
    except (UserError, OSError) as error:
        raise SystemExit(f"error: {printable(str(error))}") from error
