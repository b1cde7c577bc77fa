"""Card taps of the Shenzhen open data set, one line each, as typed columns.

    card_no,deal_date,deal_type,deal_money,deal_value,equ_no,company_name,station,car_no,
    conn_mark,close_date

`deal_value` is the face fare and `deal_money` what was paid, both in fen; times are local.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b, sha256

import numpy as np
import polars as pl

from tanhui.engine.batch.validate_time import read_times
from tanhui.engine.batch.validate_verdicts import Verdicts

from .network import station_name

COLUMNS = (
    "card_no", "deal_date", "deal_type", "deal_money", "deal_value", "equ_no",
    "company_name", "station", "car_no", "conn_mark", "close_date",
)  # fmt: skip

REGION = "440300"
UTC_OFFSET = "+08:00"
BUS, ENTRY, EXIT = "巴士", "地铁入站", "地铁出站"
NO_FARE = -1

_CARD = "^[0-9A-Za-z]{1,64}$"
_LOCAL_TIME = "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"
_FARE = "^[0-9]{1,7}$"
_ID_HEX = 32
_CARD_PURPOSE = b"szt-card"


def parse_taps(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Taps and the rejected rows of a frame of texts with `row`.

    Taps: row i64, card, kind, equ, station str; at i64 (epoch ms), at_text str (ISO); paid, face
    i64 (fen, NO_FARE when it is no whole number).
    """
    verdicts = Verdicts(frame.height)
    card, kind = frame["card_no"], frame["deal_type"]
    verdicts.refuse(card.is_null().to_numpy(), "tap.card_missing")
    verdicts.refuse(~_fits(card, _CARD), "tap.card_malformed")
    verdicts.refuse(~kind.is_in([BUS, ENTRY, EXIT]).fill_null(value=False).to_numpy(),
                    "tap.type_unknown")  # fmt: skip
    local = frame["deal_date"]
    verdicts.refuse(local.is_null().to_numpy(), "time.missing")
    verdicts.refuse(~_fits(local, _LOCAL_TIME), "time.unreadable")
    at_text = (
        frame.select(
            pl.col("deal_date").str.replace(" ", "T", literal=True) + pl.lit(UTC_OFFSET)
        ).to_series()
    )  # fmt: skip
    at = read_times(at_text, verdicts)
    taps = pl.DataFrame(
        {
            "row": frame["row"],
            "card": card,
            "kind": kind,
            "equ": frame["equ_no"].fill_null(""),
            "station": _stations(frame["station"]),
            "at": at,
            "at_text": at_text,
            "paid": _fen(frame["deal_money"]),
            "face": _fen(frame["deal_value"]),
        }
    )
    rejects = verdicts.rejects(frame["row"])
    good = taps.filter(pl.Series(verdicts.accepted()))
    return good, list(zip(rejects["row"], rejects["reason"], strict=True))


def _fits(texts: pl.Series, pattern: str) -> np.ndarray:
    return texts.str.contains(pattern).fill_null(value=False).to_numpy()


def _fen(texts: pl.Series) -> pl.Series:
    whole = texts.str.contains(_FARE).fill_null(value=False)
    fen = texts.cast(pl.Int64, strict=False)
    return pl.select(pl.when(whole).then(fen).otherwise(NO_FARE)).to_series()


def _stations(texts: pl.Series) -> pl.Series:
    """Names as the network has them; each distinct name is looked at once."""
    distinct = texts.drop_nulls().unique().to_list()
    return texts.replace_strict(
        distinct, [station_name(text) for text in distinct], default="", return_dtype=pl.String
    )


def tap_ids(taps: pl.DataFrame) -> list[str]:
    """An id of each tap from its own content; the same tap always has the same id.

    Hashed, so that no card number stands in ids; the platform stores no id as it is given.
    """
    columns = (taps["card"], taps["at_text"], taps["kind"], taps["equ"])
    texts = ("|".join(parts) for parts in zip(*columns, strict=True))
    return [sha256(text.encode()).hexdigest()[:_ID_HEX] for text in texts]


def card_keys(cards: Iterable[str], *, secret: bytes) -> list[str]:
    """The key under which taps of a card wait for each other.

    It stands in the database next to times and stations, so it is keyed: there are few card
    numbers, and without `secret` (at most 64 bytes) nobody can try them all.
    """
    return [
        blake2b(
            card.encode(), digest_size=_ID_HEX // 2, key=secret, person=_CARD_PURPOSE
        ).hexdigest()
        for card in cards
    ]
