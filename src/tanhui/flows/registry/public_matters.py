"""Matters as the public may see them: which ones, and what of each.

A matter is public from its first public step or notice on; a use that takes citizens' gifts from
its opening. Then anybody may know its state, its
public steps with what they said, its public notices and documents. Notes, other steps and who took
them stay inside. Of kinds in `MASKED` people are the subject: no title, no party, no particulars.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from tanhui.books.models import LogEntry
from tanhui.books.translog.browsing import places_of
from tanhui.core.canonical import read_json
from tanhui.core.clock import utc_seconds
from tanhui.domain.matters import errors
from tanhui.domain.matters.models import Document, Matter, Notice, Step
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.platform import Platform

from . import reading
from .drives import USE, takes_gifts
from .matters import lifecycle_of, today

Json = dict[str, Any]

MASKED = frozenset({"damage", "claim_conflict"})
APPLICATION_KINDS = frozenset({"project", "scene", "methodology", "monitoring", "use"})
"""Kinds whose application is public with them: what is registered or used, where, since when. Its
tables are not, for they may name people."""
PUBLIC_OUTCOMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "use": {"retire": ("calculated", "is_large"), "accept": ("offset",)},
    "project": {"register": ("held",)},
    "monitoring": {"report": ("held",), "issue": ("totals", "vintages")},
}
"""What a step worked out that is public with it: who claims to be neutral shows the arithmetic."""
POOLED = ("people", "kept", "units")


def public_steps() -> QuerySet[Step]:
    """The steps that stand in the public log; a proposal never does."""
    return Step.objects.filter(
        journal_id__in=LogEntry.objects.values("journal_id"), is_proposal=False
    )


def public_matters() -> QuerySet[Matter]:
    """The matters that anybody may look at."""
    return Matter.objects.filter(
        Q(pk__in=public_steps().values("matter_id"))
        | Q(pk__in=Notice.objects.values("matter_id"))
        | Q(kind=USE, data__takes_gifts=True)
    )


def find(number: str) -> Matter:
    """A public matter; raises NotFound for what does not exist and what is not public."""
    found = public_matters().select_related("parent").filter(number=number).first()
    if found is None:
        raise errors.matter_unknown(number)
    return found


def find_notice(matter: Matter, number: int) -> Notice:
    """A notice of the matter; raises NotFound."""
    found = Notice.objects.filter(pk=number, matter=matter).first()
    if found is None:
        raise errors.notice_unknown(number)
    return found


def cards(platform: Platform, found: Iterable[Matter]) -> list[Json]:
    """What lists show of matters: `reading.summary` with the organisation's names, or masked."""
    rows = list(found)
    wanted = {row.organisation for row in rows if row.organisation is not None}
    names = {one.pk: one for one in Organisation.objects.filter(pk__in=wanted)}
    return [_card(platform, row, names.get(row.organisation or 0)) for row in rows]


def _card(platform: Platform, matter: Matter, owner: Organisation | None) -> Json:
    card = reading.summary(platform, matter)
    if matter.kind in MASKED:
        card |= {"title": card["kind_name"]["zh"], "organisation": None}
        owner = None
    return card | {
        "organisation_zh": owner.name_zh if owner else "",
        "organisation_en": owner.name_en if owner else "",
    }


def whole(platform: Platform, matter: Matter) -> Json:
    """A public matter for its page: card, facts, steps, documents, notices, what belongs to it."""
    steps = list(public_steps().filter(matter=matter).order_by("pk"))
    children = public_matters().filter(parent=matter).select_related("parent").order_by("pk")
    (card,) = cards(platform, [matter])
    return card | {
        "facts": reading.facts(platform, matter, said(platform, matter, steps)),
        "kept": _kept(platform, matter, steps),
        "steps": _steps(platform, matter, steps),
        "documents": [
            reading.document(one) for one in matter.documents.filter(is_public=True).order_by("pk")
        ],
        "notices": [
            reading.notice(one)
            | {
                "is_open": is_open(platform, one),
                "step": _step_name(platform, matter, one.verb),
            }
            for one in matter.notices.order_by("-last_day", "-pk")
        ],
        "children": cards(platform, children),
    }


def said(platform: Platform, matter: Matter, steps: Iterable[Step]) -> Json:
    """What the public steps said, and the application's words where those are public too."""
    if matter.kind in MASKED:
        return {}
    rules = lifecycle_of(platform, matter.kind)
    found: Json = {}
    if matter.kind in APPLICATION_KINDS or takes_gifts(matter):
        keys = [field.key for field in rules.opens.fields if field.type != "table"]
        found = {key: matter.data[key] for key in keys if key in matter.data}
    for step in steps:
        found |= step.data
    return found


def _kept(platform: Platform, matter: Matter, steps: Iterable[Step]) -> Json:
    """What the platform worked out for a public step, such as an inventory beside its claims."""
    verbs = {step.verb for step in steps}
    wanted = {
        key
        for verb, keys in PUBLIC_OUTCOMES.get(matter.kind, {}).items()
        if verb in verbs
        for key in keys
    }
    found = {key: one for key, one in reading.kept(platform, matter).items() if key in wanted}
    return found | ({"pooled": told} if (told := _pooled(matter)) else {})


def _pooled(matter: Matter) -> Json:
    """The figures of a pool as its entry in the log has them: amounts only of enough people."""
    if matter.kind != "pool":
        return {}
    issued = LogEntry.objects.filter(
        journal_id__in=public_steps().filter(matter=matter, verb="issue").values("journal_id")
    ).first()
    told = read_json(bytes(issued.body)) if issued is not None else {}
    return {key: one for key, one in told.items() if key in POOLED or key.endswith("_mg")}


def document(matter: Matter, number: int) -> Document:
    """A public document of the matter; raises NotFound."""
    found = matter.documents.filter(pk=number, is_public=True).first()
    if found is None:
        raise errors.document_unknown()
    return found


def is_open(platform: Platform, notice: Notice) -> bool:
    """Whether a notice takes comments: its last day is not over, nor is its matter."""
    matter = notice.matter
    has_ended = matter.state in lifecycle_of(platform, matter.kind).ends()
    return notice.last_day >= today(platform) and not has_ended


def notices(platform: Platform, *, open_now: bool, region: str = "") -> QuerySet[Notice]:
    """Public notices: those that end first in front, or the closed ones, the last ended first."""
    rows = Notice.objects.select_related("matter", "matter__parent")
    if region:
        rows = rows.filter(matter__region__startswith=region)
    ended = Q()
    for kind, lifecycle in platform.lifecycles.items():
        ended |= Q(matter__kind=kind, matter__state__in=sorted(lifecycle.ends()))
    open_ones = Q(last_day__gte=today(platform)) & ~ended
    if open_now:
        return rows.filter(open_ones).order_by("last_day", "pk")
    return rows.exclude(open_ones).order_by("-last_day", "-pk")


def notices_by_opening() -> QuerySet[Notice]:
    """Every public notice, the newest first."""
    rows = Notice.objects.select_related("matter", "matter__parent")
    return rows.order_by("-opened_on", "-pk")


def notice_cards(platform: Platform, found: Iterable[Notice]) -> list[Json]:
    """Notices for lists and feeds: days, how many spoke, and the matter's card."""
    rows = list(found)
    of_matter = {
        row.pk: card
        for row, card in zip(rows, cards(platform, [row.matter for row in rows]), strict=True)
    }
    return [
        reading.notice(row)
        | {
            "matter": of_matter[row.pk],
            "step": _step_name(platform, row.matter, row.verb),
            "is_open": is_open(platform, row),
        }
        for row in rows
    ]


def _steps(platform: Platform, matter: Matter, steps: list[Step]) -> list[Json]:
    places = places_of([step.journal_id for step in steps])
    rules = lifecycle_of(platform, matter.kind)
    return [
        {
            "verb": step.verb,
            "name": _step_name(platform, matter, step.verb),
            "to": {"zh": state.zh, "en": state.en},
            "at": utc_seconds(step.at),
            "log": places.get(step.journal_id),
        }
        for step in steps
        for state in [rules.states[step.state_after]]
    ]


def _step_name(platform: Platform, matter: Matter, verb: str) -> Json:
    rules = lifecycle_of(platform, matter.kind)
    name = rules.steps.get(verb, rules.opens).name
    return {"zh": name.zh, "en": name.en}
