"""The published entries for readers: newest first, by year, kind and words in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tanhui.core.canonical import read_json

from ..models import LogPlace


@dataclass(frozen=True)
class Entry:
    """One entry with its place; `said` is what the act has of its own."""

    year: int
    index: int
    kind: str
    at: str
    rules: str
    said: dict[str, Any]


def find(*, year: int | None = None, kind: str = "", text: str = "") -> QuerySet[LogPlace]:
    """Places of the entries that fit, newest first; slice it and read with `entries`."""
    rows = LogPlace.objects.select_related("entry").order_by("-year", "-index")
    if year is not None:
        rows = rows.filter(year=year)
    if kind:
        rows = rows.filter(entry__journal__verb=kind)
    if text:
        rows = rows.extra(  # a body is canonical UTF-8; nothing in the ORM searches bytes
            tables=["books_logentry"],
            where=[
                "books_logentry.id = books_logplace.entry_id",
                "position(%s::bytea in books_logentry.body) > 0",
            ],
            params=[text.encode()],
        )
    return rows


def entries(places: Iterable[LogPlace]) -> Iterator[Entry]:
    """The entries at these places."""
    for row in places:
        said = read_json(bytes(row.entry.body))
        common = {name: said.pop(name) for name in ("kind", "at", "rules")}
        yield Entry(row.year, row.index, said=said, **common)


def places_of(journals: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Year and index of the entries of these acts; an act that is not yet in a log is left out."""
    rows = LogPlace.objects.filter(entry__journal_id__in=list(journals))
    return {
        journal: (year, index)
        for journal, year, index in rows.values_list("entry__journal_id", "year", "index")
    }


def kinds() -> list[str]:
    """Every kind of entry there is."""
    found = LogPlace.objects.values_list("entry__journal__verb", flat=True).distinct()
    return sorted(found)
