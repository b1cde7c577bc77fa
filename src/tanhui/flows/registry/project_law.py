"""Which methodology a project follows: the ones that fit its place, and the one that is frozen.

A project keeps the texts of its methodology from its registration on; every period is worked out
by those texts, whatever the library says later. Equations nobody stands for credit nothing; a
made-up project of a demo may use them, and what it is issued is marked as made up everywhere.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.period import day_number
from tanhui.core.region import Region
from tanhui.domain.matters.models import Matter
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.project.verify import methodology_of
from tanhui.flows.lawbook import find_methodology
from tanhui.flows.platform import Platform

from .effects import Moment
from .kept import content_of, keep_made

FROZEN = "frozen_methodology"


def fitting(platform: Platform, *, region: str, shape: str = "", on: date) -> list[dict[str, Any]]:
    """The project methodologies for a place: what each asks, and what may be done with it."""
    lineage = Region(region).lineage()
    standings = {
        (each.code, each.version): each.standing
        for each in platform.library.status(on=on).methodologies
    }
    return [
        {
            "code": law.code,
            "version": law.version,
            "title_zh": law.title.zh,
            "title_en": law.title.en,
            "shape": law.shape,
            "equations": law.status.equations,
            "standing": standings[law.code, law.version],
            "questions": [
                {
                    "id": question.id,
                    "zh": question.text.zh,
                    "en": question.text.en,
                    "needs_evidence": question.needs_evidence,
                    "source": question.reference,
                }
                for question in law.applicability
            ],
        }
        for law in platform.library.projects
        if law.is_for(lineage) and shape in ("", law.shape)
    ]


def chosen(platform: Platform, matter: Matter, code: str, *, on: date) -> ProjectMethodology:
    """The methodology a project names, if it may be used there that day.

    Raises NotFound, InputRefused for another place or kind, Conflict when it is not in force or
    not for crediting.
    """
    law = find_methodology(platform, code)
    if not isinstance(law, ProjectMethodology):
        raise InputRefused(
            "project.methodology.no_project",
            zh=f"{code} 按记录计量，不是项目方法学；请从项目方法学中选择。",
            en=f"{code} counts records and is no project methodology; choose one of those.",
        )
    if not law.is_for(Region(matter.region).lineage()):
        raise InputRefused(
            "project.methodology.elsewhere",
            zh=f"方法学 {code} 只用于 {'、'.join(law.regions)}，不用于 {matter.region}；请另选。",
            en=f"{code} is for {', '.join(law.regions)}, not for {matter.region}; choose another.",
        )
    check_usable(law, matter, on=on)
    return law


def check_usable(law: ProjectMethodology, matter: Matter, *, on: date) -> None:
    """Raises Conflict unless the methodology is in force and, for real projects, creditable."""
    if not law.in_force_on(day_number(on)):
        raise Conflict(
            "project.methodology.not_in_force",
            zh=f"方法学 {law.code} {law.version} 在 {on} 没有施行，不能用于项目；"
            "请选用施行中的版本。",
            en=f"{law.code} {law.version} is not in force on {on} and not for projects; take the "
            "version in force.",
        )
    if not (law.enabled and law.equations and (law.creditable or matter.is_demo)):
        raise Conflict(
            "project.methodology.not_creditable",
            zh=f"方法学 {law.code} 的公式状态为 {law.status.equations}，不能用于签发；"
            "请等主管部门公布或确认正文。",
            en=f"The equations of {law.code} are {law.status.equations} and not for crediting; "
            "wait until the authority publishes or confirms them.",
        )


def freeze(moment: Moment, law: ProjectMethodology) -> dict[str, str]:
    """Keep the texts with the project; returns the identity that its data hold from now on."""
    document = keep_made(moment, FROZEN, {"texts": dict(law.texts)})
    return {
        "methodology_version": law.version,
        "methodology_digest": law.digest,
        "methodology_sha256": document.sha256,
        "shape": law.shape,
    }


def frozen_law(platform: Platform, project: Matter) -> ProjectMethodology:
    """The methodology of a registered project, read from its own texts."""
    card = project.documents.get(kind=FROZEN, sha256=project.data["methodology_sha256"])
    texts = json.loads(content_of(platform, card))["texts"]
    law = methodology_of({str(name): str(text) for name, text in texts.items()})
    assert law.digest == project.data["methodology_digest"], "the texts are those of registration"
    return law
