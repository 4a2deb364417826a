"""Linguistic features of data sets, and of the examples that adapters win and lose."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.linguistic.cell_families import with_rates
from crosstask.analysis.linguistic.columns import FEATURE_TESTS, TABLES
from crosstask.analysis.linguistic.data_set_means import feature_means
from crosstask.analysis.linguistic.findings import finding_lines
from crosstask.analysis.linguistic.options import Options
from crosstask.analysis.linguistic.target_tests import TargetTests
from crosstask.analysis.matrix.example_features import KeptFeatures
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed

NO_FEATURES = (
    "linguistic: neither features.csv nor feature_tests.csv, since no features of examples are kept: the train.py or"
    " evaluate.py that made the rows adds them to the store, without the model"
)
MOST = 200_000
"""Rows of a table from which on it holds only tests with a p value of at most `SMALL`."""
SMALL = 0.5
NOT_TOLD = "which examples adapters win or lose is not told"


@dataclass(frozen=True)
class Section:
    """What the examples of data sets are like, and on which features those differ that an adapter wins or loses."""

    options: Options
    title = "Linguistic features"
    method = (
        "Odds ratios in strata of right label and length (Mantel-Haenszel), corrected over the features of a"
        " cell by permutations."
    )
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables and findings; a note where there are no features, and nothing without behavior."""
        kept = transfer.data_sets.features if transfer.data_sets else None
        if kept is None:
            return Findings()
        if not kept.names:
            return Findings(notes=(NO_FEATURES,) if transfer.behavior is not None else ())
        means = _means(kept, transfer.conventions.alpha)
        tests, notes = self._tests(transfer, kept)
        if tests.empty:
            return Findings(tables=(Table(TABLES[0], means),), notes=notes)
        shown = tests if len(tests) <= MOST else tests[tests["p"] <= SMALL]
        if len(shown) < len(tests):
            left_out = f"{len(tests) - len(shown):,} features of cells with p above {SMALL} or not testable"
            notes = (*notes, f"{TABLES[1].name}.csv leaves out {left_out}")
        columns = [*column_names(FEATURE_TESTS), *further_keys(transfer.rows)]
        tables = (Table(TABLES[0], means), Table(TABLES[1], shown[columns]))
        return Findings(tables=tables, lines=finding_lines(tests, transfer.conventions.alpha), notes=notes)

    def _tests(self, transfer: Transfer, kept: KeptFeatures) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Return the tests of all targets."""
        if transfer.behavior is None:
            return pd.DataFrame(), ()
        if not transfer.has_base:
            return pd.DataFrame(), (f"{NOT_TOLD}: there is no base model",)
        parts = list(self._of_targets(transfer, kept))
        if not parts:
            return pd.DataFrame(), (f"{NOT_TOLD}: no test rows with answers have features that differ",)
        tests = pd.concat(parts, ignore_index=True)
        lacking = [target for target in map(str, transfer.matrix.columns) if ("target", target) not in kept.names]
        left_out = f"feature_tests.csv leaves out {listed(lacking, 6)}, of whose examples no features are kept"
        tests = _with_settings(with_rates(tests, transfer.conventions.alpha), transfer.rows)
        return tests, (left_out,) if lacking else ()

    def _of_targets(self, transfer: Transfer, kept: KeptFeatures) -> Iterator[pd.DataFrame]:
        """Yield the tests of each target that has answers and features."""
        home = transfer.home
        for target in transfer.matrix.columns:
            behavior = transfer.behavior(target) if transfer.behavior and ("target", target) in kept.names else None
            features = kept.read("target", target) if behavior else None
            if behavior is None or features is None:
                continue
            table = TargetTests(behavior, features, self.options, transfer.conventions.alpha).table()
            if len(table):
                sources = pd.Series([row[0] for row in table["row"]], index=table.index)
                own = sources.map(home[target]).fillna(False).astype(bool)
                yield table.assign(source=sources, target=target, home=own)


def _means(kept: KeptFeatures, alpha: float) -> pd.DataFrame:
    """Return the means of the features of all data sets."""
    parts = []
    for role, name in kept.names:
        features = kept.read(role, name)
        if features is not None:
            parts.append(feature_means(role, name, features, alpha))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _with_settings(tests: pd.DataFrame, rows: tuple[str, ...]) -> pd.DataFrame:
    """Return the tests with the columns of the settings that rows tell apart."""
    settings = {name: [row[place] for row in tests["row"]] for place, name in enumerate(further_keys(rows), start=1)}
    return tests.assign(**settings).astype({"seed": "Int64"})
