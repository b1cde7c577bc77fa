"""Who may verify a project: accredited that day for its field, and with no stake in it.

A verifier that consulted the project, stands in one tree of organisations with its owner or its
consultant, or holds units of it, is left out of the draw and refused when named, and so is one of
the demo for a project that is not. Staff of verifiers may not trade (暂行条例 2024, article 7), nor
verify what they consulted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tanhui.books.models import CreditBlock, LogEntry
from tanhui.core.draws import drawn, seed_of
from tanhui.core.errors import Conflict
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import queries
from tanhui.domain.organisations.models import VERIFIER_BODY, Organisation

ENDED = ("retired", "cancelled")


@dataclass(frozen=True)
class Draw:
    """A draw and all that is needed to redo it."""

    chosen: list[str]
    said: dict[str, Any]


def seed(matter: Matter, verb: str, purpose: str) -> tuple[int, str]:
    """The act whose log entry is the seed, and the seed; the last taken step of that verb."""
    step = Step.objects.filter(matter=matter, verb=verb, is_proposal=False).latest("pk")
    entry = LogEntry.objects.get(journal_id=step.journal_id)
    return step.journal_id, seed_of(bytes(entry.body), f"{purpose}/{matter.number}")


def draw_verifier(matter: Matter, project: Matter, *, scopes: Sequence[str], on: date) -> Draw:
    """One verifier by lot among those who may; raises Conflict where nobody may.

    `scopes` are what the region asks a verifier to be accredited for beside the project's field.
    """
    fit, out = [], {}
    for body in Organisation.objects.filter(kind=VERIFIER_BODY).order_by("pk"):
        why = _stake(body, project)
        if _missing(body, project, scopes, on=on):
            why = "not_accredited"
        if why:
            out[str(body.pk)] = why
        else:
            fit.append(str(body.pk))
    if not fit:
        named = ", ".join((project.data["shape"], *scopes))
        raise Conflict(
            "verifier.none",
            zh=f"没有资质有效且无利益关系的核证机构（领域 {named}，{on}）；"
            "请先登记核证机构及其资质。",
            en=f"No verifier is accredited for {named} on {on} and without a "
            "stake in the project; register one with its accreditation.",
        )
    act, lot = seed(matter, "report", "verifier")
    chosen = drawn(lot, fit, 1)
    said = {"seed_act": str(act), "seed": lot, "candidates": fit, "left_out": out}
    return Draw(chosen, said | {"verifier": chosen[0]})


def check_verifier(number: int, project: Matter, *, scopes: Sequence[str], on: date) -> None:
    """Raises Conflict for a verifier that may not verify the project that day."""
    body = queries.get(number)
    missing = _missing(body, project, scopes, on=on)
    if body.kind != VERIFIER_BODY or missing:
        named = ", ".join(missing or [project.data["shape"]])
        raise Conflict(
            "verifier.not_accredited",
            zh=f"{body.name_zh} 在 {on} 没有领域 {named} 的有效核证资质；"
            "请另行委托，或先续期资质。",
            en=f"{body.name_en} has no accreditation for {named} on {on}; engage another, or renew "
            "it first.",
            missing=missing,
        )
    if why := _stake(body, project):
        raise Conflict(
            "verifier.conflict",
            zh=f"{body.name_zh} 与项目有利益关系（{_STAKES[why]}），不能核证；请另行委托。",
            en=f"{body.name_en} has a stake in the project ({why}) and may not verify it; engage "
            "another.",
            why=why,
        )


_STAKES = {
    "consulted": "曾为项目提供咨询",
    "same_group": "与业主属同一机构体系",
    "holds_units": "持有该项目的减排量",
    "made_up": "为演示机构，只核证演示项目",
}


def _missing(body: Organisation, project: Matter, scopes: Sequence[str], *, on: date) -> list[str]:
    """The project's field and the scopes that a body is not accredited for that day."""
    return [
        field
        for field in (project.data["shape"], *scopes)
        if queries.accreditation(body.pk, field=field, on=on) is None
    ]


def _stake(body: Organisation, project: Matter) -> str:
    """Why a verifier is not free to judge, or ''."""
    if body.is_demo and not project.is_demo:
        return "made_up"
    top = queries.above(body)[-1]
    for why, number in (
        ("consulted", project.data.get("consultant")),
        ("same_group", project.organisation),
    ):
        if number is not None and queries.above(queries.get(number))[-1] == top:
            return why
    tree = [each.pk for each in queries.tree(top.pk)]
    held = CreditBlock.objects.filter(
        issue__source=project.number,
        owner__owner_kind="organisation",
        owner__owner_id__in=tree,
        closed_by__isnull=True,
    )
    return "holds_units" if held.exclude(state__in=ENDED).exists() else ""
