"""Names that become parts of paths.

Whoever can write a record, in a shared store or a W&B project, could else choose where files are read and written.
"""

from typing import Annotated, Any

from pydantic import StringConstraints, TypeAdapter, ValidationError

from crosstask.storage.json_files import NotARecord

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=128)]
"""What the program names a thing by: a fingerprint, or what W&B allows in the name of an artifact."""
TaskName = Annotated[str, StringConstraints(pattern=r"^[^./\\\pC][^/\\\pC]*$", max_length=128)]
"""What a user names a task by: a file name without control characters, of any language."""
_KEY: TypeAdapter[str] = TypeAdapter(Key)


def key(what: str, value: Any) -> str:
    """Return a value that is a `Key`.

    Parameters
    ----------
    what
        What it is, for the message.

    Raises
    ------
    NotARecord
        If it is anything else.

    Examples
    --------
    >>> key("run", "5d41ced9b76366947597")
    '5d41ced9b76366947597'
    """
    try:
        return _KEY.validate_python(value, strict=True)
    except ValidationError as error:
        raise NotARecord(f"{what}: {value!r:.60} is no name of a file") from error
