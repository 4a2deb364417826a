"""One job: fine-tune an adapter on the sources, score it on the targets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from omegaconf import DictConfig

from crosstask.config.adapter import Lora
from crosstask.config.external import External, external_name
from crosstask.config.inputs import Data, Model
from crosstask.config.judge import Judge
from crosstask.config.scoring import ASKED, Scoring
from crosstask.config.task import Task
from crosstask.config.training import Optimizer, Trainer
from crosstask.config.variant import Variant, VariantKind, label_text
from crosstask.limits import at_least, not_empty, short_text, short_texts

BASE = "base"
"""The source that stands for the model without fine-tuning."""


PROJECT_LENGTH = GROUP_LENGTH = 128
TAG_LENGTH = 64
"""Most characters that W&B takes."""


class TrackingMode(StrEnum):
    """How runs reach W&B: written to files that ``wandb sync`` sends, sent at once, or not at all."""

    offline = "offline"
    online = "online"
    disabled = "disabled"


@dataclass
class Tracking:
    """Weights & Biases."""

    mode: TrackingMode = TrackingMode.offline
    project: str = short_text(PROJECT_LENGTH, "crosstask", without="/\\#?%:")
    """Name of the project."""
    entity: str | None = None
    """User or team that the project belongs to; null is the user's own."""
    group: str | None = short_text(GROUP_LENGTH)
    """Name of the sweep; null names it after the model, the data and the training settings."""
    tags: list[str] = short_texts(TAG_LENGTH)  # noqa: RUF009
    """Tags of the run."""
    init_timeout: float = at_least(1.0, default=20.0)
    """Seconds to wait for the server at the start of a run; then the run is kept offline."""
    finish_timeout: float = at_least(1.0, default=300.0)
    """Seconds to wait at the end of a run until everything is sent; then the run is kept offline."""
    system: bool = True
    """Keep the git commit, the command, the machine with its GPUs, and system metrics; of the account and its home
    folder nothing. ``offline`` keeps the same, so that ``wandb sync`` sends what ``online`` would have."""
    texts: bool = True
    """Send prompts and the texts of answers; false leaves them out, and the words of data sets with them: labels,
    numbers and lengths are sent, as a compact store keeps them."""


@dataclass
class Suite:
    """A named set of sources and targets. data=hub and data=local have suite=paper by default."""

    sources: list[str] = field(default_factory=list)
    """What ``source=glob(*)`` goes over besides base; none is every source whose own task is a target of the suite.
    Another source has to be named."""


@dataclass
class TrainConfig:
    """One job: fine-tune an adapter on the sources, score it on the targets."""

    source: dict[str, Task | None] = field(default_factory=dict)
    """What is trained on; [a,b] is a mixture, base no training."""
    target: dict[str, Task] = field(default_factory=dict)
    """What is scored on, instead of the targets of the suite."""
    seed: int = 0
    """Initial adapter weights and order of the training rows."""
    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    lora: Lora = field(default_factory=Lora)
    adapter: External = field(default_factory=External)
    """An adapter or model made elsewhere, instead of a source. For ``evaluate.py``."""
    variant: Variant = field(default_factory=Variant)
    optimizer: Optimizer = field(default_factory=Optimizer)
    trainer: Trainer = field(default_factory=Trainer)
    scoring: Scoring = field(default_factory=Scoring)
    judge: Judge = field(default_factory=Judge)
    tracking: Tracking = field(default_factory=Tracking)
    suite: Suite = field(default_factory=Suite)
    encoder: str | None = None
    """Sentence-transformers model that compares data sets, too. A folder, or an id on the Hub; changes no adapter and
    no score. Null: the base model alone compares them."""
    parser: str | None = None
    """Model of spaCy whose parses become features. A package, as en_core_web_sm, or a folder; null has features of
    words alone; changes no adapter and no score."""
    fail_fast: bool = False
    """Stop scheduling jobs of a sweep after the first failure. Those that run go on to their end."""
    own_gpu: bool = False
    """Each process gets exclusive use of one GPU. It waits for one that no other process with this setting has."""
    dry_run: bool = False
    """Print what would be trained and scored, and what it takes. Of that what exists already is told; nothing is
    downloaded or written."""
    preview: bool = False
    """Print one job's data as the model meets them. Prompts, supervised tokens, classes and lengths, by the base
    model's tokenizer alone; nothing is written."""
    rescore: bool = False
    """``evaluate.py``: score stored outputs again, without a model."""
    store: str = not_empty("runs")
    """Folder of adapters, outputs, scores, run records and logs."""


def sources(config: TrainConfig) -> dict[str, Task]:
    """Return the tasks that are trained on by name, sorted; empty for the base model."""
    return {name: task for name, task in sorted(config.source.items()) if task is not None}


def row_name(config: TrainConfig) -> str:
    """Return the name of the row: the sources joined by ``+``, what was made elsewhere, or ``base``."""
    if config.adapter.path is not None:
        return external_name(config.adapter.name, config.adapter.path)
    return "+".join(sources(config)) or BASE


def title(cfg: DictConfig) -> str:
    """Return what a job is called in the terminal and in tables, from its composed config, right or wrong."""
    external = cfg.adapter.get("path")
    names = external_name(cfg.adapter.get("name"), external) if external else "+".join(sorted(map(str, cfg.source)))
    drawn = cfg.data.get("train_seed")
    rows = "" if drawn is None else f" train_seed={drawn}"
    asked = "".join(f" {name}={cfg.scoring[name]}" for name in ASKED if cfg.scoring.get(name))
    return names + asked if names == BASE or external else f"{names}{_varied(cfg)} seed={cfg.seed}{rows}{asked}"


def _varied(cfg: DictConfig) -> str:
    """Return what a job's variant is called, after its source; nothing for the source as it is."""
    given = cfg.variant
    if given.kind == VariantKind.none:
        return ""
    parts = [given.kind, *(str(given[name]) for name in ("share",) if given.get(name) is not None)]
    if isinstance(shares := given.get("shares"), Mapping):
        parts += [f"{label_text(label)}={share}" for label, share in shares.items()]
    return f" ({' '.join([*parts, *([f'seed={given.seed}'] if given.get('seed') else [])])})"
