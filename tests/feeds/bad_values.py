"""Records whose one field is wrong: ids, places, times, quantities; SQL and HTML in every field."""

from __future__ import annotations

from collections.abc import Iterator

from .bad_inputs import BadInput, rejected
from .records import a_record, csv_file

_SQL = "'; DROP TABLE ledger_transfer; --"
_HTML = "<script>alert(1)</script>"
_CONTROL = "text.control_character"


def bad_values() -> list[BadInput]:
    return [
        *_ids(), *_persons(), *_places(), *_times(), *_spans(), *_quantities(), *_columns(),
    ]  # fmt: skip


def _case(field: str, value: str | None, reason: str) -> BadInput:
    """A record with one field changed."""
    shown = "nothing" if not value else value if len(value) < 40 else f"{len(value)} x {value[0]}"
    record = a_record(**{field: value})
    return rejected(f"{field} = {shown!r}", csv_file(record), reason)


def _ids() -> Iterator[BadInput]:
    yield _case("external_id", None, "external_id.missing")
    yield _case("external_id", "m" * 129, "external_id.too_long")
    yield _case("external_id", "碳" * 129, "external_id.too_long")
    for hidden in ("\x01", "\x1b[31m", "\x7f", "\x85", "\u202e", "\u200b", "\ufeff", "\u2028",
                   "\ue000", "\U0010ffff", "\t"):  # fmt: skip
        yield _case("external_id", f"m{hidden}1", _CONTROL)
    yield _case("corrects", "m-1", "corrects.itself")
    yield _case("corrects", "m" * 129, "corrects.too_long")
    yield _case("corrects", "m\u202e", _CONTROL)
    yield _case("class", "c" * 33, "class.too_long")
    yield _case("class", "c\x02", _CONTROL)
    yield _case("class", _SQL, "class.too_long")
    yield _case("class", _HTML + _HTML, "class.too_long")


def _persons() -> Iterator[BadInput]:
    malformed = "person.malformed"
    yield _case("person", None, "person.missing")
    yield _case("person", "a:", "person.too_short")
    yield _case("person", "card:" + "7" * 124, "person.too_long")
    yield _case("person", "card:\x07", _CONTROL)
    yield _case("person", "card:\u200d7", _CONTROL)
    for text in ("AA17", "CARD:AA17", ":AA17", "card：AA17", " card:AA17", "1:AA17", "ca rd:AA17",
                 "abcdefghijklmnopq:7", "card:", _SQL, _HTML, "' OR '1'='1"):  # fmt: skip
        yield _case("person", text, malformed)


def _places() -> Iterator[BadInput]:
    yield _case("scene", None, "scene.missing")
    for text in ("METRO", "地铁", "metro ", "subway", "null", _SQL, _HTML):
        yield _case("scene", text, "scene.unknown")
    yield _case("scene", "metro" * 20, "scene.too_long")
    yield _case("scene", "me\x0btro", _CONTROL)
    yield _case("region", None, "region.missing")
    for text in ("44030", "4403000", "044030", "44O300", "４４０３００", "-440300", "440300 ",
                 "440300.0", "深圳", "CN-GD", _SQL, _HTML):  # fmt: skip
        yield _case("region", text, "region.malformed")


def _times() -> Iterator[BadInput]:
    unreadable, impossible = "time.unreadable", "time.impossible"
    yield _case("started_at", None, "time.missing")
    yield _case("ended_at", None, "time.missing")
    for text in ("2024-10-01T08:00:00", "2024-10-01T08:00:00.5"):
        yield _case("started_at", text, "time.offset_missing")
    for text in (
        "2024-10-01", "2024-10-01 08:00:00+08:00", "2024/10/01T08:00:00+08:00",
        "20241001T080000+0800", "2024-10-01T08:00:00+0800", "2024-10-01T08:00:00+08",
        "2024-10-01t08:00:00z", "2024-10-01T08:00+08:00", "2024-10-01T08:00:00,5+08:00",
        "2024-10-01T08:00:00.123456+08:00", "2024-10-01T08:00:00.+08:00", "1727740800",
        "1727740800000", " 2024-10-01T08:00:00Z", "2024-10-01T08:00:00Z ", "12024-10-01T08:00:00Z",
        "2024-W40-2T08:00:00Z", "2024-275T08:00:00Z", "2024年10月1日", "01/10/2024 8:00 AM", "now",
        "２０２４-10-01T08:00:00Z", "-024-10-01T08:00:00Z", "2024-10-01T08:00:00 08:00", "NaN",
        _SQL, _HTML,
    ):  # fmt: skip
        yield _case("started_at", text, unreadable)
    for text in (
        "2024-13-01T08:00:00Z", "2024-00-01T08:00:00Z", "2024-10-00T08:00:00Z",
        "2024-10-32T08:00:00Z", "2024-02-30T08:00:00Z", "2023-02-29T08:00:00Z",
        "2100-02-29T08:00:00Z", "2024-10-01T24:00:00Z", "2024-10-01T23:60:00Z",
        "2016-12-31T23:59:60Z", "2024-10-01T08:00:00+25:00", "2024-10-01T08:00:00+14:30",
        "2024-10-01T08:00:00+08:60", "2024-10-01T08:00:00-00:00", "0000-10-01T08:00:00Z",
    ):  # fmt: skip
        yield _case("ended_at", text, impossible)


def _spans() -> Iterator[BadInput]:
    yield _case("ended_at", "2024-10-01T07:59:59.999+08:00", "time.ends_before_start")
    yield _case("ended_at", "2024-11-11T08:00:00+08:00", "time.event_too_long")
    yield _case("ended_at", "2025-01-02T00:00:00Z", "time.in_future")
    for year in ("2100", "9998"):
        both = a_record(started_at=f"{year}-01-01T00:00:00Z", ended_at=f"{year}-01-01T01:00:00Z")
        yield rejected(f"year {year}", csv_file(both), "time.in_future")
    for year in ("1999", "1970", "1900", "0014"):
        both = a_record(started_at=f"{year}-01-01T00:00:00Z", ended_at=f"{year}-01-01T01:00:00Z")
        yield rejected(f"year {year}", csv_file(both), "time.too_old")


def _quantities() -> Iterator[BadInput]:
    km = "quantity.distance_km"
    yield _case("distance_km", None, f"{km}.missing")
    for text in (
        "NaN", "nan", "inf", "-inf", "Infinity", "1e3", "1E-3", "1_000", "1,000", "+5", ".5", "5.",
        "0x10", "0b1", "５", "٥", "½", " ", " 5", "5 ", "5\u00a0", "5km", "6825m", "1/2", "1 000",
        "六", "--5", "1.2.3", "5-", "5%", "=1+1", "null", "None", "N/A", "-", "true", "1.5.",
        "1e400", "5;6", "0.1.", "$5", _SQL, _HTML[:20],
    ):  # fmt: skip
        yield _case("distance_km", text, f"{km}.not_a_number")
    for text in ("-1", "-0.001", "-300", "-99999999999999999999"):
        yield _case("distance_km", text, f"{km}.below_min")
    for text in ("300.001", "6825", "99999999999999999999", "9223372036854775808", "1" + "0" * 39):
        yield _case("distance_km", text, f"{km}.above_max")
    for text in ("0.0001", "6.8250001", "0." + "0" * 30 + "1"):
        yield _case("distance_km", text, f"{km}.finer_than_step")
    yield _case("distance_km", "9" * 41, f"{km}.too_long")
    yield _case("distance_km", _HTML * 2, f"{km}.too_long")


def _columns() -> Iterator[BadInput]:
    both = a_record(energy_kwh="1")
    yield rejected("energy in a ride", csv_file(both), "quantity.energy_kwh.not_expected")
    zero = a_record(energy_kwh="0")
    yield rejected("zero energy in a ride", csv_file(zero), "quantity.energy_kwh.not_expected")
    charging = a_record(scene="ev-charging", distance_km=None, energy_kwh="1000.001")
    yield rejected("watt hours as kWh", csv_file(charging), "quantity.energy_kwh.above_max")
    ride = a_record(scene="ev-charging")
    yield rejected("a distance charged", csv_file(ride), "quantity.energy_kwh.missing")
    columns = ["external_id", "person", "scene", "region", "started_at", "ended_at"]
    bare = csv_file(a_record(), columns=columns)
    yield rejected("no quantity column", bare, "quantity.distance_km.missing")
