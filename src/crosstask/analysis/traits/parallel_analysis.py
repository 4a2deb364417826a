"""How many components are distinguishable from noise: parallel analysis, one component after the other.

Classic parallel analysis (Horn 1965, "A rationale and test for the number of factors in factor analysis",
doi:10.1007/BF02289447) compares every eigenvalue with that of a null model. Once a first component is real, that null
is too strict for the next: the first has taken its share of the variance, and what is left to the second must be
compared with what noise makes of the rest (Green et al. 2012, "A proposed solution to the problem with using completely
random data to assess the number of factors with parallel analysis", doi:10.1177/0013164411422252; Vitale et al. 2017,
"Selecting the number of factors in principal component analysis by permutation testing", doi:10.1002/cem.2937; Dobriban
and Owen 2019, "Deterministic parallel analysis", arXiv:1711.04155). Here the k-th component is therefore tested against
matrices made of the first k - 1 components as estimated plus noise with the residual variance of each target, centered
and scaled as the data were, and by a statistic that does not depend on the size of the noise: its share of the variance
that the components before it leave. With the shares s of the explained variance and those s* of one matrix of noise ::

    t[k]         =  s[k]  /  (s[k] + s[k + 1] + ...)                t*[k] likewise
    p[k]         =  (1 + #{t*[k] >= t[k]}) / (1 + draws)
    threshold[k] =  (s[k] + s[k + 1] + ...) times the m-th largest t*[k],    m = floor(level (1 + draws))

so that p[k] <= level exactly where s[k] > threshold[k]. The p value counts the matrix itself as one of the draws and
so is never 0 (Phipson and Smyth 2010, "Permutation P-values should never be zero", doi:10.2202/1544-6115.1585). Testing
ends with the first component that is not distinguishable from noise. ``docs/statistics/traits.md`` compares the rules
by simulation.
"""

import numpy as np

from crosstask.analysis.matrix.decomposed import Array
from crosstask.analysis.traits.noise import RowErrors, gaussian, noise_matrices, permuted
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.sequential_tests import SequentialTest, share_of_rest


class ParallelAnalysis(SequentialTest[Observations]):
    """Test principal components of scores against a null model.

    gaussian: residuals with the standard deviation of each target's. permutation: each target's residuals in random
    order: free of any distribution, but it keeps outliers, such as diagonal cells. In both, rows of one source are as
    similar as in the data, and the errors of rows (`row_errors`) are shared across targets as they are there.

    Examples
    --------
    >>> import pandas as pd
    >>> from crosstask.analysis.traits.preparation import observations
    >>> line = pd.DataFrame({"goat": [1.0, 2, 3, 4, 5], "imdb": [1.1, 2, 3, 4, 5], "pile": [1.0, 2, 3, 4, 5.1]})
    >>> ParallelAnalysis(draws=99)(observations(line)).retained
    1
    """

    nulls = ("gaussian", "permutation")
    statistic = share_of_rest

    def noise_matrices(
        self,
        data: Observations,
        fitted: Array,
        kept: int,
        errors: RowErrors,
        draws: int,
        generator: np.random.Generator,
    ) -> Array:
        """Noise with the variance of each target's residuals; the same gaps are filled, columns centered and scaled."""
        values = data.standardized
        residuals = (values - fitted) * _residual_inflation(data.df, values.shape[1], kept)
        between = gaussian if self.noise == "gaussian" else permuted
        noise = noise_matrices(residuals, data.groups, errors, between, draws, generator)
        return data.standardize(fitted + noise)


def _residual_inflation(df: int, n_columns: int, kept: int) -> float:
    """Factor by which residuals must grow to have the variance of noise: fitted components take some of it.

    Of the df c degrees of freedom of noise in c columns, k components leave (df - k) (c - k), as each takes those of a
    row and a column that the others have not taken (Gollob 1968, "A statistical model which combines features of factor
    analytic and analysis of variance techniques", Psychometrika 33) ::

        factor  =  sqrt(df c / ((df - k) (c - k)))
    """
    left = (df - kept) * (n_columns - kept)
    return float(np.sqrt(df * n_columns / left)) if left else 1.0  # nothing is left to grow
