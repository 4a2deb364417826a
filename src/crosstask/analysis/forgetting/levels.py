"""The score of each target that takes no ability."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crosstask.analysis.forgetting.commonest_label import commonest_label
from crosstask.analysis.forgetting.options import NoAbility, Options
from crosstask.analysis.matrix.chance import chance_metrics, chance_scores
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import BITS_PER_BYTE, Transfer
from crosstask.errors import UserError, hint


@dataclass(frozen=True)
class Levels:
    """By target of the matrix, in its order."""

    values: Array
    """Score without any ability on the scale of the matrix, (targets,); NaN where shares of a score mean nothing: plain
    texts, and numbers without a ceiling."""
    variances: Array
    """Of these over test rows, (targets,): of the commonest label, whose share is that of rows drawn; else 0."""
    assumed: tuple[str, ...]
    """Targets for which it is 0 because nothing is known of their answers."""
    texts: tuple[str, ...]
    """Targets that are plain texts."""


def levels(transfer: Transfer, options: Options) -> Levels:
    """Return the levels of a matrix.

    Raises
    ------
    UserError
        If an option names a target that the matrix has not, or a score that no model can be above.
    """
    targets = [str(name) for name in transfer.matrix.columns]
    ceilings = transfer.ceilings_of(targets)
    of_bytes = set(transfer.scores.loc[transfer.scores["metric"] == BITS_PER_BYTE, "target"])
    stated = _stated(transfer, options, dict(zip(targets, ceilings.tolist(), strict=True)))
    known, errors = _known(transfer, options)
    shares = np.array([known.get(name, 0.0) for name in targets]) * ceilings
    values = np.array([stated.get(name, shares[place]) for place, name in enumerate(targets)])
    values[[name in of_bytes for name in targets]] = np.nan
    drawn = [0.0 if name in stated else errors.get(name, 0.0) for name in targets]
    variances = np.array(drawn) * np.nan_to_num(ceilings) ** 2
    unknown = {*targets} - stated.keys() - known.keys() if transfer.answers is None else set()
    assumed = tuple(name for name, value in zip(targets, values, strict=True) if name in unknown and value == 0)
    return Levels(values, variances, assumed, tuple(name for name in targets if name in of_bytes))


def _known(transfer: Transfer, options: Options) -> tuple[dict[str, float], dict[str, float]]:
    """Shares that take no ability by target, as far as labels and options tell, and the variances of those drawn."""
    of_options = chance_metrics(transfer.metrics)
    if options.no_ability is NoAbility.guessing:
        return chance_scores(transfer.answers) | of_options, {}
    counts = {name: found.gold for name, found in transfer.answers.targets.items()} if transfer.answers else {}
    found = {
        name: commonest_label(gold) for name, gold in counts.items() if sum(gold.values()) and name not in of_options
    }
    shares, errors = ({name: of[place] for name, of in found.items()} for place in (0, 1))
    return shares | of_options, errors


def _stated(transfer: Transfer, options: Options, ceilings: Mapping[str, float]) -> dict[str, float]:
    """The scores that the options state, on the scale of the matrix."""
    found = {}
    factors = transfer.scales.factors if transfer.scales else {}
    for name, score in (options.chance or {}).items():
        if name not in ceilings:
            raise UserError(
                f"analysis.forgetting.chance={{{name}: {score}}}: no target of that name{hint(name, ceilings)}"
            )
        value = score * factors.get(name, 1.0)
        if not value < ceilings[name]:
            highest = ceilings[name] / factors.get(name, 1.0)
            limit = (
                "its scores have no highest" if np.isnan(highest) else f"must be below {highest:g}, the highest score"
            )
            raise UserError(f"analysis.forgetting.chance={{{name}: {score}}}: {limit}")
        found[name] = value
    return found
