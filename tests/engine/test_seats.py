"""The seats of the provinces: every province has one, and a broken file is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.tidy.source import PROJECT

from tanhui.core.errors import LibraryBroken
from tanhui.engine.names import names
from tanhui.engine.seats import seats

LIBRARY = PROJECT / "library"


def test_every_province_has_a_seat() -> None:
    provinces = {code for code in names(LIBRARY, "regions") if code[2:] == "0000" and code[0] < "9"}
    assert provinces - {"100000"} <= {one.code for one in seats(LIBRARY)}
    assert len(seats(LIBRARY)) == 34


def test_a_library_without_seats_has_none(tmp_path: Path) -> None:
    assert seats(tmp_path) == ()


def test_a_seat_without_a_coordinate_is_told(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    text = 'source: x\ntag: seed\nseats:\n  "420000": {latitude: 30.6}\n'
    (tmp_path / "directory" / "seats.yaml").write_text(text)
    with pytest.raises(LibraryBroken) as refused:
        seats(tmp_path)
    assert "seats.yaml:4" in refused.value.en
