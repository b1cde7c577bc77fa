"""The register as tables for data users: projects, issues, blocks, retirements.

Rows come in order of their numbers, so a reader who fetched before can go on where it stopped.
Of blocks only the open ones: they tile every unit ever issued exactly once. Owners of units are
not public and not in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from tanhui.books.models import RETIRED, CreditBlock, Issue
from tanhui.core.clock import utc_seconds
from tanhui.flows.platform import Platform

from .public_matters import cards, public_matters, public_steps, said
from .public_units import issue_cards, retirement_cards

Json = dict[str, Any]
READ_AT_ONCE = 500
PROJECT = "project"
PROJECT_FACTS = (
    *("methodology", "latitude", "longitude", "started_on"),
    *("credited_from", "credited_to"),
)

COLUMNS: dict[str, tuple[str, ...]] = {
    "projects": (
        *("number", "title", "region", "state", "organisation_zh", "organisation_en"),
        *PROJECT_FACTS,
        *("opened_at", "changed_at", "is_demo"),
    ),
    "issues": (
        *("act", "batch", "serials", "units", "region", "product", "first_day", "last_day"),
        *("source", "at", "log", "is_demo"),
    ),
    "blocks": ("first", "last", "units", "state", "issue", "since"),
    "retirements": (
        *("act", "serials", "units", "beneficiary", "purpose", "matter", "at", "log", "is_demo"),
    ),
}


def rows(platform: Platform, table: str) -> Iterator[Json]:
    """Every row of a table of COLUMNS, read some hundred at a time; raises KeyError."""
    read: dict[str, Callable[[], Iterator[Json]]] = {
        "projects": lambda: _projects(platform),
        "issues": _issues,
        "blocks": _blocks,
        "retirements": _retirements,
    }
    columns = COLUMNS[table]
    return ({name: row.get(name, "") for name in columns} for row in read[table]())


def _projects(platform: Platform) -> Iterator[Json]:
    found = public_matters().filter(kind=PROJECT).order_by("pk").select_related("parent")
    for matters in _some(found.iterator(chunk_size=READ_AT_ONCE)):
        for matter, card in zip(matters, cards(platform, matters), strict=True):
            steps = public_steps().filter(matter=matter).order_by("pk")
            facts = said(platform, matter, steps)
            yield card | {name: facts[name] for name in PROJECT_FACTS if name in facts}


def _issues() -> Iterator[Json]:
    acts = Issue.objects.order_by("pk").values_list("pk", flat=True)
    for some in _some(acts.iterator(chunk_size=READ_AT_ONCE)):
        found = issue_cards(some)
        yield from (_flat(found[act]) for act in some)


def _blocks() -> Iterator[Json]:
    found = CreditBlock.objects.filter(closed_by__isnull=True).select_related("opened_by")
    for row in found.order_by("serials").iterator(chunk_size=READ_AT_ONCE):
        yield {
            "first": row.serials.lower,
            "last": row.serials.upper - 1,
            "units": row.serials.upper - row.serials.lower,
            "state": row.state,
            "issue": row.issue_id,
            "since": utc_seconds(row.opened_by.at),
        }


def _retirements() -> Iterator[Json]:
    acts = CreditBlock.objects.filter(state=RETIRED).order_by("opened_by_id")
    numbers = acts.values_list("opened_by_id", flat=True).distinct()
    for some in _some(numbers.iterator(chunk_size=READ_AT_ONCE)):
        found = retirement_cards(some)
        yield from (_flat(found[act]) for act in some)


def _flat(card: Json) -> Json:
    """Serials as text and the place in the log as `year/index`."""
    log = "/".join(map(str, card["log"])) if card["log"] else ""
    return card | {"serials": ", ".join(card["serials"]), "log": log}


def _some(found: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(found, READ_AT_ONCE)):
        yield some
