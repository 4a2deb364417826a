"""A store with damaged logs of sweeps."""

from tests.bad_inputs.case import Accepted
from tests.bad_inputs.damaged_stores import Stores, content, cut, fields, removed

KIND = Stores()
# Logs of sweeps.
L = "logs/*/"
for name, about, pattern, damage in (
    ("sweep-cut", "sweep.json that is cut", "sweep.json", cut),
    ("sweep-list", "sweep.json that is a list", "sweep.json", content("[]")),
    ("sweep-missing", "sweep.json that is missing", "sweep.json", removed),
):
    KIND.bad(name, about, L + pattern, damage, "status.py", ("sweep.json", "no sweep"))
KIND.bad(
    "sweep-newer",
    "sweep.json of a newer version",
    L + "sweep.json",
    fields(schema=99),
    "status.py",
    "sweep.json",
    "99",
    "newer",
)
for name, about, damage in (
    ("job-cut", "job.json that is cut", cut),
    ("job-list", "job.json that is a list", content("[]")),
    ("job-missing", "job.json that is missing", removed),
):
    KIND.damaged(
        name,
        about,
        L + "0/job.json",
        damage,
        "status.py",
        Accepted(("3 jobs",) if name == "job-missing" else ("3 jobs", "job.json")),
    )
KIND.damaged(
    "job-escape",
    "an escape sequence in job.json",
    L + "0/job.json",
    fields(note="\x1b[2Jdone", name="\x1b[2J"),
    "status.py",
    Accepted(("3 jobs",)),
)
KIND.damaged(
    "logs-foreign",
    "a foreign folder in logs/",
    "logs",
    lambda path: (path / "zzz").mkdir(),
    "status.py",
    Accepted(("3 jobs",)),
)
