"""From a composed config to its dataclass, with one line for every user error."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, TypeVar, cast

from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from crosstask.config.adapter import AdapterMethod, Initialization, check_adapter
from crosstask.config.inputs import DataKind, Quantization
from crosstask.config.job import BASE, TrainConfig, row_name
from crosstask.config.known_sources import known_sources
from crosstask.config.literal_text import deactivated
from crosstask.config.suites import suite_sources
from crosstask.config.task import Role
from crosstask.config.task_checks import TargetCheck, task_mistakes
from crosstask.config.task_files import task_files
from crosstask.config.training import ACCELERATORS, Strategy
from crosstask.config.variant import check_variant
from crosstask.errors import UserError, require_one_of
from crosstask.limits import check_ranges

T = TypeVar("T")


def parse(cfg: DictConfig, schema: type[T], check: TargetCheck | None = None) -> T:
    """Turn a composed config into its dataclass; keys that the schema lacks are refused.

    Parameters
    ----------
    cfg
        The composed config. Texts of tasks are literal; elsewhere ``${...}`` is resolved.
    schema
        The dataclass.
    check
        What targets are asked besides, so that all mistakes of a task come at once.

    Raises
    ------
    UserError
        For a missing value or a combination that makes no sense.
    """
    plain = cast(dict[str, Any], OmegaConf.to_container(cfg))
    if schema is TrainConfig:
        plain |= {role: deactivated(plain[role]) for role in Role if role in plain}
        refuse_mistakes(plain, check)
    try:
        strict = OmegaConf.merge(OmegaConf.structured(schema), plain)
        missing = sorted(OmegaConf.missing_keys(OmegaConf.create(plain)) | OmegaConf.missing_keys(strict))
        if missing:
            raise UserError(f"{missing[0]} has no value")
        parsed = cast(T, OmegaConf.to_object(strict))
    except OmegaConfBaseException as error:  # such as a variable that is not there
        raise UserError(f"{error.full_key}: {str(error).splitlines()[0]}") from error
    check_ranges(parsed)
    if isinstance(parsed, TrainConfig):
        suite_sources(parsed.suite.sources, parsed.target)  # refuses what is none
        check_roles(parsed)
        check_external(parsed, check)
        check_adapter(parsed.lora)
        check_variant(parsed.variant)
        check_quantization(parsed)
        check_devices(parsed)
        parsed.model.name = parsed.model.name or PurePath(parsed.model.path).name
    return parsed


def refuse_mistakes(plain: Mapping[str, Any], check: TargetCheck | None) -> None:
    """Refuse tasks with mistakes: all mistakes of all tasks at once.

    Parameters
    ----------
    plain
        By role and name: the fields of a task.
    check
        What targets are asked besides.
    """
    found: dict[str, list[str]] = {}
    for role in Role:
        for name, content in (plain.get(role) or {}).items():
            if name != BASE:
                mistakes = task_mistakes(name, content or {}, check if role is Role.target else None)
                found.setdefault(name, []).extend(mistakes)
    files = [f"conf/task/{name}.yaml: {'; '.join(dict.fromkeys(lines))}" for name, lines in found.items() if lines]
    if files:
        raise UserError("; ".join(files))


def parse_job(cfg: DictConfig) -> TrainConfig:
    """Return a job's settings from its whole config, which still has Hydra's own."""
    with open_dict(cfg):
        cfg.pop("hydra", None)
    return parse(cfg, TrainConfig)


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
    require_one_of("trainer.accelerator", trainer.accelerator, ACCELERATORS)
    if trainer.strategy is Strategy.single and trainer.devices > 1:
        raise UserError(
            f"trainer.devices={trainer.devices}: trainer.strategy=single is one device; trainer=ddp and trainer=fsdp"
            " take several"
        )
    if trainer.strategy is not Strategy.single and quantization is not Quantization.none:
        raise UserError(f"model.quantization={quantization}: trains on one device, trainer.strategy=single")


def check_external(config: TrainConfig, check: TargetCheck | None) -> None:
    """Refuse a row that was made elsewhere together with a source, and settings of one that is none."""
    external = config.adapter
    if external.path is None:
        # What is said of all folders that a pattern matches is said of the base model beside them, and means nothing.
        given = [name for name in ("name", "revision") if getattr(external, name)]
        if given:
            raise UserError(f"adapter.{given[0]}={getattr(external, given[0])}: of no adapter; adapter.path names one")
        return
    if not external.path:
        raise UserError("adapter.path=: must not be empty; null is none")
    name = row_name(config)
    if set(config.source) != {BASE}:
        raise UserError(
            f"adapter.path={external.path}: made elsewhere, so it excludes source={'+'.join(sorted(config.source))},"
            " whose adapter would be another; adapter.trained_on says what it was trained on"
        )
    if name == BASE:
        raise UserError(
            f"adapter.path={external.path}: {BASE} is the model without fine-tuning; adapter.name=... names it"
        )
    known = {name: task_files().get(name, {}) for name in external.trained_on if name in task_files()}
    refuse_mistakes({Role.source: deactivated(known)}, check)
    known_sources(external)


def check_roles(config: TrainConfig) -> None:
    """Refuse sources that contradict each other, and data without a place."""
    if not config.source:
        raise UserError("source=[] names nothing to train on; source=base is the model without fine-tuning")
    if not config.target:
        raise UserError("target=[] names nothing to score on; a suite, or target=NAME, does")
    if BASE in config.source and len(config.source) > 1:
        others = [name for name in config.source if name != BASE]
        raise UserError(f"source=base means no fine-tuning and cannot be mixed with {', '.join(others)}")
    if config.data.kind is DataKind.local and config.data.root is None:
        raise UserError("data.root has no value; data=local reads data.root/<data set>/{train,test}.jsonl and the like")
