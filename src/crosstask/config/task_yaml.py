"""One task file: the mapping in it, and what YAML makes of it that its author cannot have meant."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C, where PyYAML was built with it: ten times as fast
LARGEST = 10_000
"""Most values in a task file."""
KEYS = "a task file is a mapping with the keys prompt, answer, dataset, ..."


def read_task_yaml(path: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """Return a task file's mapping, None if it has none, and what is wrong with it."""
    try:
        loader = _LOADER(path.read_bytes())
        node = loader.get_single_node()
        if node is not None and _size(node, {}) > LARGEST:
            return None, [f"more than {LARGEST} values, repeated by anchors (&) and aliases (*)"]
        content = None if node is None else loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        return None, [f"{line}not YAML: {getattr(error, 'problem', None) or error}"]
    except (OSError, UnicodeDecodeError, ValueError) as error:
        return None, [f"cannot be read: {getattr(error, 'strerror', None) or error}"]
    if not isinstance(content, dict):
        return None, [KEYS]
    return content, [*_repeated_keys(node), *_unquoted_labels(node)]


def _size(node: yaml.Node, known: dict[int, float]) -> float:
    """Return how many values a node holds when each alias is written out; infinite if it is part of itself."""
    if id(node) not in known:
        known[id(node)] = math.inf
        parts = node.value if isinstance(node, yaml.CollectionNode) else []
        inner = [part for entry in parts for part in (entry if isinstance(entry, tuple) else (entry,))]
        known[id(node)] = 1 + sum(_size(part, known) for part in inner)
    return known[id(node)]


def _repeated_keys(node: yaml.Node) -> Iterator[str]:
    """Yield the keys that a mapping, however deep, has twice: YAML would keep the last."""
    if isinstance(node, yaml.MappingNode):
        for key, count in Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)).items():
            if count > 1:
                line = [found for found, _ in node.value if found.value == key][1].start_mark.line + 1
                yield f"line {line}: the key {key!r} comes twice"
        for _, part in node.value:
            yield from _repeated_keys(part)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _repeated_keys(part)


def _unquoted_labels(node: yaml.MappingNode) -> Iterator[str]:
    """Yield labels that YAML does not read as they are written, such as ``yes``, which is a truth value."""
    for key, labels in node.value:
        if key.value != "labels" or not isinstance(labels, yaml.SequenceNode):
            continue
        for label in labels.value:
            if isinstance(label, yaml.ScalarNode) and not _is_as_written(label):
                line = label.start_mark.line + 1
                yield f"line {line}: labels: YAML reads {label.value!r} as another value; in quotes it is a label"


def _is_as_written(label: yaml.ScalarNode) -> bool:
    """Tell whether a label is the text that stands in the file."""
    kind = label.tag.rpartition(":")[2]
    if kind == "int":
        return label.value.isdecimal() and str(int(label.value)) == label.value
    return kind in ("str", "float")
