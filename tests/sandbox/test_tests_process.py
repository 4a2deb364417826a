"""The verdict of the tests, whatever the process of the candidate writes; what that would write is given here."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from crosstask.sandbox.inside.channel import Channel
from crosstask.sandbox.inside.tests_process import _Candidate, _judged
from crosstask.sandbox.problem import Outcome

READY = {"ready": True}


@pytest.fixture
def channels() -> Iterator[tuple[Channel, Channel]]:
    """The two ends of the channel between the processes."""
    asking, answering = os.pipe(), os.pipe()
    yield Channel(answering[0], asking[1], 2**15), Channel(asking[0], answering[1], 2**15)
    for end in (*asking, answering[0]):
        os.close(end)


@pytest.fixture
def judge(channels: tuple[Channel, Channel]) -> Any:
    """What gives the outcome and its detail, from the tests and from all that the other process writes."""

    def outcome(tests: str, *messages: Any, given: str = "", begins: tuple[Any, ...] = (READY,)) -> Any:
        ours, theirs = channels
        numbered = [
            {"call": place, **message} if isinstance(message, dict) else message
            for place, message in enumerate(messages, 1)
        ]
        for message in (*begins, *numbered):
            if isinstance(message, bytes):
                os.write(theirs.writing, message)
            else:
                theirs.send(message)
        os.close(theirs.writing)
        candidate = _Candidate(ours)
        return candidate.fault or _judged({"given": given, "tests": tests, "entry_point": "f"}, candidate)

    return outcome


def value(of: Any) -> dict[str, Any]:
    return {"value": of}


def test_the_tests_decide(judge: Any, channels: tuple[Channel, Channel]):
    assert judge("assert f(1, by=(2.5,)) == {3}\nassert f([]) is None", value({3}), value(None)) == ("passed", "")
    assert [channels[1].receive() for _ in range(2)] == [[1, (1,), {"by": (2.5,)}], [2, ([],), {}]]


@pytest.mark.parametrize(
    ("tests", "messages", "expected"),
    [
        ("assert f() == 1", [value(2)], ("wrong", "AssertionError")),
        ("assert f() + 1 == 2", [value(None)], ("wrong", "TypeError")),
        ("f()", [{"raised": "ValueError", "outcome": "error"}], ("error", "ValueError")),
        ("f()", [{"raised": "MemoryError", "outcome": "memory"}], ("memory", "MemoryError")),
        ("f()", [{"raised": "PermissionError", "outcome": "forbidden"}], ("forbidden", "PermissionError")),
        ("f()", [{"raised": "AssertionError", "outcome": "error"}], ("error", "AssertionError")),
        ("f()", [{"raised": "Strange", "outcome": "error"}], ("error", "Strange")),
        ("f()", [{"raised": "SystemExit", "outcome": "error"}], ("error", "SystemExit")),
        ("f()", [{"raised": "UnicodeDecodeError", "outcome": "error"}], ("error", "UnicodeDecodeError")),
        ("f()", [{"failed": "not_literal", "detail": "generator"}], ("not_literal", "generator")),
        ("f()", [{"failed": "output", "detail": "d"}], ("output", "d")),
        ("f()", [], ("ended", "")),
        ("f()", [b"\xff\xff\xff\xff"], ("output", "a value that is too large")),
        ("f()", [b"\x00\x00\x00\x01?"], ("not_literal", "a text that stands for no value: JSONDecodeError")),
        ("f()", ["passed"], ("not_literal", "a message of no kind that there is")),
    ],
    ids=str,
)
def test_each_failure_has_its_name(tests: str, messages: list[Any], expected: tuple[str, str], judge: Any):
    assert judge(tests, *messages) == expected


@pytest.mark.parametrize(
    "message",
    [
        {"raised": "ValueError", "outcome": "passed"},
        {"raised": "ValueError", "outcome": ["passed"]},
        {"raised": "ValueError"},
        {"failed": "passed", "detail": ""},
        {"failed": "not_started"},
        {"failed": None, "value": 1},
        {"outcome": "passed"},
        {},
    ],
    ids=str,
)
def test_no_message_is_believed_that_the_tests_passed_or_never_began(message: dict[str, Any], judge: Any):
    outcome, _ = judge("assert f() == 1", message)
    assert outcome == "error"


@pytest.mark.parametrize(
    ("begins", "expected"),
    [
        ((), ("ended", "")),
        (({"failed": "syntax_error", "detail": "SyntaxError"},), ("syntax_error", "SyntaxError")),
        (({"failed": "passed", "detail": ""},), ("error", "")),
    ],
    ids=str,
)
def test_a_program_that_does_not_get_so_far_is_told_apart(begins: tuple[Any, ...], expected: Any, judge: Any):
    assert judge("pass", begins=begins) == expected


def test_tests_cannot_swallow_what_is_over(judge: Any):
    tests = "for _ in range(3):\n    try:\n        f()\n    except BaseException:\n        pass\n"
    assert judge(tests, {"failed": "not_literal", "detail": "x"}, value(1), value(1)) == ("not_literal", "x")


def test_tests_can_ask_for_an_exception(judge: Any):
    tests = "try:\n    f(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError\nassert f(1) == 1"
    raised = {"raised": "ValueError", "kinds": ["ValueError"], "held": (), "outcome": "error"}
    assert judge(tests, raised, value(1)) == ("passed", "")


@pytest.mark.parametrize(
    ("caught", "message"),
    [
        ("ValueError as e: assert str(e) == 'no'", {"raised": "Own", "kinds": ["ValueError"], "held": ("no",)}),
        ("KeyError as e: assert e.args == (1,)", {"raised": "KeyError", "kinds": ["KeyError"], "held": (1,)}),
        ("UnicodeError: pass", {"kinds": ["UnicodeDecodeError", "UnicodeError"], "held": ("x",)}),
        ("SystemExit: pass", {"kinds": ["SystemExit"], "held": (2,)}),
        ("LookupError: pass", {"kinds": ["exec", "__class__", "StopIteration", 7, "LookupError"], "held": ()}),
    ],
    ids=str,
)
def test_an_exception_is_caught_as_what_it_extends(caught: str, message: dict[str, Any], judge: Any):
    tests = f"try:\n    f()\nexcept {caught}\nelse:\n    raise AssertionError"
    assert judge(tests, {"outcome": "error", **message}) == ("passed", "")


@pytest.mark.parametrize("held", [None, 3, "ab", {"a": 1}, ("x",) * 9], ids=str)
@pytest.mark.parametrize("kinds", [None, "ValueError", ["KeyboardInterrupt", "GeneratorExit"], [["l"]], [10**5000]])
def test_what_is_claimed_of_an_exception_is_an_exception(kinds: Any, held: Any, judge: Any):
    message = {"raised": 10**5000, "kinds": kinds, "held": held, "outcome": "error"}
    assert judge("try:\n    f()\nexcept ValueError:\n    pass", message) == ("error", "")


@pytest.mark.parametrize("begins", [(), (READY,)])
def test_a_detail_that_is_no_text_is_none(begins: tuple[Any, ...], judge: Any):
    assert judge("f()", {"failed": "error", "detail": 10**5000}, begins=begins) == ("error", "")


def test_an_answer_to_a_call_that_was_broken_off_is_no_answer_to_the_next(judge: Any):
    late, right = {"call": 1, "value": "late"}, {"call": 2, "value": "right"}
    tests = (
        "import os\nread = os.read\ndef alarmed(*_):\n    os.read = read\n    raise TimeoutError\nos.read = alarmed\n"
    )
    tests += "try:\n    f(1)\nexcept TimeoutError:\n    pass\nassert f(2) == 'right'"
    assert judge(tests, late, right) == ("passed", "")


def test_the_end_of_a_loop_is_no_answer(judge: Any):
    tests = "assert list(map(f, [1, 2])) == []"
    assert judge(tests, {"raised": "StopIteration", "outcome": "error"}) == ("error", "StopIteration")


@pytest.mark.parametrize(
    ("tests", "given", "detail"),
    [
        ("assert True", "", ""),
        ("assert False", "", "AssertionError"),
        ("this is no Python", "", "SyntaxError"),
        ("f()", "nor this thing", "SyntaxError"),
        ("f()", "1 / 0", "ZeroDivisionError"),
        ("f(print)", "", "call the function with a builtin_function_or_method"),
        ("f('x' * 10 ** 5)", "", "call the function with a value that is too large"),
        ("f(); raise SystemExit(0)", "", "SystemExit"),
    ],
)
def test_tests_that_cannot_tell_are_named(tests: str, given: str, detail: str, judge: Any):
    assert judge(tests, value(1), given=given) == ("broken_tests", detail)


GIVEN = 'import math\n\ndef twice(x):\n    return 2 * x\n\ndef f(x):\n    """Root."""\n'


@pytest.mark.parametrize("given", [GIVEN, GIVEN.replace('    """Root."""\n', ""), GIVEN.rstrip() + "\n    \n"])
def test_what_is_given_helps_the_tests_and_is_not_the_function_itself(given: str, judge: Any):
    assert judge("assert twice(f(4)) == math.sqrt(16)", value(2), given=given) == ("passed", "")


def test_every_outcome_of_a_process_is_one_that_there_is():
    from crosstask.sandbox.inside.tests_process import CLAIMED

    assert set(CLAIMED) < set(Outcome) - {Outcome.passed}
