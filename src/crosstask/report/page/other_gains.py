"""The gains of another analysis, read from the folder of its results."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.errors import UserError, quoted
from crosstask.report.files.writing import without_apostrophe
from crosstask.report.page.conversion import Scored
from crosstask.report.page.tables import KEYS

GAINS, SCORES, TARGETS, ANALYZED = "gains_long.csv", "matrix_long.csv", "targets.csv", "analyzed.csv"
NUMBERS = ("gain", "ci_low", "ci_high")
COLUMNS = (*KEYS, *NUMBERS, "significant")
UNITS = ("target", "whole", "is_stated", "lower_is_better", "gains_over")


@dataclass(frozen=True)
class OtherGains:
    """The gains of another analysis."""

    name: str
    """Its folder."""
    gains: pd.DataFrame
    """Columns ``COLUMNS``, a row for each source and target."""
    scores: pd.DataFrame
    """Columns ``source``, ``target`` and ``score``; no rows where the folder has none."""
    targets: pd.DataFrame
    """Columns ``UNITS``; no rows where the folder has none, being older than them."""
    analyzed: pd.DataFrame
    """Columns ``what`` and ``value``: what it is of; no rows where the folder does not say so."""

    @property
    def scored(self) -> Scored:
        """What tells by what gains are multiplied."""
        return Scored(self.gains, self.scores, self.targets)


def read_other(folder: Path) -> OtherGains:
    """Return the gains in the results folder of another analysis.

    Raises
    ------
    UserError
        If there are none, or the file is none that an analysis writes.
    """
    gains = _table(folder, GAINS, COLUMNS)
    for name in NUMBERS:
        gains[name] = _numbers(folder, gains[name])
    if gains["gain"].isna().any() or gains[[*KEYS]].isna().any(axis=None):
        raise _refused(folder, f"{GAINS} has rows without a source, a target or a gain")
    if len(twice := gains[gains.duplicated([*KEYS])]):
        source, target = twice.iloc[0][[*KEYS]]
        raise _refused(folder, f"{GAINS} has several rows of {quoted(source)} on {quoted(target)}")
    tested = gains["significant"].notna()
    gains["significant"] = _truths(gains["significant"]).astype(object).where(tested, None)
    scores, targets = _if_there(folder, SCORES, (*KEYS, "score")), _if_there(folder, TARGETS, UNITS)
    scores = scores.assign(score=pd.to_numeric(scores["score"], errors="coerce"))
    whole = pd.to_numeric(targets["whole"], errors="coerce")
    told = {name: _truths(targets[name]) for name in ("is_stated", "lower_is_better")}
    targets = targets.assign(
        whole=whole, gains_over=targets["gains_over"].astype(object).fillna("what is not said"), **told
    )
    analyzed = _if_there(folder, ANALYZED, ("what", "value")).dropna().astype(str).map(without_apostrophe)
    return OtherGains(str(folder), gains, scores, targets, analyzed)


def _truths(column: pd.Series) -> pd.Series:
    """Whether it says so, of values as they were written."""
    return column.astype(str).isin(("True", "1", "1.0"))


def _if_there(folder: Path, file: str, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a table that the folder may lack; no rows then."""
    found = _table(folder, file, columns) if (folder / file).is_file() else pd.DataFrame()
    return found if len(found) else pd.DataFrame(columns=[*columns])


def _table(folder: Path, file: str, columns: Sequence[str]) -> pd.DataFrame:
    """Some columns of a table, names as they were before they were written."""
    texts = dict.fromkeys(KEYS, str)
    try:
        table = pd.read_csv(folder / file, dtype=texts, keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise _refused(folder, f"no {file} there; give the results folder of an analysis") from None
    except NotADirectoryError:
        raise _refused(folder, "not a folder; give the results folder of an analysis") from None
    except (OSError, ValueError) as error:
        raise _refused(folder, f"{file} cannot be read ({error})") from error
    if absent := [name for name in columns if name not in table]:
        raise _refused(folder, f"{file} has no column {', '.join(absent)}")
    names = {name: table[name].map(without_apostrophe, na_action="ignore") for name in KEYS if name in columns}
    return table[[*columns]].assign(**names)


def _numbers(folder: Path, column: pd.Series) -> pd.Series:
    """Numbers, NaN where there is none."""
    found = pd.to_numeric(column, errors="coerce")
    wrong = column[(found.isna() & column.notna()) | np.isinf(found)]
    if len(wrong):
        raise _refused(folder, f"{GAINS}: {column.name} is {quoted(str(wrong.iloc[0]))}, which is no finite number")
    return found


def _refused(folder: Path, why: str) -> UserError:
    """An error that names the option."""
    return UserError(f"report.compare={folder}: {why}")
