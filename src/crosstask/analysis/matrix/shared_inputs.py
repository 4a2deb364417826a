"""What runs have to share unless rows distinguish it, base model and data, and refusals where they do not."""

import pandas as pd

from crosstask.errors import UserError

SHARED = {"model": ("base models", "base"), "data": ("data", "data_id")}
"""Columns of the names: what they name, and the column of the hash. A filter may give either."""


def shared_hashes(rows: tuple[str, ...]) -> list[str]:
    """Columns of the hashes that runs must have in common."""
    return [code for name, (_, code) in SHARED.items() if not {name, code} & set(rows)]


def require_one_of_each(cells: pd.DataFrame, rows: tuple[str, ...]) -> None:
    """Raise if cells are of several base models or data that are no rows, saying which and what to do."""
    for name, (word, code) in SHARED.items():
        choices = _choices(cells, name, code)
        if len(choices) > 1 and code in shared_hashes(rows):
            option = name if choices[name].is_unique else code
            raise UserError(
                f"the runs chosen are of {len(choices)} {word}: {_listed(choices)}; choose one with"
                f" runs.{name}={choices[option].iloc[-1]}, or make it a row:"
                f" analysis.rows={_bracketed((*rows, option))}"
            )


def require_distinct_names(cells: pd.DataFrame, rows: tuple[str, ...]) -> None:
    """Raise if rows go by names of base models or data that are not one for each."""
    for name, (word, code) in SHARED.items():
        choices = _choices(cells, name, code)
        unclear = choices[choices.duplicated(name, keep=False) | choices.duplicated(code, keep=False)]
        if len(unclear) and name in rows and code not in rows:
            raise UserError(
                f"analysis.rows={_bracketed(rows)}: {word} do not have a name each: {_listed(unclear)};"
                f" {code} tells them apart"
            )


def _choices(cells: pd.DataFrame, name: str, code: str) -> pd.DataFrame:
    """The base models or data that there are, by name and hash."""
    return cells[[name, code]].drop_duplicates().sort_values([name, code])


def _listed(choices: pd.DataFrame) -> str:
    """Names with their hashes."""
    return ", ".join(f"{label} ({code})" for label, code in choices.itertuples(index=False))


def _bracketed(rows: tuple[str, ...]) -> str:
    """Rows as they are given on the command line."""
    return f"[{','.join(rows)}]"
