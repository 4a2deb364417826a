"""Values in the form in which the schema gives them."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def now() -> str:
    """The time as the schema gives it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def opaque(*parts: object) -> str:
    """An id that clients cannot read."""
    return base64.b64encode(":".join(map(str, parts)).encode()).decode()


def connection(items: Sequence[Any], after: str | None, first: int | None) -> dict[str, Any]:
    """A page of a list, in the form of a GraphQL connection."""
    start = int(after) + 1 if after else 0
    end = min(len(items), start + (first or 50))
    edges = [{"node": items[index], "cursor": str(index)} for index in range(start, end)]
    page = {"hasNextPage": end < len(items), "endCursor": str(end - 1) if edges else None}
    return {"edges": edges, "pageInfo": page, "totalCount": len(items)}
