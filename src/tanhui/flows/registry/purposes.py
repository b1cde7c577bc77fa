"""Purposes of a retirement: their names, which the region allows, and which two go together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tanhui.core.errors import Conflict
from tanhui.domain.matters.models import Matter
from tanhui.engine.section import Text
from tanhui.flows.platform import Platform
from tanhui.flows.retirement import Wording

DAMAGE, OFFSET, EVENT = "damage", "offset", "event"
ORGANISATION, PRODUCT = "organisation", "product"
MEASURED = frozenset({EVENT, ORGANISATION, PRODUCT})
"""Purposes for which an inventory says how many units it takes, rounded up."""


def names(platform: Platform) -> dict[str, Text]:
    """The purposes as the form of a use names them, and damage compensation."""
    opens = platform.lifecycles["use"].opens
    (field,) = (field for field in opens.fields if field.key == "purpose")
    found = {choice.value: choice.name for choice in field.choices}
    return found | {DAMAGE: Text("生态环境损害赔偿", "damage compensation")}


def check_allowed(
    platform: Platform, first: str, second: str | None, *, region: str, on: date
) -> None:
    """Raises Conflict for a purpose, or a pair, that the region's rules do not allow."""
    rules, known = platform.rulesets.at(region=region, on=on), names(platform)
    allowed = rules.purposes()
    for purpose in filter(None, (first, second)):
        if purpose not in allowed:
            raise Conflict(
                "use.purpose_not_allowed",
                zh=f"{region} 的规则不准许用途“{known[purpose].zh}”；"
                f"准许的有：{'、'.join(allowed)}。",
                en=f"The rules of {region} do not allow the purpose '{known[purpose].en}'; "
                f"allowed: {', '.join(allowed)}.",
            )
    if second is not None and (second == first or not rules.allows_both(first, second)):
        raise Conflict(
            "use.two_purposes_not_allowed",
            zh=f"{region} 的规则不准许一次注销同时写明“{known[first].zh}”与“{known[second].zh}”；"
            "请只写一个用途，或由主管部门先变更规则。",
            en=f"The rules of {region} do not let one retirement state '{known[first].en}' and "
            f"'{known[second].en}'; state one, or have the authority change the rule first.",
        )


def wording(
    platform: Platform,
    matter: Matter,
    *,
    beneficiary: str,
    purposes: tuple[str, ...],
    details: Mapping[str, str],
) -> Wording:
    """What the certificate and the log say: every purpose by name, the matter, the details."""
    known = names(platform)
    return Wording(
        beneficiary=beneficiary,
        purpose="；".join(f"{known[one].zh} {known[one].en}" for one in purposes),
        purposes=purposes,
        details={"case": matter.number} | {key: text for key, text in details.items() if text},
    )


def report_digest(matter: Matter, kind: str) -> str:
    """The SHA-256 of the newest document of a kind, as certificates name a report; '' for none."""
    found = matter.documents.filter(kind=kind).order_by("-id").first()
    return f"sha256:{found.sha256}" if found is not None else ""
