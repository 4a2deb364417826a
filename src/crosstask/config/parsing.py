"""From a composed config to its dataclass, with one line for every user error."""

from pathlib import PurePath
from typing import TypeVar, cast

from omegaconf import DictConfig, OmegaConf, open_dict

from crosstask.config.adapter import AdapterMethod, Initialization, check_adapter
from crosstask.config.inputs import DataKind, Quantization
from crosstask.config.job import BASE, TrainConfig
from crosstask.config.task import Role
from crosstask.config.training import Strategy
from crosstask.errors import UserError
from crosstask.limits import check_ranges

T = TypeVar("T")


def parse(cfg: DictConfig, schema: type[T]) -> T:
    """Turn a composed config into its dataclass; keys that the schema lacks are refused.

    Raises
    ------
    UserError
        For a missing value or a combination that makes no sense.
    """
    strict = OmegaConf.merge(OmegaConf.structured(schema), OmegaConf.to_container(cfg))
    missing = sorted(OmegaConf.missing_keys(cfg) | OmegaConf.missing_keys(strict))
    if missing:
        raise UserError(f"{_where(missing[0])} has no value")
    parsed = cast(T, OmegaConf.to_object(strict))
    check_ranges(parsed)
    if isinstance(parsed, TrainConfig):
        check_roles(parsed)
        check_adapter(parsed.lora)
        check_quantization(parsed)
        check_devices(parsed)
        parsed.model.name = parsed.model.name or PurePath(parsed.model.path).name
    return parsed


def parse_job(cfg: DictConfig) -> TrainConfig:
    """Return a job's settings from its whole config, which still has Hydra's own."""
    with open_dict(cfg):
        cfg.pop("hydra", None)
    return parse(cfg, TrainConfig)


def _where(key: str) -> str:
    """Return how a user would call a key: a task's keys are those of its file."""
    group, _, rest = key.partition(".")
    if group in tuple(Role) and "." in rest:
        task, _, field_name = rest.partition(".")
        return f"conf/task/{task}.yaml: the field {field_name!r}"
    return key


def check_quantization(config: TrainConfig) -> None:
    """Refuse what cannot be done with a base model in 4 bits."""
    quantization, lora = config.model.quantization, config.lora
    if quantization is Quantization.none:
        return
    if lora.init is Initialization.pissa:
        raise UserError(
            f"model.quantization={quantization}: lora.init=pissa decomposes whole weights; lora.init=default does not"
        )
    if lora.method is AdapterMethod.ia3:  # peft hands on float32 where the base computes in bfloat16
        raise UserError(
            f"model.quantization={quantization}: peft's IA3 does not fit layers in 4 bits; use lora=default, rslora or"
            " dora"
        )


def check_devices(config: TrainConfig) -> None:
    """Refuse several devices without a strategy for them, or with a base model that cannot be distributed."""
    trainer, quantization = config.trainer, config.model.quantization
    if trainer.strategy is Strategy.single and trainer.devices > 1:
        raise UserError(
            f"trainer.devices={trainer.devices}: trainer.strategy=single is one device; trainer=ddp and trainer=fsdp"
            " take several"
        )
    if trainer.strategy is not Strategy.single and quantization is not Quantization.none:
        raise UserError(f"model.quantization={quantization}: trains on one device, trainer.strategy=single")


def check_roles(config: TrainConfig) -> None:
    """Refuse sources that contradict each other, and data without a place."""
    if not config.source:
        raise UserError("source=[] names nothing to train on; source=base is the model without fine-tuning")
    if BASE in config.source and len(config.source) > 1:
        others = [name for name in config.source if name != BASE]
        raise UserError(f"source=base means no fine-tuning and cannot be mixed with {', '.join(others)}")
    if config.data.kind is DataKind.local and config.data.root is None:
        raise UserError("data.root has no value; data=local reads data.root/<data set>/{train,test}.jsonl")
