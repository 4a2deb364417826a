"""How long a sweep takes, by earlier jobs."""

import json
from pathlib import Path

import pytest

from crosstask.sweeps.job_folder import JobFolder, Status
from crosstask.sweeps.rates import rate


def test_the_rate_is_the_median_of_earlier_jobs_on_the_same_model(tmp_path: Path):
    assert rate(tmp_path, "tiny") is None
    ends = [
        ("tiny", 100.0, 1.0),
        ("tiny", 100.0, 3.0),
        ("tiny", 100.0, 20.0),
        ("large", 1.0, 500.0),
        ("tiny", 0.0, 9.0),
    ]
    for number, (model, amount, seconds) in enumerate(ends):
        job = JobFolder(tmp_path / "sweep" / str(number))
        job.path.mkdir(parents=True)
        job.end("a", Status.done, "", work=amount, model=model)
        path = job.path / "job.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "seconds": seconds}))
    assert rate(tmp_path, "tiny") == pytest.approx(0.03)
    for number, damage in enumerate(["", "{}", "[]"]):
        (tmp_path / "damaged" / str(number)).mkdir(parents=True)
        (tmp_path / "damaged" / str(number) / "job.json").write_text(damage)
    assert rate(tmp_path, "tiny") == pytest.approx(0.03)
