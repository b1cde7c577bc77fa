"""Bad taps and charging sessions: the partner formats refuse and quarantine like the canonical."""

from __future__ import annotations

from collections.abc import Iterator

from .bad_inputs import BadInput, refused, rejected

TAP_HEADER = (
    "card_no,deal_date,deal_type,deal_money,deal_value,equ_no,company_name,station,car_no,"
    "conn_mark,close_date"
)
SESSION_HEADER = (
    "sessionId,kwhTotal,dollars,created,ended,startTime,endTime,chargeTimeHrs,weekday,platform,"
    "distance,userId,stationId,locationId,Efficiency_WhKm"
)
_DECLARED = {"year_offset": "2000", "utc_offset": "+08:00"}


def a_tap(
    card: str = "FIAAAEIFD",
    at: str = "2018-09-01 11:17:55",
    kind: str = "地铁出站",
    *,
    paid: str = "380",
    face: str = "400",
    station: str = "太安",
    equ: str = "263035112",
) -> str:
    """A line of the tap file; an exit of CNY 4 with the card discount."""
    line = f"{card},{at},{kind},{paid},{face},{equ},地铁五号线,{station},OGT-112,0"
    return line + ",2018-09-01 00:00:00"


def taps_file(*lines: str) -> bytes:
    return ("\n".join([TAP_HEADER, *lines]) + "\n").encode()


def a_session(
    session: str = "1366563",
    kwh: str = "7.78",
    created: str = "0014-11-18 15:40:26",
    ended: str = "0014-11-18 17:11:04",
    *,
    user: str = "35897499",
) -> str:
    """A line of the charging file."""
    return f"{session},{kwh},0,{created},{ended},15,17,1.5,Tue,android,NA,{user},582873,461655,161"


def sessions_file(*lines: str) -> bytes:
    return ("\n".join([SESSION_HEADER, *lines]) + "\n").encode()


def bad_partner_files() -> list[BadInput]:
    return [*_tap_files(), *_taps(), *_session_files(), *_sessions()]


def _tap_files() -> Iterator[BadInput]:
    good = taps_file(a_tap(), a_tap("BEBABAHFE"))
    feed = "shenzhen-transit"
    yield refused("taps in GBK", good.decode().encode("gbk"), "file.gbk", feed=feed)
    yield refused("taps in UTF-16", good.decode().encode("utf-16"), "file.utf16", feed=feed)
    short = good.replace(b",close_date", b"")
    yield refused("taps without close_date", short, "header.missing_columns", feed=feed)
    more = good.replace(b"close_date", b"close_date,phone")
    yield refused("taps with phone", more, "header.unknown_columns", feed=feed)
    twice = good.replace(b"conn_mark", b"card_no")
    yield refused("taps with two cards", twice, "header.duplicated_columns", feed=feed)
    yield refused("taps as Parquet", b"PAR1" + bytes(40), "file.parquet", feed=feed)


def _tap(name: str, line: str, reason: str) -> BadInput:
    return rejected(name, taps_file(line), reason, feed="shenzhen-transit")


def _taps() -> Iterator[BadInput]:
    yield _tap("tap without card", a_tap(""), "tap.card_missing")
    for card in ("' OR 1=1", "<b>7</b>", "深圳通", "7" * 65, "FIA AEIFD"):
        yield _tap(f"card {card[:9]}", a_tap(card), "tap.card_malformed")
    for kind in ("", "地铁", "地铁换乘", "BUS", "<b>巴士</b>", "巴士'; --"):
        yield _tap(f"tap of type '{kind}'", a_tap(kind=kind), "tap.type_unknown")
    yield _tap("tap without time", a_tap(at=""), "time.missing")
    for at in ("2018-09-01", "2018-09-01T11:17:55", "2018/09/01 11:17:55", "11:17:55", "<i>"):
        yield _tap(f"tap at '{at}'", a_tap(at=at), "time.unreadable")
    for at in ("2018-02-30 11:17:55", "2018-09-01 25:17:55", "2018-09-01 11:17:60"):
        yield _tap(f"tap at '{at}'", a_tap(at=at), "time.impossible")
    yield _tap("free exit without fare", a_tap(paid="0", face="0"), "fare.missing")
    yield _tap("exit at full fare", a_tap(paid="2400", face="2400"), "fare.maybe_premium")
    yield _tap("exit above the ladder", a_tap(paid="1500", face="1600"), "fare.above_ladder")
    yield _tap("exit of CNY 2.50", a_tap(paid="200", face="250"), "fare.not_on_ladder")
    yield _tap("exit at overtime fare", a_tap(paid="1330", face="1400"), "fare.maybe_overtime")
    yield _tap("exit paid above fare", a_tap(paid="500", face="400"), "fare.paid_above_face")
    for fare in ("", "4.00", "-400", "NaN", "４００", "1e3", "99999999999", "<b>4</b>"):
        yield _tap(f"fare '{fare}'", a_tap(face=fare), "fare.malformed")
    yield _tap("exit of 2030", a_tap(at="2030-09-01 11:17:55"), "fare.no_ladder")
    yield _tap("exit of 1999", a_tap(at="1999-09-01 11:17:55"), "fare.no_ladder")
    bus = a_tap(kind="巴士", at="2030-09-01 11:17:55")
    yield _tap("bus of 2030", bus, "time.in_future")
    yield _tap("bus of 1999", bus.replace("2030", "1999"), "time.too_old")
    yield _tap("tap cut", a_tap()[:30], "row.too_few_columns")


def _session_files() -> Iterator[BadInput]:
    good = sessions_file(a_session())
    more = {"feed": "ev-sessions"}
    for column in ("sessionId", "kwhTotal", "created", "ended", "userId"):
        data = good.replace(f"{column},".encode(), b"", 1)
        yield refused(f"sessions without {column}", data, "header.missing_columns", **more)
    metres = good.replace(b"kwhTotal", b"whTotal")
    yield refused("sessions in Wh", metres, "header.unknown_columns", **more)
    yield refused("sessions gzipped", b"\x1f\x8b\x08" + bytes(20), "file.compressed", **more)


def _session(name: str, line: str, reason: str, **config: str) -> BadInput:
    data = sessions_file(line)
    return rejected(name, data, reason, feed="ev-sessions", config=config or _DECLARED)


def _sessions() -> Iterator[BadInput]:
    implausible = "time.year_implausible"
    yield _session("year 0014 not declared", a_session(), implausible, utc_offset="+08:00")
    yield _session("only the region declared", a_session(), implausible, region="440300")
    yield _session("zone not declared", a_session(), "time.zone_not_declared", year_offset="2000")
    yield _session("year offset too small", a_session(), implausible,
                   year_offset="1000", utc_offset="Z")  # fmt: skip
    yield _session("no user", a_session(user=""), "person.missing")
    yield _session("no session id", a_session(""), "external_id.missing")
    yield _session("no start", a_session(created=""), "time.missing")
    yield _session("start NA", a_session(created="NA"), "time.unreadable")
    yield _session("start is HTML", a_session(created="<td>"), "time.unreadable")
    yield _session("no such day", a_session(ended="0014-11-31 17:11:04"), "time.impossible")
    yield _session("ends first", a_session(ended="0014-11-18 15:40:25"), "time.ends_before_start")
    yield _session("in the future", a_session(ended="0099-11-18 15:40:25"), "time.in_future")
    kwh = "quantity.energy_kwh"
    for text in ("NA", "7,78"[:1] + ".7.8", "1e2", "NaN", "<b>7</b>", "7.78 kWh"):
        yield _session(f"energy {text}", a_session(kwh=text), f"{kwh}.not_a_number")
    yield _session("no energy", a_session(kwh=""), f"{kwh}.missing")
    yield _session("negative energy", a_session(kwh="-7.78"), f"{kwh}.below_min")
    yield _session("energy in Wh", a_session(kwh="7780"), f"{kwh}.above_max")
    yield _session("energy to 0.0001", a_session(kwh="7.7801"), f"{kwh}.finer_than_step")
