"""Keys that are set for the jobs of a sweep do not come into its store."""

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.sweeps.secrets import public, without_values

SECRET = "0123456789abcdef"


def test_the_environment_of_jobs_has_names_but_no_values():
    task_files.register(SCHEMAS)
    overrides = [
        f"+hydra.job.env_set.KEY={SECRET}",
        f"+hydra/job/env_set/b={SECRET}",
        f"++hydra.job.env_set={{c: {SECRET}}}",
    ]
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        whole = compose("train", [overrides[0], "seed=3"], return_hydra_config=True)
    whole.hydra.overrides.hydra = overrides
    before = OmegaConf.to_yaml(whole)
    shown = public(whole)
    assert SECRET not in OmegaConf.to_yaml(shown)
    assert shown.hydra.job.env_set == {"KEY": "..."}
    assert shown.seed == 3
    assert OmegaConf.to_yaml(whole) == before


def test_other_overrides_stay_as_they_are():
    kept = ["seed=0", "hydra.job.env_copy=[KEY]", "store='hydra.job.env_set.a=b'"]
    assert without_values(kept) == kept


def test_what_launchers_pass_to_a_shell_has_no_values():
    task_files.register(SCHEMAS)
    overrides = [
        "launcher=slurm",
        f"hydra.launcher.setup=[module load cuda,'export WANDB_API_KEY={SECRET}']",
        f"+hydra.launcher.additional_parameters.export={SECRET}",
    ]
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        whole = compose("train", overrides, return_hydra_config=True)
    whole.hydra.overrides.hydra = overrides
    assert SECRET in OmegaConf.to_yaml(whole.hydra.launcher)
    shown = public(whole)
    assert SECRET not in OmegaConf.to_yaml(shown)
    assert shown.hydra.launcher.setup == ["...", "..."]
    assert shown.hydra.launcher.partition == whole.hydra.launcher.partition
    assert without_values(overrides)[1:] == [
        "hydra.launcher.setup=...",
        "+hydra.launcher.additional_parameters.export=...",
    ]
