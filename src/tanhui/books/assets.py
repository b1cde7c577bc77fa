"""What may never mix: reductions of one city, points of one programme, pieces of one item."""

from __future__ import annotations

from collections.abc import Iterable

from .models import CREDIT_UNIT, FEN, MG, MG_DONATED, MG_USED, PIECE, POINTS, Asset

UNITS = {  # by the first word
    "reduction": MG,
    "used": MG_USED,
    "points": POINTS,
    "credit": CREDIT_UNIT,
    "item": PIECE,
    "donated": MG_DONATED,
    "money": FEN,
}
YUAN = "money:CNY"
"""Renminbi that is owed, in fen; what was paid leaves the books as an act."""

_MUNICIPALITIES = frozenset({11, 12, 31, 50})  # Beijing, Tianjin, Shanghai, Chongqing


def city_code(region: int) -> int:
    """The city a GB/T 2260 code lies in; a municipality is one city.

    >>> city_code(420106), city_code(420000), city_code(310115)
    (420100, 420000, 310000)
    """
    province = region // 10_000
    return province * 10_000 if province in _MUNICIPALITIES else region // 100 * 100


def city_codes(city: int) -> tuple[int, int]:
    """The first and last code that lies in a city, both included.

    >>> city_codes(420100), city_codes(310000)
    ((420100, 420199), (310000, 319999))
    """
    assert city_code(city) == city, "a city's own code"
    return city, city + (9_999 if city // 10_000 in _MUNICIPALITIES else 99)


def reduction_code(region: int) -> str:
    """
    >>> reduction_code(420106)
    'reduction:420100'
    """
    return f"reduction:{city_code(region):06d}"


def used_code(region: int) -> str:
    """Of the same city's reductions, what stands in units.

    >>> used_code(420106)
    'used:420100'
    """
    return f"used:{city_code(region):06d}"


def points_code(programme: str) -> str:
    """
    >>> points_code("wuhan")
    'points:wuhan'
    """
    return f"points:{programme}"


def credit_code(programme: str) -> str:
    """
    >>> credit_code("wuhan")
    'credit:wuhan'
    """
    return f"credit:{programme}"


def donated_code(programme: str) -> str:
    """
    >>> donated_code("wuhan")
    'donated:wuhan'
    """
    return f"donated:{programme}"


def item_code(item: str) -> str:
    """
    >>> item_code("bag")
    'item:bag'
    """
    return f"item:{item}"


def ensure_assets(codes: Iterable[str]) -> dict[str, int]:
    """Ids of the assets by code; missing ones are made. Safe when two do it at once."""
    wanted = sorted(set(codes))
    found = dict(Asset.objects.filter(code__in=wanted).values_list("code", "id"))
    missing = [Asset(code=code, unit=_unit(code)) for code in wanted if code not in found]
    if not missing:
        return found
    Asset.objects.bulk_create(missing, ignore_conflicts=True)
    return dict(Asset.objects.filter(code__in=wanted).values_list("code", "id"))


def _unit(code: str) -> str:
    return UNITS[code.partition(":")[0]]
