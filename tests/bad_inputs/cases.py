"""All cases, by kind."""

from tests.bad_inputs import (
    command_lines,
    data_set_rows,
    data_sets,
    evaluation_logs,
    external_rows,
    judges,
    model_folders,
    model_tokenizers,
    other_commands,
    score_table_values,
    score_tables,
    stored_adapters,
    stored_cells,
    stored_sweeps,
    task_files,
    wandb_contents,
    wandb_projects,
)

EVERY = (
    command_lines.KIND,
    judges.KIND,
    other_commands.KIND,
    task_files.KIND,
    data_sets.KIND,
    data_set_rows.KIND,
    score_tables.KIND,
    score_table_values.KIND,
    evaluation_logs.KIND,
    external_rows.KIND,
    model_folders.KIND,
    model_tokenizers.KIND,
    stored_cells.KIND,
    stored_adapters.KIND,
    stored_sweeps.KIND,
    wandb_contents.KIND,
    wandb_projects.KIND,
)
"""A kind whose cases stand in several files may be there several times."""
KINDS = list(dict.fromkeys(kind.name for kind in EVERY))
CASES = [case for kind in dict.fromkeys(EVERY) for case in kind.cases]
