"""Parameters of latent traits: the schema of ``analysis.traits`` in the config."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.limits import at_least, refuse


class Scale(StrEnum):
    """Scaling of the tasks before the decomposition; they are centered in any case."""

    zscore = "zscore"
    none = "none"
    headroom = "headroom"
    """Gain over base, divided by what base leaves to analysis.traits.ceiling."""


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
    """Fill them by iterative PCA."""


class Home(StrEnum):
    """Whether the cells of sources on their own task take part in the decomposition.

    They are the largest of most matrices and lie in a row and a column of their own each, which is no trait and hides
    those that there are.
    """

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
    """Needs more sources than targets by at least two."""


@dataclass
class Options:
    """How latent traits are looked for."""

    scale: Scale = Scale.zscore
    base: BaseRow = BaseRow.included
    missing: Missing = Missing.drop
    home: Home = Home.included
    ceiling: float = 1.0
    """scale=headroom: the best score there can be; 100 for percentages."""
    method: Method = Method.pca
    rotation: Rotation = Rotation.varimax
    """method=factors."""
    extraction: Extraction = Extraction.principal_axis
    """method=factors."""
    count: int | None = at_least(1, default=None)
    """method=factors: how many; null: as many as components are distinguishable from noise."""
    noise_draws: int = at_least(19, default=2000)
    """Matrices of the null model that each component is compared with; fewer for large matrices."""
    resamples: int = at_least(0, default=500)
    """Resampled matrices behind the intervals of loadings and traits; 0 for none."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done before anything is computed.

        Raises
        ------
        UserError
            If diagonal cells are missing and missing cells are not imputed, or one resampled matrix is asked for.
        """
        if self.home == Home.missing and self.missing == Missing.drop:
            refuse("analysis.traits.home=missing leaves no complete source; it needs analysis.traits.missing=impute")
        if self.resamples == 1:
            refuse("analysis.traits.resamples=1: at least 2, or 0 for no intervals")
