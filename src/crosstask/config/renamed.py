"""Keys that have another name than they once had."""

from collections.abc import Mapping

_TRAITS = ("scale", "base", "missing", "home", "ceiling", "method", "rotation", "extraction", "count", "noise_draws")

RENAMED: Mapping[str, str] = {
    "runs.root": "store",
    **{f"analysis.{name}": f"analysis.traits.{name}" for name in _TRAITS},
    "analysis.trait_resamples": "analysis.traits.resamples",
    "analysis.resamples": "analysis.gains.resamples",
    "analysis.renamings": "analysis.similarity.permutations",
    "analysis.adapters": "analysis.similarity.adapters",
}
"""The present name of every key that was renamed, by its old name; an override of the old one is answered with it."""
