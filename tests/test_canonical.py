"""Canonical JSON: key order by UTF-16 units as RFC 8785 asks, and everything a reader refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.core.canonical import canonical_json, read_json
from tanhui.core.errors import InputRefused

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_reading_what_was_written_gives_the_value_again(value: object) -> None:
    try:
        text = canonical_json(value)
    except UnicodeEncodeError:
        return  # half of a surrogate pair is no text
    assert read_json(text) == value
    assert canonical_json(read_json(text)) == text


def test_keys_are_ordered_by_utf16_units() -> None:
    """The example of RFC 8785, section 3.2.3."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    written = read_json(canonical_json(dict.fromkeys(keys, 0)))
    assert list(written) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":1}', "1.5", "1e3", "NaN", "-Infinity", "9007199254740993", "{", "[" * 100_000],
)
def test_what_has_no_one_meaning_is_refused(text: str) -> None:
    with pytest.raises(InputRefused, match="no JSON that can be signed"):
        read_json(text)
