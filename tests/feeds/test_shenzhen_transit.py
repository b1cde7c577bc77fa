"""Taps become rides once, whatever the files they come in; every tap has one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.core.errors import LibraryBroken
from tanhui.engine.batch.landing import WaitingRow
from tanhui.interfaces.feeds import open_feed
from tanhui.interfaces.feeds.fares import load_fares
from tanhui.interfaces.feeds.network import MetroNetwork
from tanhui.interfaces.feeds.shenzhen_taps import card_keys
from tanhui.interfaces.feeds.shenzhen_transit import ShenzhenTransitFeed

from .bad_partner_files import a_tap, taps_file
from .reading import PROJECT, SECRET, Answers, a_file, around, read_answers

FARES = load_fares(PROJECT / "library" / "directory" / "shenzhen-metro-fares.yaml")
NETWORK = MetroNetwork(
    {("罗湖", "国贸"): 1_100_900, ("国贸", "老街"): 900_000, ("老街", "机场"): 30_000_000}
)
ENTRY = "地铁入站"


def a_feed(
    network: MetroNetwork | None = NETWORK, block_bytes: int = 10**6, secret: bytes = SECRET
) -> ShenzhenTransitFeed:
    return ShenzhenTransitFeed(secret, FARES, network, {"深圳大学": "深大"}, block_bytes)


def entry(minute: int, station: str = "罗湖站", card: str = "A", **more: str) -> str:
    return a_tap(card, a_time(minute), ENTRY, paid="0", face="0", station=station, **more)


def leave(
    minute: int, station: str = "老街", card: str = "A", *, paid: str = "190", face: str = "200"
) -> str:
    return a_tap(card, a_time(minute), paid=paid, face=face, station=station)


def a_time(minute: int) -> str:
    return f"2018-09-01 {8 + minute // 60:02d}:{minute % 60:02d}:00"


class Books:
    """What the platform keeps between files: the waiting rows and the batch numbers."""

    def __init__(self, folder: Path, feed: ShenzhenTransitFeed | None = None) -> None:
        self.folder = folder
        self.feed = feed or a_feed()
        self.waiting: dict[tuple[int, int], WaitingRow] = {}
        self.batch = 0

    def take(self, *lines: str) -> Answers:
        self.batch += 1
        source = a_file(self.folder, taps_file(*lines))
        answers = read_answers(self.feed, source, list(self.waiting.values()))
        assert answers.state is not None
        for place in answers.state.consumed:
            del self.waiting[place]
        for row in answers.state.waiting:
            kept = WaitingRow(self.batch, row.row, row.key, dict(row.payload))
            assert (self.batch, row.row) not in self.waiting
            self.waiting[self.batch, row.row] = kept
        return answers

    def open_rows(self) -> dict[tuple[int, int], str]:
        """What may still meet another tap, and its kind."""
        kinds = {place: row.payload["kind"] for place, row in self.waiting.items()}
        return {place: kind for place, kind in kinds.items() if kind != "used"}


def distances(answers: Answers) -> dict[int, int]:
    """Row -> metres of the metro trips."""
    rides = answers.landed.filter(answers.landed["scene"] == "metro")
    return dict(zip(rides["row"], rides["q0"], strict=True))


def test_entry_and_exit_are_one_trip_by_the_network(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0), leave(20))
    assert distances(answers) == {2: 2_000}
    assert answers.outcomes == {1: ("paired", "tap.paired", "2")}
    ride = answers.landed.row(0, named=True)
    assert ride["end"] - ride["start"] == 20 * 60_000
    assert ride["person_ref"] == "szt:A"
    assert answers.state is not None
    assert answers.state.notes == {"rides_by_network": 1}


def test_the_exit_may_stand_before_its_entry_in_the_file(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(leave(20), entry(0))
    assert distances(answers) == {1: 2_000}
    assert answers.outcomes == {2: ("paired", "tap.paired", "1")}


def test_an_exit_alone_gets_the_lower_end_of_its_band(tmp_path: Path) -> None:
    fares = {"200": 0, "300": 4_000, "400": 8_000, "500": 12_000, "600": 18_000, "700": 24_000,
             "800": 32_000, "1300": 72_000}  # fmt: skip
    lines = [leave(9, card=f"C{fare}", paid="0", face=fare) for fare in fares]
    answers = Books(tmp_path).take(*lines)
    assert list(distances(answers).values()) == list(fares.values())


def test_the_fare_limits_what_the_network_says(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0), leave(50, "机场", paid="475", face="500"))
    assert distances(answers) == {2: 18_000}
    premium = Books(tmp_path).take(entry(0), leave(50, "机场", paid="500", face="500"))
    assert distances(premium) == {2: 32_000}


def test_a_station_the_network_does_not_know_goes_by_fare(tmp_path: Path) -> None:
    for station in ("", "?I岭", "<b>罗湖</b>"):
        answers = Books(tmp_path).take(entry(0, station), leave(20, face="400", paid="380"))
        assert distances(answers) == {2: 8_000}
    without = Books(tmp_path, a_feed(None)).take(entry(0), leave(20, face="400", paid="380"))
    assert distances(without) == {2: 8_000}


def test_a_ride_that_says_no_distance_is_refused_with_its_entry(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0, ""), leave(20, face="400", paid="400"))
    assert answers.outcomes == {
        1: ("rejected", "tap.exit_refused", "2"),
        2: ("rejected", "fare.maybe_premium", ""),
    }


def test_taps_further_apart_than_a_trip_do_not_pair(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0), leave(240), entry(300), leave(541))
    assert distances(answers) == {2: 2_000, 4: 0}
    assert answers.outcomes[3][0] == "waiting"


def test_only_the_tap_directly_before_is_the_entry(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0), entry(5, "国贸"), leave(20), leave(30))
    assert distances(answers) == {3: 900, 4: 0}
    assert answers.outcomes == {
        1: ("waiting", "tap.waiting_for_exit", ""),
        2: ("paired", "tap.paired", "3"),
    }


def test_cards_do_not_mix(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0, card="A"), leave(9, card="B", face="300", paid="285"))
    assert distances(answers) == {2: 4_000}
    assert answers.outcomes == {1: ("waiting", "tap.waiting_for_exit", "")}


def test_a_doubled_metro_tap_makes_no_second_ride(tmp_path: Path) -> None:
    answers = Books(tmp_path).take(entry(0), entry(0), leave(20), leave(20), entry(0))
    assert distances(answers) == {3: 2_000}
    assert answers.outcomes == {
        1: ("paired", "tap.paired", "3"),
        2: ("duplicate", "tap.duplicate", "1"),
        4: ("duplicate", "tap.duplicate", "3"),
        5: ("duplicate", "tap.duplicate", "1"),
    }


def test_a_doubled_bus_tap_has_the_same_id(tmp_path: Path) -> None:
    bus = a_tap(kind="巴士")
    landed = Books(tmp_path).take(bus, bus, a_tap(kind="巴士", equ="1")).landed
    ids = landed["external_id"].to_list()
    assert ids[0] == ids[1] != ids[2]
    assert landed["q0"].to_list() == [1, 1, 1]
    assert "FIAAAEIFD" not in ids[0]


def test_an_exit_in_a_later_file_completes_the_ride_once(tmp_path: Path) -> None:
    books = Books(tmp_path)
    assert books.take(entry(0)).outcomes == {1: ("waiting", "tap.waiting_for_exit", "")}
    answers = books.take(leave(20))
    assert distances(answers) == {1: 2_000}
    assert answers.state is not None
    assert answers.state.consumed == [(1, 1)]
    assert books.open_rows() == {}
    again = books.take(leave(30))
    assert distances(again) == {1: 0}


def test_an_entry_in_a_later_file_changes_no_earlier_answer(tmp_path: Path) -> None:
    books = Books(tmp_path)
    assert distances(books.take(leave(20, face="300", paid="285"))) == {1: 4_000}
    late = books.take(entry(0))
    assert late.landed.is_empty()
    assert late.outcomes == {1: ("paired", "tap.paired_before", "1-1")}
    assert books.open_rows() == {}
    assert books.take(entry(10)).outcomes[1][0] == "waiting"


def test_an_entry_whose_exit_was_refused_is_refused_too(tmp_path: Path) -> None:
    books = Books(tmp_path)
    assert books.take(leave(20, paid="0", face="0")).outcomes[1][:2] == ("rejected", "fare.missing")
    late = books.take(entry(0))
    assert late.outcomes == {1: ("rejected", "tap.exit_refused", "1-1")}
    assert books.open_rows() == {}


def test_a_refused_exit_can_be_sent_again_repaired(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(leave(20, paid="0", face="0"))
    answers = books.take(leave(20, paid="285", face="300"))
    assert distances(answers) == {1: 4_000}
    assert list(books.open_rows().values()) == ["settled"]


def test_a_waiting_tap_sent_again_is_a_duplicate(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0), leave(5, card="B"))
    again = books.take(entry(0), leave(5, card="B"))
    assert again.outcomes == {
        1: ("duplicate", "tap.duplicate", "1-1"),
        2: ("duplicate", "tap.duplicate", "1-2"),
    }
    assert len(books.waiting) == 2


def test_an_entry_of_a_ride_sent_again_does_not_wait_again(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0), leave(20))
    assert books.take(entry(0)).outcomes == {1: ("duplicate", "tap.duplicate", "1-1")}
    assert books.take(leave(20)).outcomes == {1: ("duplicate", "tap.duplicate", "1-2")}
    other = books.take(leave(60, face="300", paid="285"))
    assert distances(other) == {1: 4_000}, "a ride whose own entry never came"


def test_a_ride_over_two_files_is_remembered_by_both_its_taps(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0))
    books.take(leave(20))
    assert books.take(leave(20), entry(0)).outcomes == {
        1: ("duplicate", "tap.duplicate", "2-1"),
        2: ("duplicate", "tap.duplicate", "1-1"),
    }
    assert books.open_rows() == {}


def test_a_late_entry_sent_again_is_a_duplicate(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(leave(20))
    books.take(entry(0))
    assert books.take(entry(0), leave(20)).outcomes == {
        1: ("duplicate", "tap.duplicate", "2-1"),
        2: ("duplicate", "tap.duplicate", "1-1"),
    }


def test_a_refused_ride_can_be_sent_again_repaired(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0, ""), leave(20, paid="0", face="0"))
    answers = books.take(entry(0), leave(20))
    assert distances(answers) == {2: 2_000}


def test_rides_are_remembered_as_long_as_a_trip(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0), leave(20), entry(300), leave(320), entry(0, card="B"))
    assert {place: row.payload["kind"] for place, row in books.waiting.items()} == {
        (1, 4): "used",
        (1, 5): "entry",
    }


def test_a_waiting_entry_does_not_reach_over_a_ride_already_made(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0), entry(10), leave(20))
    answers = books.take(leave(40, face="300", paid="285"))
    assert distances(answers) == {1: 4_000}
    assert (1, 1) in books.waiting
    between = books.take(leave(5))
    assert distances(between) == {1: 2_000}


def test_nothing_that_waits_names_a_card(tmp_path: Path) -> None:
    books = Books(tmp_path)
    books.take(entry(0, card="FIAAAEIFD"), leave(9, card="BEBABAHFE"))
    assert not [row for row in books.waiting.values() if "FIAAAEIFD" in str(row)]
    assert not [row for row in books.waiting.values() if "BEBABAHFE" in str(row)]


def test_who_waits_cannot_be_told_by_trying_card_numbers(tmp_path: Path) -> None:
    keys = set()
    for secret in (b"one", b"two"):
        books = Books(tmp_path, a_feed(secret=secret))
        books.take(entry(0, card="FIAAAEIFD"))
        keys |= {row.key for row in books.waiting.values()}
    assert len(keys) == 2, "the same card under two secrets"
    assert not keys & {
        make(text).hexdigest()[:32]
        for make in (hashlib.sha256, hashlib.blake2b, hashlib.md5)
        for text in (b"szt:FIAAAEIFD", b"FIAAAEIFD")
    }


def test_only_cards_of_the_file_are_asked_for(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def ask(keys: Sequence[str]) -> list[WaitingRow]:
        asked.append(list(keys))
        return []

    lines = [entry(0, card="A"), leave(20, card="A"), entry(5, card="B"), a_tap("C", kind="巴士")]
    read_answers(a_feed(), a_file(tmp_path, taps_file(*lines)), ask)
    assert [sorted(keys) for keys in asked] == [sorted(card_keys(["A", "B"], secret=SECRET))]


def test_without_a_secret_no_card_is_remembered() -> None:
    with pytest.raises(LibraryBroken, match="secret"):
        open_feed("shenzhen-transit", {}, around=replace(around(), secret=None))


class Tap(NamedTuple):
    minute: int
    card: str
    is_entry: bool


TAPS = st.lists(
    st.builds(Tap, st.integers(0, 400), st.sampled_from("AB"), st.booleans()), max_size=14
)
IN_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def line_of(tap: Tap) -> str:
    make = entry if tap.is_entry else leave
    return make(tap.minute, card=tap.card)


def rides_of(pieces: list[Answers]) -> list[tuple[object, ...]]:
    """All rides of consecutive files, in order."""
    return [
        row
        for answers in pieces
        for row in answers.landed.select("person_ref", "start", "end", "q0").iter_rows()
    ]


def duplicates_of(pieces: list[Answers]) -> int:
    """Taps that were told to be known."""
    return sum(status == "duplicate" for each in pieces for status, *_ in each.outcomes.values())


@IN_FOLDER
@given(taps=TAPS, cuts=st.sets(st.integers(1, 13)), block=st.integers(50, 2_000))
def test_taps_in_time_order_may_be_cut_anywhere(
    taps: list[Tap], cuts: set[int], block: int, tmp_path: Path
) -> None:
    lines = [line_of(tap) for tap in sorted(taps)]
    whole = Books(tmp_path, a_feed(block_bytes=block)).take(*lines)
    books = Books(tmp_path)
    edges = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    pieces = [books.take(*lines[first:end]) for first, end in pairwise(edges)]
    assert rides_of(pieces) == rides_of([whole])
    assert duplicates_of(pieces) == duplicates_of([whole])


@IN_FOLDER
@given(
    files=st.lists(TAPS.filter(bool), min_size=1, max_size=5),
)
def test_in_any_order_a_tap_is_used_once(files: list[list[Tap]], tmp_path: Path) -> None:
    books = Books(tmp_path)
    seen: set[str] = set()
    matched: list[tuple[int, int]] = []
    for taps in files:
        lines = [line_of(tap) for tap in taps]
        answers = books.take(*lines)
        assert answers.state is not None
        matched += answers.state.consumed
        for row, line in enumerate(lines, start=1):
            status = answers.outcomes.get(row, ("event",))[0]
            if line in seen and status == "event":
                ids = answers.landed.filter(answers.landed["row"] == row)["external_id"]
                assert len(ids) == 1, "the pipeline finds it by its id"
            seen.add(line)
    assert len(matched) == len(set(matched))


@pytest.mark.parametrize("block", [200, 10**6])
def test_blocks_change_nothing(block: int, tmp_path: Path) -> None:
    lines = [entry(0), a_tap(kind="巴士"), leave(20), "", entry(30, card="B"), a_tap(kind="?")]
    answers = Books(tmp_path, a_feed(block_bytes=block)).take(*lines)
    assert answers.landed["row"].to_list() == [2, 3]
    assert {row: each[:2] for row, each in answers.outcomes.items()} == {
        1: ("paired", "tap.paired"),
        4: ("rejected", "row.blank"),
        5: ("waiting", "tap.waiting_for_exit"),
        6: ("rejected", "tap.type_unknown"),
    }
