"""All cases, by kind."""

from tests.bad_inputs import (
    command_lines,
    data_sets,
    model_folders,
    other_commands,
    score_tables,
    stores,
    task_files,
    wandb_contents,
)

EVERY = (
    command_lines.KIND,
    other_commands.KIND,
    task_files.KIND,
    data_sets.KIND,
    score_tables.KIND,
    model_folders.KIND,
    stores.KIND,
    wandb_contents.KIND,
)
KINDS = [kind.name for kind in EVERY]
CASES = [case for kind in EVERY for case in kind.cases]
