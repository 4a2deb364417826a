"""``make`` without a target says which targets there are."""

import os
import re
import subprocess

from crosstask.config.task_files import CONF

ROOT = CONF.parent


def test_every_target_is_listed_with_its_meaning():
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # tests run under make
    made = subprocess.run(["make"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    printed = made.stdout.splitlines()
    listed = [match.group(1) for line in printed if (match := re.fullmatch(r"make ([\w-]+) +\S.{10,}", line))]
    (declared,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(set(declared.split()) - {"help"})
    assert len(printed) == len(listed)
