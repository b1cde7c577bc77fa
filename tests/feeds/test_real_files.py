"""The open data files themselves, when they lie beside the project: every row has its answer."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest

from tanhui.engine.batch.landing_file import SourceFile
from tanhui.interfaces.feeds.fares import load_fares
from tanhui.interfaces.feeds.network import load_network, station_name

from .reading import PROJECT, SHARED, Answers, a_feed, read_answers

TAPS = SHARED / "data" / "shenzhen-transit" / "taps-2018-09-01.csv"
NETWORK = SHARED / "data" / "shenzhen-transit" / "metro-network.json"
SESSIONS = SHARED / "data" / "ev-workplace" / "sessions.csv"


@pytest.mark.skipif(not TAPS.is_file(), reason="the open data set is not here")
def test_every_tap_of_the_open_data_is_accounted_for() -> None:
    feed = a_feed("shenzhen-transit", network=str(NETWORK))
    answers = read_answers(feed, SourceFile(TAPS, TAPS.name))
    assert answers.rows == 37_000
    scenes = Counter(answers.landed["scene"])
    assert scenes == {"bus": 18_119, "metro": 9_225}
    assert Counter(each[:2] for each in answers.outcomes.values()) == {
        ("waiting", "tap.waiting_for_exit"): 9_134,
        ("paired", "tap.paired"): 486,
        ("rejected", "fare.maybe_premium"): 34,
        ("rejected", "fare.maybe_overtime"): 2,
    }
    assert answers.state is not None
    assert answers.state.notes == {
        "exits_by_fare": 8_739,
        "rides_by_fare": 77,
        "rides_by_network": 407,
        "rides_by_network_limited_by_fare": 2,
    }
    doubled = [each for each, n in Counter(answers.landed["external_id"]).items() if n > 1]
    assert len(doubled) == 1, "the duplicate row has the id of the first"


@pytest.mark.skipif(not NETWORK.is_file(), reason="the open data set is not here")
def test_the_network_agrees_with_the_fares_people_paid() -> None:
    """An independent witness: the fare of a ride follows from the operator's own distance."""
    fares = load_fares(PROJECT / "library" / "directory" / "shenzhen-metro-fares.yaml")
    network = load_network(NETWORK)
    agree = total = 0
    for start, end, face in _paired_rides():
        metres = network.distance_m(start, end)
        band = fares.band(face, day=17_775)
        if metres is not None and band is not None:
            total += 1
            agree += band.above_m < max(metres, 1) <= band.upto_m
    assert total > 380
    assert agree * 100 >= total * 97


def _paired_rides() -> list[tuple[str, str, int]]:
    """Entry directly followed by exit of a card, computed the plain way."""
    with TAPS.open(encoding="utf-8", newline="") as stream:
        taps = [row for row in csv.DictReader(stream) if row["deal_type"].startswith("地铁")]
    cards: dict[str, list[dict[str, str]]] = {}
    for tap in sorted(taps, key=lambda row: row["deal_date"]):
        cards.setdefault(tap["card_no"], []).append(tap)
    return [
        (station_name(one["station"]), station_name(two["station"]), int(two["deal_value"]))
        for history in cards.values()
        for one, two in pairwise(history)
        if (one["deal_type"], two["deal_type"]) == ("地铁入站", "地铁出站")
    ]


def _sessions(**config: str) -> Answers:
    return read_answers(a_feed("ev-sessions", **config), SourceFile(SESSIONS, SESSIONS.name))


@pytest.mark.skipif(not SESSIONS.is_file(), reason="the open data set is not here")
def test_every_session_of_the_open_data_is_accounted_for() -> None:
    answers = _sessions(year_offset="2000", utc_offset="+08:00")
    assert answers.rows == answers.landed.height == 3_395
    with SESSIONS.open(encoding="utf-8", newline="") as stream:
        total = sum(Decimal(row["kwhTotal"]) for row in csv.DictReader(stream))
    assert Decimal(answers.landed["q0"].sum()) == total * 1_000
    assert answers.landed.filter(answers.landed["q0"] == 0).height == 55


@pytest.mark.skipif(not SESSIONS.is_file(), reason="the open data set is not here")
def test_without_declaration_all_sessions_are_quarantined() -> None:
    answers = _sessions()
    assert Counter(answers.reasons().values()) == {"time.year_implausible": 3_395}
