"""What the page may do: run its own script and style, by their hashes, and nothing else."""

import base64
from hashlib import sha256


def policy(script: str, style: str) -> str:
    """The content security policy of a page with this script and this style, for its ``meta`` element.

    Pictures may come from the page itself only; nothing may be fetched, sent, embedded or based elsewhere.
    """
    return (
        f"default-src 'none'; img-src data:; script-src {_source(script)}; style-src {_source(style)};"
        " base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    """The source expression that stands for exactly this text."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"
