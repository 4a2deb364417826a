"""The settings of a judge: what is refused, and that nothing secret is shown."""

import pytest

from crosstask.commands.overrides import check_overrides
from crosstask.commands.schemas import SCHEMAS
from crosstask.config.flat import columns
from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.jobs.checked import checked_job
from crosstask.sweeps.planning import planned_jobs
from tests.config.test_config import composed, parsed

ADDRESS = "http://localhost:8000/v1"
JUDGED = ("target=[magicoder_judged,svamp]", "++target.svamp.metric=judge")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("judge.base_url=localhost:8000", "judge.base_url='localhost:8000': no address; one is such as http://"),
        ("judge.base_url=ftp://host/v1", "judge.base_url='ftp://host/v1': no address"),
        ("judge.base_url=http://host:99999/v1", "judge.base_url='http://host:99999/v1': no address"),
        ("'judge.base_url=http://:8000'", "judge.base_url='http://:8000': no address"),
        ("judge.model=''", "judge.model='': must have 1 to 256 characters, not 0"),
        ("judge.temperature=-0.5", "judge.temperature=-0.5: must be at least 0.0"),
        ("judge.timeout=0", "judge.timeout=0.0: must be at least 0.1"),
        ("judge.parameters={max_tokens: 5}", "judge.parameters: max_tokens has a key of its own; write judge.max_tok"),
        ("judge.parameters={n: 5}", "judge.parameters: n is always the same; a question is one message"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_on_the_command_line_and_in_a_job(override: str, message: str):
    override = override.strip("'")
    with pytest.raises(UserError) as raised:
        check_overrides([override], SCHEMAS["train"])
    assert message in str(raised.value)
    with pytest.raises(UserError) as raised:
        parsed(override)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    "override",
    [
        "judge.base_url='http://user:s3cret@host/v1'",
        "judge.base_url='https://s3cret@host/v1'",
        "judge.base_url='https://host/v1?key=s3cret'",
        "judge.base_url='https://host/v1#s3cret'",
        "judge.api_key_env=sk-s3cret",
        "judge.api_key_env=s3cret",
        "judge.api_key_env=''",
    ],
)
def test_what_may_be_secret_is_refused_before_anything_is_written_and_not_shown(override: str):
    with pytest.raises(UserError) as raised:
        check_overrides([override], SCHEMAS["train"])
    assert str(raised.value).startswith(override.partition("=")[0] + ": ")
    assert "s3cret" not in str(raised.value)


def test_a_target_that_needs_a_judge_needs_its_address_its_model_and_its_key(monkeypatch: pytest.MonkeyPatch):
    given: list[str] = []
    for missing, then in (("base_url", f"judge.base_url={ADDRESS}"), ("model", "judge.model=m")):
        message = rf"^judge.{missing} has no value; target magicoder_judged, svamp is scored by a judge, which judge.ba"
        with pytest.raises(UserError, match=message):
            checked_job(composed(*JUDGED, *given), trains=True)
        given.append(then)
    assert checked_job(composed(*JUDGED, *given), trains=True).judge.base_url == ADDRESS
    given.append("judge.api_key_env=MY_KEY")
    monkeypatch.setenv("MY_KEY", " ")
    with pytest.raises(UserError, match="^judge.api_key_env=MY_KEY: the environment has no such variable"):
        checked_job(composed(*JUDGED, *given), trains=True)
    monkeypatch.setenv("MY_KEY", "k")
    checked_job(composed(*JUDGED, *given), trains=True)


def test_stored_outputs_are_scored_again_without_an_address_or_a_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    again = [*JUDGED, "rescore=true", "source=base", "judge.api_key_env=MY_KEY"]
    assert checked_job(composed(*again, "judge.model=m"), trains=False).judge.base_url is None
    with pytest.raises(UserError, match="^judge.model has no value"):
        checked_job(composed(*again), trains=False)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], "judge.base_url has no value; target magicoder_judged, svamp"),
        ([f"judge.base_url={ADDRESS}"], "judge.model has no value; target magicoder_judged, svamp"),
        ([f"judge.base_url={ADDRESS}", "judge.model=m", "judge.api_key_env=MY_KEY"], "judge.api_key_env=MY_KEY: the"),
    ],
)
def test_a_sweep_is_not_planned_where_its_judge_is_not_known(
    settings: list[str], message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(UserError, match=f"^{message}"):
        planned_jobs(lambda overrides: composed(*JUDGED, *settings, *overrides), [["seed=0"], ["seed=1"]], trains=True)


def test_a_sweep_whose_jobs_have_another_environment_is_planned_without_the_key(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    settings = [*JUDGED, f"judge.base_url={ADDRESS}", "judge.model=m", "judge.api_key_env=MY_KEY"]
    assert len(planned_jobs(lambda _: composed(*settings), [["seed=0"]], trains=True, here=False)) == 1


def test_a_job_without_such_a_target_needs_none_and_a_preview_asks_nobody():
    checked_job(composed("target=svamp", "judge=openai"), trains=True)
    checked_job(composed(*JUDGED, "preview=true"), trains=True)


def test_openai_has_its_own_address_and_key():
    judge = parsed("judge=openai", "judge.model=m", "judge.max_tokens=null").judge
    assert (judge.base_url, judge.api_key_env) == ("https://api.openai.com/v1", "OPENAI_API_KEY")
    assert judge.identity() == {"model": "m", "temperature": 0.0, "max_tokens": None, "parameters": {}}


def test_rows_have_no_columns_of_the_judge():
    assert not [name for name in columns(parsed("judge.model=m")) if name.startswith("judge")]


def test_a_price_is_of_a_million_tokens():
    assert Judge(input_price=2.0, output_price=8.0).cost(1_000_000, 500_000) == 6.0
    assert Judge(input_price=2.0).cost(1, 1) is None
