"""Compile the English catalogue without gettext: `python -m tanhui.interfaces.public.catalogue`.

msgids are Chinese, so Chinese needs no catalogue. The compiled file is committed, because a fresh
machine has no gettext tools; a test compares it with the text it comes from.
"""

from __future__ import annotations

import ast
import struct
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "locale" / "en" / "LC_MESSAGES"
TEXT, COMPILED = FOLDER / "django.po", FOLDER / "django.mo"
MAGIC = 0x950412DE
HEADER_BYTES = 28


def read_messages(text: str) -> dict[str, str]:
    """msgid -> msgstr of a PO file (no contexts, no plurals); raises ValueError on a double.

    >>> read_messages('msgid "a"\\nmsgstr "b"\\n"c"\\n')
    {'a': 'bc'}
    """
    messages: dict[str, str] = {}
    parts: dict[str, str] = {}
    place = ""
    for line in [*text.splitlines(), 'msgid ""']:
        keyword, _, rest = line.partition(" ")
        if keyword == "msgid" and "msgstr" in parts:
            if parts["msgid"] in messages:
                raise ValueError(f"msgid {parts['msgid']!r} stands twice")
            messages[parts["msgid"]] = parts["msgstr"]
            parts = {}
        if keyword in {"msgid", "msgstr"}:
            place = keyword
            parts[place] = ast.literal_eval(rest)
        elif line.startswith('"'):
            parts[place] += ast.literal_eval(line)
    return messages


def compile_messages(messages: dict[str, str]) -> bytes:
    """The MO file of `messages`, sorted, without a hash table."""
    pairs = [(one.encode(), other.encode()) for one, other in sorted(messages.items()) if other]
    count = len(pairs)
    place = HEADER_BYTES + 16 * count
    tables: list[bytes] = []
    for side in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[side]), place))
            place += len(pair[side]) + 1
    head = struct.pack(
        "<7I", MAGIC, 0, count, HEADER_BYTES, HEADER_BYTES + 8 * count, 0, HEADER_BYTES
    )
    texts = [pair[side] + b"\0" for side in (0, 1) for pair in pairs]
    return b"".join([head, *tables, *texts])


def main() -> None:
    """Write the compiled file next to its text."""
    COMPILED.write_bytes(compile_messages(read_messages(TEXT.read_text("utf-8"))))


if __name__ == "__main__":
    main()
