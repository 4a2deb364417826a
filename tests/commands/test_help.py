"""``--help``: one screen, or one group."""

import ast
import subprocess
import sys

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from crosstask.commands.default_values import default_value, written
from crosstask.commands.help import about, overview
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.groups import group_options
from crosstask.config.job import TrainConfig
from crosstask.config.meanings import keys
from crosstask.config.task import Role
from crosstask.errors import BROKEN_PIPE, UserError

ROOT = task_files.CONF.parent
SCRIPTS = {**SCHEMAS, "evaluate": TrainConfig}


@pytest.fixture(autouse=True)
def _registered() -> None:
    task_files.register(SCHEMAS)


SHOWN_TASKS, SHOWN_MODELS, SHOWN_VARIANTS = 9, 5, 4


def screen(script: str) -> list[str]:
    text = (ROOT / f"{script}.py").read_text()
    return overview(script, SCRIPTS[script], ast.get_docstring(ast.parse(text)) or "").splitlines()


@pytest.mark.parametrize("script", SCRIPTS)
def test_all_groups_with_their_options_and_all_top_level_keys_are_on_one_screen(script: str):
    lines = screen(script)
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    words = {word.strip(",()") for line in lines for word in line.split()}
    schema = SCRIPTS[script]
    for group, options in group_options(schema).items():
        assert {group, *(f"{group}={option}" for option in options)} & words, group
        chosen = {option for option in options if f"{group}={option}" in words}
        if group in (*Role, "model", "variant"):  # of many the first, and all on a screen of their own
            own_screen = about(script, schema, group)
            assert all(option in own_screen for option in options)
            options = options[: {"model": SHOWN_MODELS, "variant": SHOWN_VARIANTS}.get(group, SHOWN_TASKS)]
        assert set(options) - chosen <= words, group
    own = [key for key in keys(schema) if "." not in key.name]
    assert own
    for key in own:
        (line,) = (line for line in lines if line.startswith(f"  {key.name}="))
        assert key.meaning.replace("``", "")[:20] in line, "and its meaning beside it"


@pytest.mark.parametrize("script", SCRIPTS)
def test_defaults_are_what_hydra_composes(script: str):
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        whole = compose(script)
    schema = SCRIPTS[script]
    seen = 0
    for key in keys(schema):
        if key.name.partition(".")[0] in tuple(Role):
            continue
        value = OmegaConf.select(whole, key.name)
        plain = OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
        shown = [str(part) for part in plain] if isinstance(plain, list) else plain
        assert default_value(script, schema, key) == written(shown), key.name
        seen += 1
    assert seen >= 2


def test_a_group_is_explained_with_its_options_and_its_keys():
    lines = about("train", TrainConfig, "lora").splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("lora: The adapter: low-rank updates")
    place = lines.index("lora=rslora")
    assert lines[place + 1].startswith("    Rank-stabilized LoRA, arXiv 2312.03732")
    place = lines.index("lora.rank=8")
    assert lines[place + 1] == "    integer or null, at least 1. method=lora: rank of the update."
    place = lines.index("lora.init=default")
    assert lines[place + 1].startswith("    default or pissa. ")
    assert lines[place + 3].startswith("      pissa: ")
    assert "lora=default (default)" in lines
    text = "\n".join(lines)
    assert "optimizer" not in text
    assert "``" not in text
    assert {key.name for key in keys(TrainConfig) if key.name.startswith("lora.")} <= set(
        text.replace("=", " ").split()
    )


def test_tasks_are_listed_with_what_they_are_and_their_fields_on_request():
    sources = about("train", TrainConfig, "source")
    assert "source=base (default)\n    No fine-tuning" in sources
    assert "source=metamath\n    Augmented word problems" in sources
    assert "--help source.NAME" in sources
    fields = about("train", TrainConfig, "source.NAME")
    assert "source.NAME.dataset.train_split=train\n    text. Split on the Hub" in fields
    assert "source.NAME.prompt\n    text. Jinja template" in fields, "which has to be given"


def test_one_key_and_a_whole_override_are_understood():
    assert about("train", TrainConfig, "seed").startswith("seed=0\n    integer. Initial adapter weights")
    assert about("train", TrainConfig, "lora=dora") == about("train", TrainConfig, "lora")
    assert about("train", TrainConfig, "lora.rank=4").startswith("lora.rank=8\n")


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("lroa", r"--help lroa: no such group or key \(did you mean 'lora'\?\); the groups are source, target, model"),
        ("lora.rnak", r"--help lora\.rnak: no such group or key \(did you mean 'lora\.rank'\?\)"),
        ("hydra", r"--help hydra: no such group or key; the groups are"),
    ],
)
def test_what_does_not_exist_is_an_error_that_says_what_does(topic: str, message: str):
    with pytest.raises(UserError, match=message):
        about("train", TrainConfig, topic)


@pytest.mark.parametrize(
    ("arguments", "status", "start"),
    [
        (["train.py", "--help"], 0, "Fine-tune one adapter"),
        (["analyze.py", "--help", "runs"], 0, "runs: "),
        (["status.py", "--help", "sweep", "store"], 0, "sweep=null\n"),
        (["train.py", "--help", "lroa"], 1, "error: --help lroa: no such group or key (did you mean 'lora'?)"),
    ],
)
def test_the_scripts_answer_without_importing_anything_heavy(arguments: list[str], status: int, start: str):
    code = (
        "import atexit, runpy, sys; sys.argv = sys.argv[1:];"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == status, ended.stderr
    assert (ended.stdout or ended.stderr).startswith(start)
    loaded = set(ended.stderr.splitlines()[-1].split())
    assert "crosstask.config" in loaded
    assert not loaded & {"torch", "pandas", "numpy", "matplotlib", "transformers", "wandb", "datasets", "rich", "tqdm"}


def test_a_reader_that_closes_early_ends_the_script_without_a_word():
    command = [sys.executable, "train.py", "--help"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as script:
        script.stdout.close()  # long before Python has started, as `head -0` does
        assert script.stderr.read() == ""
    assert script.returncode == BROKEN_PIPE
