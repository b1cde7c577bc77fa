"""Proofs over units with serial numbers: every issue is tiled, and nothing stands twice."""

from __future__ import annotations

from django.db import connection

_TILES = """
WITH open AS (
    SELECT b.issue_id, b.serials FROM books_creditblock b WHERE b.closed_by_id IS NULL
)
SELECT i.batch, upper(i.serials) - lower(i.serials) AS issued,
       coalesce(sum(upper(o.serials) - lower(o.serials)), 0)::bigint AS standing,
       coalesce(range_agg(o.serials), '{}') = int8multirange(i.serials) AS tiled
FROM books_issue i LEFT JOIN open o ON o.issue_id = i.journal_id
GROUP BY i.journal_id, i.batch, i.serials ORDER BY i.batch
"""


def issued_and_standing() -> tuple[int, int, list[str]]:
    """Units issued, units in open blocks, and the issues that their blocks do not tile exactly."""
    with connection.cursor() as cursor:
        cursor.execute(_TILES)
        rows = cursor.fetchall()
    broken = [
        f"{batch}: {issued} issued, {standing} standing"
        for batch, issued, standing, is_tiled in rows
        if not is_tiled or issued != standing
    ]
    return sum(row[1] for row in rows), sum(row[2] for row in rows), broken
