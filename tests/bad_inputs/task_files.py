"""Files of ``conf/task``, in a copy of this repository: YAML, fields, templates, labels, patterns, roles."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind, typed

KIND = Kind("task files")
FIELDS = {
    "dataset": "{name: imdb}",
    "prompt": '"{{ text }}\\nSentiment:\\n"',
    "answer": '"{{ label }}"',
    "labels": '["0", "1"]',
    "metric": "accuracy",
}
OPEN = {"labels": None, "metric": "exact_match", "max_new_tokens": "3"}


def task(**fields: str | None) -> str:
    """A good task file with other fields; None leaves one out."""
    return "".join(f"{key}: {value}\n" for key, value in (FIELDS | fields).items() if value is not None)


def _setup(
    content: str | bytes | Callable[[Path], object], role: str, name: str, more: tuple[str, ...]
) -> Callable[[Workplace], Command]:
    """A copy of the repository with one more task, and a job that uses it."""

    def setup(work: Workplace) -> Command:
        root = work.checkout()
        path = root / "conf" / "task" / f"{name}.yaml"
        if callable(content):
            content(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        command = work.train(f"{role}={name}", *more)
        return Command(command.script, command.arguments, root)

    return setup


def bad(
    name: str,
    about: str,
    content: str | bytes | Callable[[Path], object],
    *words: WORD,
    role: str = "target",
    more: tuple[str, ...] = (),
) -> None:
    """A task file that must be refused where it is used."""
    KIND.add(name, about, _setup(content, role, "bad", more), Refused(("bad", *words)))


def good(
    name: str,
    about: str,
    content: str | bytes | Callable[[Path], object],
    *words: WORD,
    role: str = "target",
    more: tuple[str, ...] = (),
    **expected: Any,
) -> None:
    """A task file that must be taken."""
    KIND.add(name, about, _setup(content, role, "bad", more), Accepted(("done", *words), **expected))


# YAML.
bad("empty", "an empty file", "", ("mapping", "empty"))
bad("comments", "only comments", "# a task\n", ("mapping", "empty"))
bad("list", "a list", "- prompt\n", "mapping")
bad("scalar", "a single word", "imdb\n", "mapping")
bad("tab", "a tab as indentation", task(dataset="\n\tname: imdb"), "line 2")
bad("bracket", "a bracket that is not closed", task(labels='["0", "1"'), "line")
bad("quote", "a quote that is not closed", task(answer='"{{ label }}'), "line")
bad("unquoted-braces", "a template without quotes", task(answer="{{ label }}"), "line 3")
bad("field-twice", "a field that stands twice", task() + "metric: chrf\n", "metric", "twice")
bad("two-documents", "two documents in a file", task() + "---\n" + task(), ("document", "line"))
bad("python-object", "a tag that would run Python", task(ability="!!python/object/apply:os.getcwd []"), "python")
bad(
    "laughs",
    "a billion laughs",
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(9))
    + task(),
    "a",
)
bad("latin-1", "Latin-1", task(ability="caf\xe9").encode("latin-1"), ("UTF-8", "utf8", "utf-8", "decode"))
bad("nul", "a NUL byte", (task() + "ability: a\x00b\n").encode(), ("NUL", "character", "x00"))
bad("folder", "a folder named bad.yaml", lambda path: path.mkdir(), ("directory", "folder"))
bad("dangling", "a link to nothing", lambda path: path.symlink_to("nothing.yaml"), ("no such", "not there"))
good("bom", "a byte-order mark", b"\xef\xbb\xbf" + task().encode())
good("crlf", "line ends of Windows", task().replace("\n", "\r\n"))

# Fields.
bad("field-typo", "a misspelt field", task(prompt=None, promt='"{{ text }}"'), "promt", "prompt")
bad("field-escape", "a field with an escape sequence in its name", task() + '"\\e[2Jnote": 1\n', "\\x1b")
bad("field-number", "a field whose name is a number", task() + "5: 1\n", "5")
bad("no-prompt", "no prompt", task(prompt=None), "prompt")
bad("no-answer", "no answer", task(answer=None), "answer")
bad("no-dataset", "no data set", task(dataset=None), "dataset")
bad("no-name", "a data set without a name", task(dataset="{hub: a/b}"), "dataset.name")
bad("no-metric", "no metric", task(metric=None), "metric")
bad("two-mistakes", "two mistakes at once", task(metric="acuracy", answer='"{{ label"'), "acuracy", "answer")
bad("prompt-null", "a prompt that is null", task(prompt="null"), "prompt")
bad("prompt-number", "a prompt that is a number", task(prompt="5"), "prompt")
bad("prompt-empty", "an empty prompt", task(prompt='""'), "prompt")
bad("dataset-text", "a data set that is a text", task(dataset="imdb"), "dataset")
bad(
    "dataset-key",
    "a misspelt key of the data set",
    task(dataset="{name: imdb, test_spilt: dev}"),
    "test_spilt",
    "test_split",
)
bad(
    "dataset-above",
    "a data set outside data.root",
    task(dataset="{name: ../data/imdb}"),
    "dataset.name",
    "../data/imdb",
)
bad("dataset-absent", "a data set that data.root lacks", task(dataset="{name: films}"), "films")
bad("metric-typo", "a misspelt metric", task(metric="acuracy"), "metric", "acuracy", "accuracy")
bad("metric-escape", "a metric with an escape sequence", task(metric='"\\e[2Jaccuracy"'), "metric", "\\x1b")
bad("metric-list", "a list of metrics", task(metric="[accuracy, chrf]"), "metric")
bad("ability-list", "a list of abilities", task(ability="[nlu, qa]"), "ability")
bad("decide", "an unknown way to decide", task(decide="best"), "decide", "best", "raw")
bad(
    "incomplete-rows",
    "an unknown way with incomplete rows",
    task(incomplete_rows="keep"),
    "incomplete_rows",
    "keep",
    "drop",
)
bad("roles-typo", "a misspelt role", task(roles="[targt]"), ("targt", "target"))
bad("roles-none", "no role at all", task(roles="[]"), ("roles", "target"))
bad("roles-other", "a corpus that is only trained on, as target", task(roles="[source]"), "target")
bad("home-unknown", "a home that is no task", task(home="nope"), "home", "nope", role="source")
bad("extends-unknown", "extends a task that is not there", task(extends="nope"), "extends", "nope")
bad("extends-itself", "extends itself", task(extends="bad"), "extends")
bad("extends-chain", "extends a task that extends another", task(extends="multiarith"), "extends", "multiarith")
bad("extends-list", "extends two tasks", task(extends="[imdb, goat]"), "extends")
bad(
    "new-tokens",
    "no new tokens",
    task(**OPEN, extraction="{strict: '(.*)', lenient: '(.*)'}").replace("max_new_tokens: 3", "max_new_tokens: 0"),
    "max_new_tokens",
    "0",
)

# Labels.
bad("labels-yes-no", "labels yes and no without quotes", task(labels="[yes, no]"), "labels", "yes", "quotes")
bad("labels-010", "a label 010 without quotes", task(labels='[010, "1"]'), "labels", "010", "quotes")
bad("labels-null", "a label that is null", task(labels='[null, "1"]'), "labels", "null")
bad("labels-text", "labels in one text", task(labels='"0,1"'), "labels")
bad("labels-mapping", "labels as a mapping", task(labels='{"0": no, "1": yes}'), "labels")
bad("labels-twice", "a label that stands twice", task(labels='["0", "1", "0"]'), "labels", "0")
bad("labels-one", "one label", task(labels='["0"]'), "labels")
bad("labels-empty", "an empty label", task(labels='["", "1"]'), "labels")
bad(
    "labels-alike",
    "labels that only differ in how an accent is written",
    task(labels='["caf\\u00e9", "cafe\\u0301"]'),
    "label",
    "\\xe9",
    "\\u0301",
)
bad("labels-blank", "labels that differ by a blank", task(labels='["0", "0 "]'), "label", "'0 '")
bad("labels-prefix", "a label that begins with another", task(labels='["0", "0 or 1", "1"]'), "labels", "0 or 1")
bad("labels-open", "labels with a metric of open tasks", task(metric="chrf"), "metric", "labels")
bad("labels-closed", "no labels with a metric of closed tasks", task(labels=None), "labels", "accuracy")
good("labels-numbers", "labels that are numbers without quotes", task(labels="[0, 1]"))

# Templates.
bad("template-open", "a template that is not closed", task(prompt='"{{ text"'), "prompt")
bad("template-filter", "an unknown filter", task(prompt='"{{ text | shout }}"'), "prompt", "shout")
bad("template-function", "an unknown function", task(prompt='"{{ shout(text) }}"'), "prompt", "shout")
bad("template-column", "a column that the rows lack", task(prompt='"{{ sentence }}"'), "sentence", "text")
bad("template-private", "a look behind a text", task(prompt='"{{ text.__class__.__mro__ }}"'), "prompt", "__class__")
bad(
    "template-include",
    "a file in a template",
    task(prompt="\"{% include '/etc/passwd' %}{{ text }}\""),
    "prompt",
    "loader",
)
bad(
    "template-loop",
    "a loop without end",
    task(prompt='"{% for i in range(10**9) %}x{% endfor %}{{ text }}"'),
    "prompt",
    "range",
)
bad("template-large", "a text of a terabyte", task(prompt='"{{ text * 10**12 }}"'), "prompt")
bad("template-zero", "a division by zero", task(prompt='"{{ text }}{{ 1 / 0 }}"'), "prompt", "zero")
bad("template-type", "text plus number", task(prompt='"{{ text + label }}"'), "prompt", "imdb")
bad("template-list", "a whole row in a template", task(prompt='"{{ row }}"'), "prompt", "row")
good("answer-constant", "an answer that is the same for every row", task(answer='"0"'), ("one label", "have the label"))
good("literal-variable", "${store} in a prompt is this text", task(prompt='"{{ text }} ${store} ${oc.env:HOME}\\n"'))

# Patterns.
for name, about, pattern, word in (
    ("pattern-broken", "a pattern that is none", "(", ("missing", "unterminated")),
    ("pattern-two-groups", "a pattern with two groups", "(a)(b)", "group"),
):
    bad(name, about, task(**OPEN, extraction=f"{{strict: '{pattern}', lenient: '(.*)'}}"), "extraction.strict", word)
bad("pattern-none", "exact match without patterns", task(**OPEN), "extraction")
bad(
    "pattern-key",
    "a misspelt pattern",
    task(**OPEN, extraction="{strict: '(.*)', leniant: '(.*)'}"),
    "leniant",
    "lenient",
)
bad("pattern-closed", "patterns with labels", task(extraction="{strict: '(.*)', lenient: '(.*)'}"), "extraction")


# Code that is run.
CODE = {"labels": None, "metric": "pass_at_1"}
EXECUTION = "{entry_point: one, tests: 'assert one() == 1'}"
bad("code-no-tests", "code without a word on its tests", task(**CODE), "execution", "pass_at_1")
bad(
    "code-other-metric",
    "tests for a metric that runs nothing",
    task(**CODE, execution=EXECUTION).replace("pass_at_1", "chrf"),
    "execution",
    "chrf",
)
bad("code-typo", "a misspelt key of the tests", task(**CODE, execution="{entry: one, tests: one()}"), "entry_point")
bad("code-half", "tests without the function's name", task(**CODE, execution="{tests: one()}"), "execution.entry_point")
bad("code-null", "tests that are null", task(**CODE, execution="{entry_point: a, tests: null}"), "execution.tests")
bad(
    "code-template",
    "a template of tests that is not closed",
    task(**CODE, execution="{entry_point: one, tests: '{{ text'}"),
    "execution.tests",
    "line 1",
)
bad("code-labels", "code with labels", task(metric="pass_at_1", execution=EXECUTION), "labels")


def _without_bubblewrap(work: Workplace) -> Command:
    """A job that runs code, on a machine that has no bubblewrap."""
    setup = _setup(task(**CODE, execution=EXECUTION), "target", "bad", ())
    nothing = work.folder / "nothing"
    nothing.mkdir()
    return replace(setup(work), environment={"PATH": str(nothing)})


KIND.add(
    "code-no-sandbox",
    "code to be run on a machine without bubblewrap",
    _without_bubblewrap,
    Refused(("bad", "bubblewrap", "not installed", "apt-get install bubblewrap")),
)


# Elsewhere.
good("not-used", "a broken file that the command does not use", "[", more=("target=[imdb]",), without=("bad",))
KIND.add("base-yaml", "a task file named base.yaml", _setup(task(), "source", "base", ()), Refused(("base.yaml",)))
KIND.add(
    "prompt-typed",
    "a broken template on the command line",
    typed("train.py '++target.imdb.prompt=\"{{ text\"'"),
    Refused(("imdb", "prompt")),
)
KIND.add(
    "field-typed",
    "an unknown field on the command line",
    typed("train.py ++target.imdb.promt=a"),
    Refused(("imdb", "promt", "prompt")),
)
