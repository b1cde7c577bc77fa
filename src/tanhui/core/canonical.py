"""One text for one value (RFC 8785, JSON canonicalization), and a strict reader of JSON.

What is hashed or signed is written here and nowhere else. Numbers are whole and at most 2**53 in
size, because a reader in another language may hold no more: amounts are text. A fraction has no
canonical form here at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import InputRefused

WHOLE_MAX = 2**53


def canonical_json(value: Any) -> bytes:
    """The bytes that are hashed: keys sorted by UTF-16 units, no spaces, UTF-8.

    >>> canonical_json({"b": 1, "a": "碳"}).decode()
    '{"a":"碳","b":1}'
    """
    return json.dumps(_plain(value), separators=(",", ":"), ensure_ascii=False).encode()


def read_json(data: bytes | str) -> Any:
    """A value from JSON; raises InputRefused for a doubled key, a fraction or a number too large.

    >>> read_json('{"mg": "12", "n": 3}')
    {'mg': '12', 'n': 3}
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        return json.loads(
            text,
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise _refused(str(error)) from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int) and abs(value) <= WHOLE_MAX:
        return int(value)
    raise ValueError(f"{value!r} has no canonical form: write it as text")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > WHOLE_MAX:
        raise ValueError(f"{text[:20]} is above 2**53: write it as text")
    return int(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no whole number: write it as text")


def _refused(what: str) -> InputRefused:
    return InputRefused(
        "json.not_canonical",
        zh=f"不是可以签名的 JSON：{what}。键不得重复，数字须为整数且不超过 2 的 53 次方。",
        en=f"This is no JSON that can be signed: {what}. Keys stand once; numbers are whole and "
        "at most 2**53.",
    )
