"""Parameters of latent traits: the schema of ``analysis.traits`` in the config."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.limits import at_least, refuse


class Matrix(StrEnum):
    """What is decomposed."""

    residuals = "residuals"
    """What donors and recipients leave of gains off the diagonal, sources and targets at one spread; the base model is
    placed afterwards."""
    scores = "scores"
    """The scores themselves, as in arXiv:2509.13624 (analysis=paper). Donors and single violent adapters look like
    traits there."""


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

    matrix: Matrix = Matrix.residuals
    scale: Scale = Scale.zscore
    """matrix=scores."""
    base: BaseRow = BaseRow.included
    """matrix=scores."""
    missing: Missing = Missing.drop
    """matrix=scores."""
    home: Home = Home.included
    """matrix=scores."""
    ceiling: float = 1.0
    """scale=headroom: the best score there can be; 100 for percentages."""
    method: Method = Method.pca
    """matrix=scores."""
    rotation: Rotation = Rotation.varimax
    """method=factors."""
    extraction: Extraction = Extraction.principal_axis
    """method=factors."""
    count: int | None = at_least(1, default=None)
    """method=factors: how many; null: as many as components are distinguishable from noise."""
    noise_draws: int = at_least(19, default=2000)
    """Matrices of each null model that a component is compared with; fewer for large matrices."""
    resamples: int = at_least(0, default=500)
    """Resampled matrices behind the intervals of loadings and traits; 0 for none."""

    def __post_init__(self) -> None:
        """Refuse what cannot be done before anything is computed.

        Raises
        ------
        UserError
            If an option of scores is given for residuals, diagonal cells are missing and missing cells are not imputed,
            or one resampled matrix is asked for.
        """
        of_scores = {"scale": Scale.zscore, "base": BaseRow.included, "missing": Missing.drop, "home": Home.included}
        for name, default in {**of_scores, "method": Method.pca}.items():
            if self.matrix == Matrix.residuals and getattr(self, name) != default:
                refuse(
                    f"analysis.traits.{name}={getattr(self, name)} is an option of scores; it needs"
                    " analysis.traits.matrix=scores (analysis=paper)"
                )
        if self.home == Home.missing and self.missing == Missing.drop:
            refuse("analysis.traits.home=missing leaves no complete source; it needs analysis.traits.missing=impute")
        if self.resamples == 1:
            refuse("analysis.traits.resamples=1: at least 2, or 0 for no intervals")
