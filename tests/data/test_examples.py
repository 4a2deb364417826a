"""Examples are identified by their text and order."""

from crosstask.data.examples import Example, content_hash


def test_the_hash_is_of_text_and_order():
    a, b = Example("test-0", "p", "1"), Example("test-1", "q", "0")
    assert content_hash([a, b]) == content_hash([a, b]) != content_hash([b, a])
    assert content_hash([a]) != content_hash([Example("test-0", "p", "0")])
