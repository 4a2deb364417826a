"""Similarity of data sets, and whether it explains transfer."""

from dataclasses import dataclass

from crosstask.analysis.figures import SimilarityPlot
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.similarity.columns import TABLES
from crosstask.analysis.similarity.findings import similarity_finding
from crosstask.analysis.similarity.options import Options
from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from crosstask.analysis.similarity.results import similarity_results
from crosstask.analysis.transfer import Transfer


@dataclass(frozen=True)
class Section:
    """Similarity of every source and target by several measures, each tested against the gains."""

    options: Options
    title = "Similarity"
    method = (
        "Rank correlations of each measure with the gains off the diagonal are held against permutations of"
        " the data sets' names."
    )
    tables = TABLES
    figures = ("similarity",)

    def __call__(self, transfer: Transfer) -> Findings:
        """Return tables, the figure, the finding and notes; nothing where the data sets are not known."""
        if transfer.data_sets is None:
            return Findings()
        test = SimilarityTest(transfer.order.homes, self.options.permutations, transfer.conventions.alpha)
        found = similarity_results(transfer.data_sets, transfer.gains, test)
        frames = {"similarity": found.pairs, "similarity_tests": found.tests}
        tables = tuple(Table(schema, frames[schema.name]) for schema in TABLES)
        if found.tests.empty:
            return Findings(tables=tables, notes=found.notes)
        line = similarity_finding(found.tests)
        plot = SimilarityPlot(
            name="similarity",
            title=line,
            subtitle=transfer.caption,
            tests=found.tests,
            alpha=transfer.conventions.alpha,
        )
        return Findings(tables=tables, figures=(plot,), lines=(line,), notes=found.notes)
