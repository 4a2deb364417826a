"""The manual of the files of an analysis is what their columns say."""

from crosstask.commands.analyze import made_sections
from crosstask.commands.outputs import PATH, manual
from crosstask.commands.sections import Analysis


def test_the_manual_is_up_to_date():
    assert PATH.read_text(encoding="utf-8") == manual(), "make docs writes it"


def test_every_table_and_column_stands_in_it():
    text = PATH.read_text(encoding="utf-8")
    for section in made_sections(Analysis()).values():
        for schema in section.tables:
            assert f"### {schema.file}" in text
            assert all(f"| `{column.name}` | " in text for column in schema.columns)
