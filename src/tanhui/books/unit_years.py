"""Units issued and retired year by year, counted from the issues and the blocks themselves.

Of a whole asset, or of what came from some sources alone (a project with its periods).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from tanhui.core.region import CHINA_OFFSET_MIN

from .models import RETIRED

_YEAR = "extract(year FROM j.at AT TIME ZONE 'UTC' + make_interval(mins => %s))::int"
_YEARS = f"""
SELECT year, sum(issued)::bigint, sum(retired)::bigint FROM (
    SELECT {_YEAR} AS year, upper(i.serials) - lower(i.serials) AS issued, 0 AS retired
    FROM books_issue i JOIN books_journal j ON j.id = i.journal_id WHERE {{which}}
    UNION ALL
    SELECT {_YEAR}, 0, upper(b.serials) - lower(b.serials)
    FROM books_creditblock b JOIN books_journal j ON j.id = b.opened_by_id
    JOIN books_issue i ON i.journal_id = b.issue_id
    WHERE {{which}} AND b.state = %s
) each GROUP BY year ORDER BY year
"""


@dataclass(frozen=True)
class UnitYear:
    """Units of one calendar year in China."""

    year: int
    issued: int
    retired: int


def unit_years(asset: int) -> list[UnitYear]:
    """Every year in which units of the asset were issued or retired, in order."""
    return _years("i.asset_id = %s", asset)


def unit_years_from(sources: Sequence[str]) -> list[UnitYear]:
    """Every year in which units issued from these matters were issued or retired, in order."""
    return _years("i.source = ANY(%s)", list(sources))


def _years(which: str, wanted: int | list[str]) -> list[UnitYear]:
    with connection.cursor() as cursor:
        given = [CHINA_OFFSET_MIN, wanted, CHINA_OFFSET_MIN, wanted, RETIRED]
        cursor.execute(_YEARS.format(which=which), given)
        return [UnitYear(*row) for row in cursor.fetchall()]
