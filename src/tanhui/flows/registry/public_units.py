"""Issues, retirements and single units as the public may see them.

All of it stands in the public log already. Who holds units now does not, and is not shown; nor is
the address of a certificate, which only its holder gives away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from tanhui.books import serials
from tanhui.books.models import RETIRED, CreditBlock, Issue, Journal, LogEntry
from tanhui.books.translog.browsing import places_of
from tanhui.core.canonical import read_json
from tanhui.core.clock import utc_seconds
from tanhui.core.errors import NotFound
from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Matter

from .public_matters import MASKED, public_matters, public_steps

Json = dict[str, Any]

BLOCKS_SHOWN = 200
DAMAGE_ACTS = "registry.damage."
RETIREMENT_FACTS = ("beneficiary", "purpose", "second_purpose")


def issue_cards(acts: Iterable[int]) -> dict[int, Json]:
    """Issues by their act: batch, serials, units, origin, place in the log."""
    rows = Issue.objects.filter(pk__in=list(acts)).select_related("journal")
    places = places_of([row.pk for row in rows])
    shown = public_matters().filter(number__in={row.source for row in rows})
    public = set(shown.values_list("number", flat=True))
    return {
        row.pk: _issue(row, places.get(row.pk)) | {"is_source_public": row.source in public}
        for row in rows
    }


def _issue(row: Issue, place: tuple[int, int] | None) -> Json:
    of = SerialRange(row.serials.lower, row.serials.upper - 1)
    return {
        "act": row.pk,
        "batch": row.batch,
        "first": of.first,
        "serials": [str(of)],
        "units": of.units,
        "region": row.region,
        "product": row.product,
        "first_day": row.first_day.isoformat() if row.first_day else "",
        "last_day": row.last_day.isoformat() if row.last_day else "",
        "source": row.source,
        "is_demo": row.is_demo,
        "at": utc_seconds(row.journal.at),
        "log": place,
    }


def retirement_cards(acts: Iterable[int]) -> dict[int, Json]:
    """Retirements by their act: serials, units, for whom and what for as the log says it."""
    wanted = list(acts)
    parts: dict[int, list[SerialRange]] = defaultdict(list)
    rows = CreditBlock.objects.filter(opened_by__in=wanted, state=RETIRED).order_by("serials")
    for row in rows:
        parts[row.opened_by_id].append(SerialRange(row.serials.lower, row.serials.upper - 1))
    entries = dict(LogEntry.objects.filter(journal__in=wanted).values_list("journal_id", "body"))
    moments = dict(Journal.objects.filter(pk__in=wanted).values_list("pk", "at"))
    places = places_of(wanted)
    return {
        act: {
            "act": act,
            "first": found[0].first,
            "serials": [str(part) for part in found],
            "units": sum(part.units for part in found),
            **_retirement_facts(read_json(bytes(entries[act])) if act in entries else {}),
            "at": utc_seconds(moments[act]),
            "log": places.get(act),
        }
        for act, found in parts.items()
    }


def _retirement_facts(said: Mapping[str, Any]) -> Json:
    """For whom and what for; of a damage case nobody's name, though the log may say it."""
    if str(said.get("kind", "")).startswith(DAMAGE_ACTS):
        said = {name: said[name] for name in said if name != "beneficiary"}
    facts = {name: said[name] for name in RETIREMENT_FACTS if isinstance(said.get(name), str)}
    base = {"beneficiary": "", "purpose": "", "matter": str(said.get("matter", ""))}
    return base | facts | {"is_demo": bool(said.get("is_demo"))}


def unit(text: str) -> Json:
    """Where one unit stands: its block, the blocks it stood in, its issue and its retirement.

    Raises NotFound for what is no serial number and for a unit that was never issued.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and int(text)):
        raise NotFound(
            "register.serial_malformed",
            zh=f"“{text[:40]}”不是序列号；序列号是一个整数，如 1024，印在证书上。",
            en=f"'{text[:40]}' is no serial number; it is a whole number such as 1024, printed on "
            "the certificate.",
        )
    serial = int(text)
    block = serials.block_at(serial)
    history = serials.lineage(serial)
    places = places_of([row.opened_by_id for row in history])
    moments = dict(
        Journal.objects.filter(pk__in=[row.opened_by_id for row in history]).values_list("pk", "at")
    )
    retired = [row.opened_by_id for row in history if row.state == RETIRED]
    return {
        "serial": serial,
        "state": block.state,
        "serials": str(block.serials),
        "units": block.serials.units,
        "issue": issue_cards([block.issue])[block.issue],
        "retirement": retirement_cards(retired[:1]).get(retired[0]) if retired else None,
        "lineage": [
            {
                "serials": str(SerialRange(row.serials.lower, row.serials.upper - 1)),
                "units": row.serials.upper - row.serials.lower,
                "state": row.state,
                "at": utc_seconds(moments[row.opened_by_id]),
                "log": places.get(row.opened_by_id),
            }
            for row in history
        ],
    }


def retired_by(matter: Matter) -> list[Json]:
    """What a matter's public steps retired; of cases about people nothing."""
    if matter.kind in MASKED:
        return []
    acts = public_steps().filter(matter=matter).values_list("journal_id", flat=True)
    return list(retirement_cards(acts).values())


def units_of(matters: Iterable[str]) -> Json:
    """What was issued from these matters: {issues, blocks, states, retirements, more}.

    `blocks` are the open ones by serial, at most BLOCKS_SHOWN; `states` counts units over all.
    """
    issues = list(Issue.objects.filter(source__in=list(matters)).order_by("pk"))
    open_ = CreditBlock.objects.filter(issue__in=issues, closed_by__isnull=True).order_by("serials")
    states: dict[str, int] = defaultdict(int)
    blocks: list[Json] = []
    retired: list[int] = []
    count = 0
    for row in open_.iterator():
        of = SerialRange(row.serials.lower, row.serials.upper - 1)
        states[row.state] += of.units
        count += 1
        if len(blocks) < BLOCKS_SHOWN:
            shown = {"serials": str(of), "first": of.first, "units": of.units, "state": row.state}
            blocks.append(shown)
            if row.state == RETIRED and row.opened_by_id not in retired:
                retired.append(row.opened_by_id)
    found = issue_cards([one.pk for one in issues])
    return {
        "issues": [found[one.pk] for one in issues],
        "blocks": blocks,
        "states": dict(states),
        "retirements": list(retirement_cards(retired).values()),
        "more": count - len(blocks),
    }
