"""How an entry script ends."""

import sys

import pytest
import yaml

from crosstask.commands.entry import launch
from crosstask.config.job import TrainConfig


def test_a_file_of_conf_that_is_no_yaml_is_an_error_in_one_line(monkeypatch: pytest.MonkeyPatch):
    def main() -> None:
        yaml.safe_load("kind: [balanced\n")

    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    monkeypatch.setattr(sys, "argv", ["train.py", "dry_run=true"])
    with pytest.raises(SystemExit, match=r"^error: while parsing a flow sequence; .*line 1, column 7.*[^\n]*$"):
        launch(main, TrainConfig)
