"""What an endpoint is sent of the environment, which OpenAI's client would fill into every request."""

import pytest

from crosstask.config.judge import Judge
from crosstask.judging.endpoint import Endpoint
from tests.judging.rounds import KEY

SENT = {"openai-organization", "openai-project", "x-gateway", "authorization"}


def headers(address: str, key: str | None) -> dict[str, str]:
    """The headers of the request that a question would be, without asking it."""
    from openai._models import FinalRequestOptions

    endpoint = Endpoint(Judge(address, "m", key))
    options = FinalRequestOptions(method="post", url="/chat/completions", headers=endpoint._headers())
    return dict(endpoint._client._build_headers(options))


@pytest.mark.parametrize("key", [None, "JUDGE_KEY"])
@pytest.mark.parametrize(
    "address", ["http://localhost:8000/v1", "https://api.openai.com.evil.org/v1", "https://notapi.openai.com/v1"]
)
def test_what_is_for_openai_goes_to_nobody_else(address: str, key: str | None):
    found = headers(address, key)
    assert "somebody-elses" not in str(found)
    assert found.get("authorization") == (f"Bearer {KEY}" if key else None)


@pytest.mark.parametrize("address", ["https://api.openai.com/v1", "https://eu.api.openai.com/v1"])
def test_what_is_for_openai_goes_there_with_a_key(address: str):
    found = headers(address, "JUDGE_KEY")
    assert found.keys() >= SENT
    assert found["authorization"] == f"Bearer {KEY}"
    assert not headers(address, None).keys() & SENT
