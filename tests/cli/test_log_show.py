"""What `tanhui log show` prints of an entry: whole values or an ellipsis, no part of a number."""

from __future__ import annotations

from tanhui.interfaces.cli.log import _brief


def test_a_long_entry_loses_whole_values_only() -> None:
    entry = {"act": "4", "digest": "d" * 64, "name": "n" * 50, "mg_credited": "10771287400" * 3}
    said = _brief(dict(entry))
    assert said.endswith(" …")
    for part in said.removesuffix(" …").split():
        name, _, value = part.partition("=")
        assert value == entry[name]
