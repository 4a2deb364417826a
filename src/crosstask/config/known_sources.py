"""The tasks that what was made elsewhere was trained on, as far as that is known."""

from crosstask.config.external import External
from crosstask.config.literal_text import escaped
from crosstask.config.task import Role, Task
from crosstask.config.task_fields import task_of
from crosstask.config.task_files import options, task_files
from crosstask.errors import UserError, hint


def known_sources(external: External) -> dict[str, Task]:
    """Return the tasks that a row made elsewhere was trained on, by name, sorted; none where there is no such row.

    Raises
    ------
    UserError
        If there is no such task.
    """
    if external.path is None:
        return {}
    allowed = [name for name in options(Role.source) if name in task_files()]
    for name in external.trained_on:
        if name not in allowed:
            raise UserError(
                f"adapter.trained_on: {name!r} is no task that can be trained on{hint(name, allowed)}; there are"
                f" {', '.join(allowed)}"
            )
    return {name: task_of(escaped(task_files()[name])) for name in sorted(set(external.trained_on))}
