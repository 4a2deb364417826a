"""The manual is what the schemas and ``conf/`` say."""

from crosstask.commands.configuration import PATH, manual
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.meanings import keys


def test_the_manual_is_up_to_date():
    task_files.register(SCHEMAS)
    assert PATH.read_text(encoding="utf-8") == manual(), "make docs writes it"


def test_every_key_and_every_option_stands_in_a_table():
    cells = {cell.strip() for line in PATH.read_text(encoding="utf-8").splitlines() for cell in line.split("|")}
    for schema in SCHEMAS.values():
        names = [key.name for key in keys(schema)]
        assert {f"`{name}`" for name in names if ".NAME." not in name} <= cells
        assert {f"`{name.partition('.NAME.')[2]}`" for name in names if ".NAME." in name} <= cells
    for folder in ("lora", "launcher", "model", "data", "runs"):
        assert {f"`{folder}={path.stem}`" for path in (task_files.CONF / folder).iterdir()} <= cells
