"""All cases, by kind."""

from tests.bad_inputs import (
    command_lines,
    data_sets,
    model_folders,
    other_commands,
    score_tables,
    stored_adapters,
    stored_cells,
    stored_sweeps,
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
    stored_cells.STORES,
    stored_adapters.STORES,
    stored_sweeps.STORES,
    wandb_contents.KIND,
)
KINDS = list(dict.fromkeys(kind.name for kind in EVERY))
CASES = [case for kind in EVERY for case in kind.cases]
