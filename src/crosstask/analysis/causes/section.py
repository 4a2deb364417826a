"""Which properties of sources, targets and pairs go with transfer, and how little they explain."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.causes.columns import TABLES
from crosstask.analysis.causes.feature_table import feature_table
from crosstask.analysis.causes.features import Features
from crosstask.analysis.causes.findings import finding_lines
from crosstask.analysis.causes.known import features_of
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.results import causes
from crosstask.analysis.causes.same_units import same_sources, same_targets, same_units_notes
from crosstask.analysis.causes.units import Units, averaged, merged
from crosstask.analysis.schema import BASE
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError

FEWEST = 4
"""Sources and targets from which on there is something to leave out."""


@dataclass(frozen=True)
class Section:
    """Models of the gain: features of sources, targets and pairs, alone and together, and shares of the variance."""

    options: Options
    title = "Causes"
    method = (
        "Each feature is held against random assignments of it; models predict sources and targets that they"
        " have not seen."
    )
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables, the findings and notes; a note alone where the matrix is too small."""
        if min(transfer.gains.shape) < FEWEST:
            return Findings(notes=(f"causes: a matrix of at least {FEWEST} sources and {FEWEST} targets is needed",))
        features, notes = features_of(transfer)
        sources = same_sources(transfer)
        targets = same_targets(transfer, sources)
        units = _units(transfer, features, sources, targets)
        try:
            _ = units.model
        except UserError as error:
            return Findings(notes=(*notes, f"causes: {error}"))
        found = causes(units, transfer.has_base, self.options, transfer.conventions.alpha)
        frames = {
            "causes": found.features,
            "causes_models": found.models,
            "causes_shares": found.shares,
            "causes_features": feature_table(features),
        }
        return Findings(
            tables=tuple(Table(schema, frames[schema.name]) for schema in TABLES),
            lines=finding_lines(found.features, found.models, found.shares, transfer.unit),
            notes=(*notes, *same_units_notes("source", sources), *same_units_notes("target", targets)),
        )


def _units(
    transfer: Transfer, features: Features, counted_sources: Mapping[str, str], counted_targets: Mapping[str, str]
) -> Units:
    """The gains off the diagonal with the features, twins averaged."""
    gains, home = transfer.evidence.gains, transfer.home
    sources, targets = map(list, (gains.index, gains.columns))
    rows, columns = merged(sources, counted_sources), merged(targets, counted_targets)
    home_of_units = averaged(home.loc[sources, targets].astype(float), rows, columns) > 0
    noise = transfer.means.parts.standard_error**2
    of_base = noise[list(transfer.means.sources).index(BASE)] if transfer.has_base else np.zeros(len(targets))
    names = [source for source in sources if source not in counted_sources]
    others = [target for target in targets if target not in counted_targets]
    values = np.where(home_of_units, np.nan, averaged(gains.mask(home), rows, columns))
    of_features = Features(
        _of_units(features.sources, rows, names),
        _of_units(features.targets if transfer.has_base else features.targets.iloc[:, :0], columns, others),
        {name: pd.DataFrame(averaged(frame, rows, columns), names, others) for name, frame in features.pairs.items()},
    )
    return Units(
        pd.DataFrame(values, pd.Index(names, name="source"), pd.Index(others, name="target")),
        averaged(noise[transfer.evidence.source_rows], rows, columns),
        np.nan_to_num(averaged(of_base[None], np.array([0]), columns)[0]),
        of_features,
        home_of_units,
        transfer.order.homes,
    )


def _of_units(frame: pd.DataFrame, places: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Features of the units that names are merged into."""
    return pd.DataFrame(averaged(frame, places), names, list(frame.columns))
