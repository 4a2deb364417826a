"""Why a job is refused that needs what the store does not have."""

from collections.abc import Sequence

from crosstask.errors import UserError


def no_adapter(source: str, train_command: str) -> UserError:
    """Return the error of a job that may not train and finds no adapter."""
    return UserError(f"source={source}: no adapter of these settings exists; {train_command} trains it")


def no_outputs(source: str, targets: Sequence[str]) -> UserError:
    """Return the error of a job that scores stored outputs again, and finds none of some targets."""
    return UserError(
        f"rescore=true: the store has no outputs of {source} on {', '.join(targets)};"
        " the same command without rescore=true makes them"
    )
