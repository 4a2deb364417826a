"""What templates make of the values of a row: text of what is text, and of nothing else."""

from typing import Any

import pytest

from crosstask.data.row_templates import RowEnvironment, RowTemplate
from crosstask.data.row_values import IncompleteRow, NoText

ROW: dict[str, Any] = {
    "text": "abc",
    "label": -1,
    "gone": None,
    "nan": float("nan"),
    "options": ["x", "y"],
    "none_of": ["x", None],
    "empty": [],
    "price": 1.5,
    "flag": True,
    "author": {"name": "Ada", "items": 3, "died": None},
    "Review Text": "fine",
}


def rendered(source: str, row: dict[str, Any] = ROW) -> str:
    return RowTemplate(source, RowEnvironment()).render(row)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ text }}{{ price }}{{ flag }}{{ label }}", "abc1.5True-1"),
        ("{{ options | join('/') }}", "x/y"),
        ("{% for o in options %}{{ loop.index }}{{ o }}{% endfor %}", "1x2y"),
        ("{{ options[0] }}{{ options[-1] }}{{ options[-2] }}{{ text[-1] }}", "xyxc"),
        ("{{ text.split('b')[-1] }}", "c"),
        ("{{ {-1: 'unknown', 0: 'no'}[label] }}", "unknown"),
        ("{{ 'none' if gone is none else gone }}", "none"),
        ("{{ 'some' if text is not none else 'none' }}", "some"),
        ("{{ gone == none }}{{ gone | default('-', true) }}", "True-"),
        ("{{ gone is defined }}{{ nothing is defined }}{{ nothing | default('-') }}", "TrueFalse-"),
        ("{{ author.name }}{{ author['name'] }}{{ author | length }}", "AdaAda3"),
        ("{{ author | tojson }}{{ options | tojson }}", '{"died": null, "items": 3, "name": "Ada"}["x", "y"]'),
        ("{{ row['Review Text'] }}{{ row.text }}", "fineabc"),
    ],
)
def test_what_is_text_is_printed(source: str, text: str):
    assert rendered(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ gone }}",
        "{{ gone | trim }}",
        "{{ gone | lower }}",
        "{{ gone ~ '' }}",
        "{{ '%s' % gone }}",
        "{{ '{}'.format(gone) }}",
        "{{ gone | int }}",
        "{{ 'yes' if gone else 'no' }}",
        "{{ 'yes' if gone == 1 else 'no' }}",
        "{{ gone in ['a'] }}",
        "{{ gone.name }}",
        "{{ gone | length }}",
        "{{ nan }}",
        "{{ '1' if nan > 0.5 else '0' }}",
        "{{ nan * 2 }}",
        "{{ none_of | join(' ') }}",
        "{{ author.died }}",
        "{{ row['gone'] }}",
        "{{ none }}",
        "{{ nothing }}",
        "{{ empty[0] }}",
        "{{ ['no', 'yes'][label] }}",
        "{{ options[label - 1] }}",
        "{{ (options | list)[label] }}",
        "{{ text[label] }}",
        "{{ ['no', 'yes'][7] }}",
    ],
)
def test_a_row_without_what_is_printed_is_incomplete(source: str):
    with pytest.raises(IncompleteRow):
        rendered(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ options }}", "options is a list, which is no text; join it, loop over it or take an element"),
        ("{{ options ~ '' }}", "options is a list"),
        ("{{ options | string }}", "options is a list"),
        ("{{ options | trim }}", "options is a list"),
        ("{{ '%s' % options }}", "options is a list"),
        ("{{ options | int }}", "options is a list"),
        ("{{ options[:1] }}", "prints a list, which is no text"),
        ("{{ options | map('upper') }}", "prints a generator, which is no text"),
        ("{{ author }}", "author is a dictionary, which is no text; take one of its fields"),
        ("{{ author.items }}", "prints a builtin_function_or_method, which is no text"),
    ],
)
def test_a_list_or_a_dictionary_is_no_text(source: str, message: str):
    with pytest.raises(NoText) as caught:
        rendered(source)
    assert str(caught.value).startswith(message)


def test_a_column_that_the_template_does_not_use_may_hold_anything():
    assert rendered("{{ text }}", {**ROW, "image": object()}) == "abc"


def test_a_column_named_row_is_a_column():
    assert rendered("{{ row }}", {"row": "first"}) == "first"
