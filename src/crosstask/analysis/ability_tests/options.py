"""Parameters of the tests of abilities: the schema of ``analysis.ability_tests`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """How abilities are tested."""

    relabelings: int = at_least(99, 9999)
    """Random assignments of the abilities to the tasks; all of them where there are no more."""
