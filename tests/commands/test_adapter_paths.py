"""``adapter=`` with folders, ids and patterns: what it becomes, and what is refused."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from crosstask.commands.adapter_paths import with_adapter_paths
from crosstask.commands.override_values import members
from crosstask.errors import UserError


def paths(argument: str) -> list[str | None]:
    """The paths that Hydra reads in an argument."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    override = OverridesParser.create().parse_override(argument)
    assert override.key_or_group == "adapter.path"
    return members(override)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two adapters, a whole model, and what is none of these."""
    for name, file in (("imdb", "adapter_config.json"), ("it's, so=1", "adapter_config.json"), ("all", "config.json")):
        (tmp_path / "made" / name).mkdir(parents=True)
        (tmp_path / "made" / name / file).touch()
    (tmp_path / "made" / "logs").mkdir()
    (tmp_path / "made" / "README.md").touch()
    return tmp_path / "made"


def test_a_pattern_is_the_base_model_and_every_folder_that_holds_something(folder: Path):
    flag, argument = with_adapter_paths(["-m", f"adapter=glob({folder}/*)"])
    assert flag == "-m"
    assert paths(argument) == [None, *(str(folder / name) for name in ("all", "imdb", "it's, so=1"))]


def test_a_pattern_may_exclude(folder: Path):
    _, argument = with_adapter_paths(["--multirun", f"adapter=glob({folder}/*,exclude=*/it*)"])
    assert paths(argument) == [None, str(folder / "all"), str(folder / "imdb")]


def test_a_folder_with_the_name_of_a_variable_is_taken_as_it_stands(folder: Path):
    (folder / "${oc.env:HOME}").mkdir()
    (folder / "${oc.env:HOME}" / "config.json").touch()
    _, argument = with_adapter_paths(["-m", f"adapter=glob({folder}/*oc*)"])
    config = OmegaConf.create({"path": paths(argument)[1]})
    assert config.path == str(folder / "${oc.env:HOME}")


def test_folders_and_ids_are_paths(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)
    assert paths(with_adapter_paths(["adapter=imdb"])[0]) == ["imdb"]
    assert paths(with_adapter_paths(["adapter=imdb,owner/name"])[0]) == ["imdb", "owner/name"]


@pytest.mark.parametrize(
    "argument", ["adapter=trl_imdb", "adapter=none", "adapter=glob(*)", "adapter.path=a/b", "x=a/b"]
)
def test_names_of_files_stay(argument: str):
    assert with_adapter_paths([argument]) == [argument]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["adapter=glob({}/*)"], r"is several rows; -m makes them: python evaluate.py -m 'adapter=glob\("),
        (["-m", "adapter=glob({}/none*)"], r"matches no folder with an adapter or a model .*, of 0 that it matches"),
        (["-m", "adapter=glob({}/lo*)"], r"matches no folder with an adapter or a model .*, of 1 that it matches"),
        (["-m", "adapter=trl_imdb,{}/imdb"], r"has folders and names of files in conf/adapter"),
    ],
)
def test_what_is_no_sweep_over_folders_is_refused(folder: Path, arguments: list[str], message: str):
    with pytest.raises(UserError, match=message):
        with_adapter_paths([text.format(folder) for text in arguments])


def test_two_folders_of_one_name_are_refused(tmp_path: Path):
    for parent in ("one", "two"):
        (tmp_path / parent / "imdb").mkdir(parents=True)
        (tmp_path / parent / "imdb" / "adapter_config.json").touch()
    with pytest.raises(
        UserError, match=r"one/imdb and .*two/imdb would both be called imdb; files of conf/adapter can"
    ):
        with_adapter_paths(["-m", f"adapter=glob({tmp_path}/*/imdb)"])
