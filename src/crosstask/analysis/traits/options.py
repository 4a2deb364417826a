"""How latent traits are looked for: every choice in one place, refused before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from crosstask.analysis.traits.components import ComponentAnalysis
from crosstask.analysis.traits.factors import Extraction, FactorAnalysis, Rotation
from crosstask.analysis.traits.observations import require_one_of
from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis
from crosstask.errors import UserError

Home = Literal["included", "missing"]
Method = Literal["pca", "factors"]


@dataclass(frozen=True)
class TraitAnalysis:
    """How latent traits are looked for.

    Parameters
    ----------
    components : ComponentAnalysis
        Scaling of the matrix, its base row and its missing cells.
    rows : tuple of str
        What a row of the matrix is, as for `transfer_matrix`.
    method : {"pca", "factors"}
        Components alone, or a factor analysis besides.
    rotation, extraction
        As for `FactorAnalysis`.
    count : int, optional
        Number of factors; as many as components are told from noise when left out.
    noise_draws : int
        Noise matrices per component, as for `ParallelAnalysis`.
    resamples : int
        Resampled matrices behind the intervals; 0 for none.
    seed : int
        Seed of all random numbers.
    home : {"included", "missing"}
        Decompose the cells of sources on their own task as well, or take them for missing and fill them. They are the
        largest of most matrices and lie in a row and a column of their own each, which is no trait and drowns those
        that there are.
    abilities : mapping of str to str
        Target -> the ability that it is thought to need.

    Raises
    ------
    UserError
        If a parameter has another value, or home cells are missing and missing cells are not imputed.
    """

    components: ComponentAnalysis = field(default_factory=ComponentAnalysis)
    rows: tuple[str, ...] = ("source",)
    method: Method = "pca"
    rotation: Rotation = "varimax"
    extraction: Extraction = "principal_axis"
    count: int | None = None
    noise_draws: int = 2000
    resamples: int = 500
    seed: int = 0
    home: Home = "included"
    abilities: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be done before anything is computed."""
        require_one_of("method", self.method, get_args(Method))
        require_one_of("home", self.home, get_args(Home))
        if self.home == "missing" and self.components.missing == "drop":
            raise UserError("home='missing' leaves no complete source; it needs missing='impute'")
        ParallelAnalysis("gaussian", self.noise_draws, self.seed)
        FactorAnalysis(self.count or 1, self.rotation, self.extraction)
        if not self.rows or self.rows[0] != "source":
            raise UserError(f"rows={list(self.rows)}: the first is source")
        if self.resamples == 1 or self.resamples < 0:
            raise UserError(f"resamples={self.resamples}: at least 2, or 0 for no intervals")
