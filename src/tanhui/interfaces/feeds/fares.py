"""The dated fare ladder of a metro: which distances a fare can stand for.

Law as data: library/directory/<city>-metro-fares.yaml. An exit without its entry is given the
lower end of its fare's band; nothing longer can be proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.problems import Problems
from tanhui.engine.section import Section
from tanhui.engine.yamlfile import Node, read_yaml

_SOURCED = ("source", "evidence")
_METRES_PER_KM = 1_000


@dataclass(frozen=True)
class Band:
    """Distances (`above_m`, `upto_m`] that cost `fare_fen`."""

    fare_fen: int
    above_m: int
    upto_m: int


@dataclass(frozen=True)
class Ladder:
    """The bands in force from `first_day` until before `end_day` (open when None)."""

    first_day: int
    end_day: int | None
    bands: dict[int, Band]
    overtime_fen: int


@dataclass(frozen=True)
class TripLimit:
    """From `first_day` on, taps further apart than `minutes_max` are not one ride."""

    first_day: int
    minutes_max: int


@dataclass(frozen=True)
class Fares:
    """All ladders and trip limits of one metro.

    >>> from pathlib import Path
    >>> fares = load_fares(Path("library/directory/shenzhen-metro-fares.yaml"))
    >>> fares.band(500, day=17_775)
    Band(fare_fen=500, above_m=12000, upto_m=18000)
    """

    ladders: tuple[Ladder, ...]
    trips: tuple[TripLimit, ...]

    def ladder(self, day: int) -> Ladder | None:
        """The ladder in force on a day number."""
        for ladder in self.ladders:
            if ladder.first_day <= day and (ladder.end_day is None or day < ladder.end_day):
                return ladder
        return None

    def band(self, fare_fen: int, *, day: int) -> Band | None:
        """The band of an ordinary fare on a day number, None when there is none."""
        ladder = self.ladder(day)
        return ladder.bands.get(fare_fen) if ladder else None

    def trip_ms_max(self, day: int) -> int:
        """Longest ride on a day number; 0 when no limit is written, so nothing pairs."""
        minutes = [trip.minutes_max for trip in self.trips if trip.first_day <= day]
        return (minutes[-1] if minutes else 0) * 60_000

    def problem(self, paid_fen: int, face_fen: int, *, day: int) -> str | None:
        """Why an exit alone says no distance, None when its band does.

        The face fare is what counts; free and half-price rides show it too. A fare paid in full
        by card may be a premium carriage, whose price follows another table.
        """
        ladder = self.ladder(day)
        if ladder is None:
            return "fare.no_ladder"
        if face_fen <= 0:
            return "fare.missing"
        if paid_fen > face_fen:
            return "fare.paid_above_face"
        if paid_fen == face_fen:
            return "fare.maybe_premium"
        if face_fen > max(ladder.bands):
            return "fare.above_ladder"
        if face_fen not in ladder.bands:
            return "fare.not_on_ladder"
        return "fare.maybe_overtime" if face_fen == ladder.overtime_fen else None


def load_fares(path: Path) -> Fares:
    """Read and check a ladder file; raises LibraryBroken naming file, line and fix."""
    problems = Problems()
    fares = Fares((), ())
    with problems.part():
        root = read_yaml(_bytes_of(path), file=path.name, problems=problems)
        section = Section(
            root, problems, what="fares", required=("fares", "region", "zone", "ladders", "trips")
        )
        ladders = tuple(_ladder(node, problems) for node in section.items("ladders"))
        trips = tuple(_trip(node, problems) for node in section.items("trips"))
        fares = Fares(ladders, tuple(sorted(trips, key=lambda trip: trip.first_day)))
    problems.refuse()
    return fares


def _bytes_of(path: Path) -> bytes:
    if not path.is_file():
        raise InputRefused(
            "feed.directory_file_missing",
            zh=f"目录数据中没有 {path.name}；请检查 library/directory。",
            en=f"There is no {path.name} in library/directory; put it back.",
        )
    return path.read_bytes()


def _ladder(node: Node, problems: Problems) -> Ladder:
    section = Section(
        node,
        problems,
        what="ladder",
        required=("from", "first", "bands", "fen_per_step", "fare_fen_max", "fare_fen_overtime",
                  *_SOURCED),
        optional=("until", "source_url", "note"),
    )  # fmt: skip
    first = Section(section.node("first"), problems, what="first", required=("upto_km", "fare_fen"))
    fare = _whole(first, "fare_fen")
    upto = _metres(first, "upto_km")
    largest = _whole(section, "fare_fen_max")
    bands = {fare: Band(fare, 0, upto)}
    for part in section.items("bands"):
        piece = Section(part, problems, what="band", required=("from_km", "upto_km", "km_per_step"))
        if _metres(piece, "from_km") != upto:
            raise problems.stop(
                piece.at("from_km"),
                zh="各段应首尾相接。",
                en="bands must join; start where the one before ends",
            )
        step = _metres(piece, "km_per_step")
        while upto < _metres(piece, "upto_km") and fare < largest:
            fare += _whole(section, "fen_per_step")
            bands[fare] = Band(fare, upto, upto + step)
            upto += step
    end = section.optional_day("until")
    return Ladder(
        first_day=day_number(section.day("from")),
        end_day=None if end is None else day_number(end),
        bands=bands,
        overtime_fen=_whole(section, "fare_fen_overtime"),
    )


def _trip(node: Node, problems: Problems) -> TripLimit:
    section = Section(
        node,
        problems,
        what="trip",
        required=("from", "minutes_max", *_SOURCED),
        optional=("source_url", "note"),
    )
    return TripLimit(day_number(section.day("from")), _whole(section, "minutes_max"))


def _metres(section: Section, key: str) -> int:
    return _positive(section, key, scale=_METRES_PER_KM)


def _whole(section: Section, key: str) -> int:
    return _positive(section, key, scale=1)


def _positive(section: Section, key: str, *, scale: int) -> int:
    number = section.decimal(key) * scale
    if number.denominator != 1 or number <= 0:
        raise section.problems.stop(
            section.at(key), zh=f"{key} 应为正数。", en=f"{key} must be a positive number"
        )
    return number.numerator


def load_aliases(path: Path, *, on: date) -> dict[str, str]:
    """Other names of stations known by `on`; raises LibraryBroken naming file, line and fix."""
    problems = Problems()
    aliases: dict[str, str] = {}
    with problems.part():
        root = read_yaml(_bytes_of(path), file=path.name, problems=problems)
        top = Section(root, problems, what="stations", required=("stations", "region", "aliases"))
        for node in top.items("aliases"):
            entry = Section(
                node, problems, what="alias", required=("name", "means", "from", *_SOURCED)
            )
            if entry.day("from") <= on:
                aliases[entry.text("name")] = entry.text("means")
    problems.refuse()
    return aliases
