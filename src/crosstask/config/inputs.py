"""What a job starts from: the base model and the rows."""

from dataclasses import dataclass
from enum import StrEnum

from omegaconf import MISSING

from crosstask.limits import at_least


class Precision(StrEnum):
    """Arithmetic of the base model."""

    auto = "auto"
    """bfloat16 where the device has it, else float32."""
    float32 = "float32"
    bfloat16 = "bfloat16"


class Quantization(StrEnum):
    """How the base model's linear layers are stored."""

    none = "none"
    nf4 = "nf4"
    """4 bits a weight (bitsandbytes, CUDA only)."""


@dataclass
class Model:
    """The base model, and how it is held in memory."""

    name: str | None = None
    """How tables and runs call the model; null is the last part of its path."""
    path: str = MISSING
    """``miniature``, a folder with a model, or an id on the Hub."""
    revision: str | None = None
    """Commit, tag or branch on the Hub; null is the newest."""
    precision: Precision = Precision.auto
    quantization: Quantization = Quantization.none
    """How the base model's linear layers are stored, in training and in scoring; arithmetic stays that of
    ``precision``."""
    chat_template: bool = False
    """Render every prompt as the user's turn in the tokenizer's own chat template, in training and in scoring."""


class DataKind(StrEnum):
    """Where rows come from."""

    miniature = "miniature"
    hub = "hub"
    local = "local"

    @property
    def is_fixed(self) -> bool:
        """Whether the settings decide which rows there are; of any other kind the rows themselves are compared."""
        return self in (DataKind.miniature, DataKind.hub)


class ControlTokens(StrEnum):
    """What texts in data are read as that are control tokens of the base model, such as ``</s>``."""

    plain = "plain"
    """The text that they are."""
    keep = "keep"
    """Control tokens."""


class Leakage(StrEnum):
    """What becomes of training rows that are test rows of a target with other data.

    Those of a source's own data set are always passed over.
    """

    keep = "keep"
    """They stay, and are counted for each cell."""
    exclude = "exclude"
    """They are passed over, so that the adapter depends on the targets."""


@dataclass
class Data:
    """Where rows come from and how many are used."""

    name: str = MISSING
    """How tables and runs call the data."""
    kind: DataKind = MISSING
    """Seeded generators, the Hugging Face Hub, or files in data.root."""
    root: str | None = None
    """kind=local: where each data set has a folder with its files. It can move: data are identified by their rows."""
    train_rows: int = at_least(0, default=1000)
    """Rows of each source that are trained on; 0 is all."""
    test_rows: int = at_least(0, default=200)
    """Rows of each target that are scored; 0 is all."""
    seed: int = 0
    """Which rows are drawn; independent of the run's seed."""
    train_seed: int | None = None
    """Which training rows are drawn, where these are to be others than data.seed draws; null is data.seed. Test rows
    stay the same, so runs with other training rows are runs of the same matrix: seed=0,1,2
    data.train_seed='${seed}' makes every seed one of another training set."""
    control_tokens: ControlTokens = ControlTokens.plain
    """What texts in rows are read as that are control tokens of the base model, in training and in scoring; those of
    its chat template are none of these."""
    leakage: Leakage = Leakage.keep
    """What becomes of training rows that are test rows of a target with other data; those of a source's own data set
    are always passed over."""


NEW_SETTINGS = {"control_tokens": ControlTokens.plain, "leakage": Leakage.keep}
"""Settings of the data that earlier versions did not have, with what they did; there is a column for another one."""
