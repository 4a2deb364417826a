"""Parameters of the models of the gain: the schema of ``analysis.causes`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """How features of sources, targets and pairs are held against gains."""

    relabelings: int = at_least(99, 4999)
    """Random assignments of the features to the sources and targets behind p of each feature."""
    refits: int = at_least(99, 199)
    """The same behind p of whole models: in each the features are chosen, and the model is fitted, anew."""
