"""The fare ladder is the printed one; the network is the shortest path of sound stretches."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tanhui.core.errors import InputRefused, LibraryBroken
from tanhui.core.period import day_number
from tanhui.interfaces.feeds.fares import Band, load_aliases, load_fares
from tanhui.interfaces.feeds.network import MetroNetwork, load_network, station_name

from .reading import PROJECT

DIRECTORY = PROJECT / "library" / "directory"
LADDER = DIRECTORY / "shenzhen-metro-fares.yaml"
DAY = day_number(date(2018, 9, 1))
FARES = load_fares(LADDER)


def fare_of(metres: int) -> int:
    """The published ladder, said independently: 4 km for CNY 2, then 4, 6 and 8 km per CNY."""
    fen, upto = 200, 4_000
    while upto < metres:
        fen += 100
        upto += 4_000 if upto < 12_000 else 6_000 if upto < 24_000 else 8_000
    return fen


def test_every_distance_lies_in_the_band_of_its_fare() -> None:
    for metres in range(1, 88_001, 7):
        band = FARES.band(fare_of(metres), day=DAY)
        assert band is not None
        assert band.above_m < metres <= band.upto_m


def test_bands_join_and_end_at_the_largest_fare() -> None:
    ladder = FARES.ladder(DAY)
    assert ladder is not None
    bands = list(ladder.bands.values())
    assert bands[0] == Band(200, 0, 4_000)
    assert bands[-1].fare_fen == 1_400
    assert all(one.upto_m == two.above_m for one, two in pairwise(bands))


@pytest.mark.parametrize(
    ("paid", "face", "problem"),
    [
        (380, 400, None), (0, 400, None), (200, 400, None), (435, 500, None),
        (400, 400, "fare.maybe_premium"), (0, 0, "fare.missing"), (0, -100, "fare.missing"),
        (500, 400, "fare.paid_above_face"), (240, 250, "fare.not_on_ladder"),
        (1425, 1500, "fare.above_ladder"), (1330, 1400, "fare.maybe_overtime"),
    ],
)  # fmt: skip
def test_a_fare_says_a_distance_or_why_not(paid: int, face: int, problem: str | None) -> None:
    assert FARES.problem(paid, face, day=DAY) == problem


def test_outside_its_days_a_ladder_says_nothing() -> None:
    assert FARES.problem(380, 400, day=DAY + 400) == "fare.no_ladder"
    assert FARES.band(400, day=DAY - 400) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("km_per_step: 6", "km_per_step: 0"), "positive"),
        (("km_per_step: 6", "km_per_stop: 6"), "km_per_stop"),
        (("from_km: 12", "from_km: 13"), "join"),
        (("fare_fen_max: 1400", "fare_fen_max: 14.5"), "positive"),
        (("2018-01-01", "2018-13-01"), "2018-13-01"),
        (("    source:", "    origin:"), "origin"),
    ],
)
def test_a_broken_ladder_is_refused_with_its_place(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "fares.yaml"
    path.write_text(LADDER.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(LibraryBroken, match=message) as told:
        load_fares(path)
    assert "fares.yaml:" in told.value.en


def test_a_missing_directory_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as told:
        load_fares(tmp_path / "none.yaml")
    assert "none.yaml" in told.value.en


def test_aliases_hold_from_their_day() -> None:
    path = DIRECTORY / "shenzhen-metro-stations.yaml"

    assert load_aliases(path, on=date(2018, 9, 1))["深圳大学"] == "深大"
    assert load_aliases(path, on=date(2017, 9, 1)) == {}


def a_network_file(**changes: Any) -> dict[str, Any]:
    line = {
        "(0,1)": {"lng": [114.0], "lat": [22.5], "dist": [0, 1_500.75]},
        "(1, 2)": {"lng": [], "lat": [], "dist": []},
        "id2name": [{"0": "罗湖站", "1": "国贸", "2": "老街"}],
        "name2id": [{"罗湖站": 0}],
        "center_gps": [{"0": [114.0, 22.5], "1": [114.01, 22.5], "2": [114.01, 22.51]}],
        "station_num": 3,
    }
    return {"Line1": line | changes, "Line_name": ["Line1"]}


def loaded(content: object, folder: Path) -> MetroNetwork:
    path = folder / "network.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return load_network(path)


def test_stretches_are_the_longer_of_track_and_straight_line(tmp_path: Path) -> None:
    network = loaded(a_network_file(), tmp_path)
    assert network.distance_m("罗湖", "国贸") == 1_500
    straight = network.distance_m("国贸", "老街")
    assert straight == 1_111  # a hundredth of a degree of latitude
    assert network.distance_m("老街", "罗湖") == 2_611
    short = {"(0,1)": {"lng": [], "lat": [], "dist": [0, 5.0]}}
    assert loaded(a_network_file(**short), tmp_path).distance_m("罗湖", "国贸") == 1_027


def test_lines_meet_at_stations_of_one_name(tmp_path: Path) -> None:
    content = a_network_file()
    second = a_network_file(id2name=[{"0": "老街", "1": "晒布", "2": "机场"}])["Line1"]
    network = loaded({**content, "Line3": second}, tmp_path)
    assert network.distance_m("罗湖", "晒布") == 4_112
    assert network.distance_m("罗湖", "罗湖") == 0


@pytest.mark.parametrize(
    "content",
    [
        [], {}, {"Line1": {}}, {"Line1": []}, a_network_file(id2name=[]),
        a_network_file(id2name=[{"0": "罗湖"}]), a_network_file(center_gps=[{"0": [1]}]),
        a_network_file(**{"(0,1)": {"dist": ["x"]}}), a_network_file(**{"(0,1)": {"dist": [1e12]}}),
        a_network_file(**{"(0)": {"dist": [1]}}),
    ],
)  # fmt: skip
def test_another_structure_is_refused(content: object, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as told:
        loaded(content, tmp_path)
    assert told.value.code == "network.malformed"


def test_a_missing_or_broken_network_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as told:
        load_network(tmp_path / "none.json")
    assert told.value.code == "network.missing"
    (tmp_path / "cut.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputRefused) as told:
        load_network(tmp_path / "cut.json")
    assert told.value.code == "network.malformed"


def test_names_are_compared_without_their_suffix() -> None:
    assert station_name("机场北站") == station_name("机场 北") == "机场北"
    assert station_name("站") == "站"
    assert station_name("") == ""
