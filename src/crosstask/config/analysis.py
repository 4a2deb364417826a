"""One analysis: runs in, tables and figures out."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosstask.config.job import Tracking, TrackingMode
from crosstask.config.ranges import at_least


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    wandb = "wandb"
    table = "table"


class Scale(StrEnum):
    """Scaling of the tasks before the decomposition; they are centred in any case."""

    zscore = "zscore"
    none = "none"
    headroom = "headroom"
    """Gain over base, divided by what base leaves to analysis.ceiling."""


class BaseRow(StrEnum):
    """Whether the base model is one of the observations of the decomposition."""

    included = "included"
    projected = "projected"
    """Placed afterwards on the components of the others."""
    excluded = "excluded"


class Missing(StrEnum):
    """What the decomposition does about sources with missing scores."""

    drop = "drop"
    impute = "impute"


class Home(StrEnum):
    """Whether sources on their own task take part in the decomposition."""

    included = "included"
    missing = "missing"
    """Taken for missing and imputed; needs missing=impute."""


class Method(StrEnum):
    """How latent traits are looked for."""

    pca = "pca"
    factors = "factors"
    """A factor analysis besides the components."""


class Rotation(StrEnum):
    """Rotation of the factors."""

    none = "none"
    varimax = "varimax"
    quartimax = "quartimax"
    oblimin = "oblimin"


class Extraction(StrEnum):
    """How factors are found."""

    principal_axis = "principal_axis"
    maximum_likelihood = "maximum_likelihood"


class FigureFormat(StrEnum):
    """File formats of the figures."""

    png = "png"
    svg = "svg"


@dataclass
class Runs:
    """The runs that are analysed."""

    kind: RunsKind = RunsKind.local
    root: str = "runs"
    """kind=local: the store."""
    path: str | None = None
    """kind=table: a CSV file with the columns source, target, score and perhaps seed."""
    project: str = "crosstask"
    """kind=wandb: the project."""
    entity: str | None = None
    """kind=wandb: the user or team; null is the user's own."""
    cache: str = "~/.cache/crosstask/wandb"
    """kind=wandb: folder of what was read before, answers included."""
    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    """Only this source (and base)."""
    seed: int | None = None
    """Only this seed (and base)."""


@dataclass
class Analysis:
    """Tests, the decomposition of the matrix, and the order of its rows and columns."""

    scale: Scale = Scale.zscore
    base: BaseRow = BaseRow.included
    missing: Missing = Missing.drop
    home: Home = Home.included
    ceiling: float = 1.0
    """scale=headroom: the best score there can be; 100 for percentages."""
    rows: list[str] = field(default_factory=lambda: ["source"])
    """What a row of the decomposition is, the source first: e.g. [source,seed,model]. Besides these data, data_id,
    base, settings and every flat setting of a run, such as lora.rank; of a table its columns."""
    method: Method = Method.pca
    rotation: Rotation = Rotation.varimax
    """method=factors."""
    extraction: Extraction = Extraction.principal_axis
    """method=factors."""
    count: int | None = at_least(1, default=None)
    """method=factors: how many; null: as many as components are told from noise."""
    noise_draws: int = at_least(19, default=2000)
    """Noise matrices that each component is compared with; fewer for large matrices."""
    trait_resamples: int = at_least(0, default=500)
    """Resampled matrices behind the intervals of loadings and traits; 0 for none."""
    alpha: float = at_least(1e-6, 0.05, below=1.0)
    """Intervals of scores and gains have level 1 - alpha; a gain is significant if its false discovery rate is at most
    alpha."""
    resamples: int = at_least(100, 1000)
    """Bootstrap replicates behind the statistics of the matrix."""
    renamings: int = at_least(99, 4999)
    """Permutations of the names of data sets that similarity is tested with."""
    adapters: bool = True
    """Compare the weights of adapters, too; runs=wandb has to fetch them."""
    figures: list[FigureFormat] = field(default_factory=lambda: list(FigureFormat))
    """Formats of the figures; none of them for tables alone, which is faster."""
    order: list[str] = field(default_factory=list)
    """Tasks in the order of columns and rows; the others follow by name."""


@dataclass
class AnalyzeConfig:
    """One analysis: runs in, tables and figures out."""

    runs: Runs = field(default_factory=Runs)
    analysis: Analysis = field(default_factory=Analysis)
    tracking: Tracking = field(default_factory=lambda: Tracking(mode=TrackingMode.disabled))
    """The analysis as a run."""
    output: str = "results"
    """Folder of tables and figures."""
