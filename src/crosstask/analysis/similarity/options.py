"""Parameters of similarity against transfer: the schema of ``analysis.similarity`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """Whether similar data sets transfer more."""

    permutations: int = at_least(99, 4999)
    """Label permutations of the data sets behind the null distribution (Mantel/QAP test)."""
    adapters: bool = True
    """Compare the weights of adapters, too; runs=wandb has to fetch them."""
