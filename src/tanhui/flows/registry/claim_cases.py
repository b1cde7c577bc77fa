"""A refused claim becomes a case: evidence of both sides, a decision by two, an appeal.

The refusal has undone its own transaction; the case is opened in another, once for each pair of
claims and kind of thing, by nobody in particular and about no person: its evidence are keyed
digests and the acts that wrote them. What is decided moves claims when it is final (lifecycle
`claim_conflict`; 沪环规〔2025〕10号, article 3: what another market counts is not counted here).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from tanhui.books.acts import Act, record
from tanhui.books.models import CANCELLED, CreditBlock
from tanhui.core.canonical import canonical_json
from tanhui.core.errors import Conflict
from tanhui.domain.claims import queries, services
from tanhui.domain.claims.errors import ClaimedTwice, Doubling, Holder
from tanhui.domain.matters import services as matters
from tanhui.domain.matters.models import Matter
from tanhui.domain.matters.services import Beginning, Taken, Who
from tanhui.engine.section import Text
from tanhui.flows.platform import Platform

from .effects import Done, Effect, Effects, Moment
from .kept import content_of, keep_made

KIND = "claim_conflict"
EVIDENCE = "keyed_claims"
REGISTER = "register"
"""The role under which a case opens by itself."""
ASKING, HOLDING, NOBODY = "asking", "holding", "nobody"
NAMES = {
    "ride": Text("出行", "ride"),
    "meter": Text("电表", "meter"),
    "vehicle": Text("车辆", "vehicle"),
    "plot": Text("地块", "plot"),
    "certificate": Text("证书", "certificate"),
    "asset": Text("项目设施", "asset of a project"),
}
_OPENING = 0x7461_6363_0000_0000  # advisory lock: one opening at a time


def refused(platform: Platform, error: ClaimedTwice) -> ClaimedTwice:
    """The refusal with its case, opened now unless it stands already; call it outside the refused
    transaction, and raise what it returns.
    """
    with transaction.atomic():
        case = _standing(error.doubling) or _opened(platform, error)
    error.name_case(case.number, f"/desk/matters/{case.number}")
    return error


def pair_of(doubling: Doubling) -> str:
    """One name for two claims and a kind of thing, whichever of them asks."""
    two = sorted(
        canonical_json(_named(each)).decode() for each in (doubling.asking, doubling.holding)
    )
    return hashlib.sha256(canonical_json({"kind": doubling.kind, "claims": two})).hexdigest()


def _standing(doubling: Doubling) -> Matter | None:
    """The case of this pair: one that is open, or settled, which a new claim does not reopen.

    What a case keeps from everybody is that case's.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENING])
    either = Q(data__pair=pair_of(doubling))
    if doubling.holding.peer_id is None:
        either |= Q(number=doubling.holding.reference)
    found = Matter.objects.filter(either, kind=KIND)
    return found.exclude(state="withdrawn").order_by("-pk").first()


def _opened(platform: Platform, error: ClaimedTwice) -> Matter:
    doubling, at = error.doubling, platform.clock()
    lifecycle, pair = platform.lifecycles[KIND], pair_of(doubling)
    name, about = NAMES[doubling.kind], _about(doubling)
    earlier = Matter.objects.filter(kind=KIND, data__pair=pair).count()
    act = Act(
        verb=f"registry.{KIND}.open",
        actor=REGISTER,
        at=at,
        key=f"claim-case/{pair}/{earlier}",
        request={"pair": pair, "refused": error.code},
        detail={"kind": KIND},
    )
    journal = record(act).journal
    matter = matters.begin(
        Beginning(
            kind=KIND,
            letter=lifecycle.letter,
            region=about.region if about else platform.region,
            title=f"{lifecycle.title.zh}：{name.zh}",
            state=lifecycle.opens.to,
            organisation=about.organisation if about else None,
            parent=None,
            data={"pair": pair},
            is_demo=about.is_demo if about else False,
        ),
        at=at,
    )
    said = {
        "thing": doubling.kind,
        "other_scheme": doubling.holding.scheme,
        "grounds": error.zh,
        "about": about.number if about else "",
    }
    who = Who(user=0, role=REGISTER)
    taken = Taken(verb="open", state_after=matter.state, note="", data=said)
    matters.write_step(matter, taken, who=who, at=at, journal=journal)
    moment = Moment(
        platform=platform,
        matter=matter,
        verb="open",
        data=said,
        who=who,
        at=at,
        today=platform.today,
        journal=journal,
    )
    card = keep_made(moment, EVIDENCE, _evidence(doubling), is_public=False)
    matters.keep(matter, {"evidence_sha256": card.sha256, "shared": len(doubling.digests)})
    return matter


def _evidence(doubling: Doubling) -> dict[str, Any]:
    """The two keyed claims: what they share, and the acts that wrote the one that holds it."""
    return {
        "kind": doubling.kind,
        "digests": [digest.hex() for digest in doubling.digests],
        ASKING: _named(doubling.asking),
        HOLDING: _named(doubling.holding)
        | {"acts": queries.acts_of(doubling.holding, doubling.digests)},
    }


def _named(holder: Holder) -> dict[str, Any]:
    """A claim as a case names it: a peer's own reference by its digest alone."""
    if holder.peer_id is None:
        return {"scheme": holder.scheme, "matter": holder.reference, "peer": 0}
    name = hashlib.sha256(f"{holder.peer_id}/{holder.reference}".encode()).hexdigest()
    return {"scheme": holder.scheme, "matter": name, "peer": holder.peer_id}


def _about(doubling: Doubling) -> Matter | None:
    """The matter of ours that the case is about: of who asks, else of who holds."""
    ours = [one.reference for one in (doubling.asking, doubling.holding) if one.peer_id is None]
    return Matter.objects.filter(number=ours[0]).first() if ours else None


def _check_final(moment: Moment) -> None:
    """A holder that loses has no units left from what it claimed."""
    kept_by, found = moment.said("kept_by"), _kept_evidence(moment)
    if found is None or kept_by == HOLDING:
        return
    number = found[HOLDING]["matter"]
    holder = Matter.objects.select_related("parent").filter(number=number).first()
    if holder is None:
        return
    source = holder.parent if holder.kind == "monitoring" and holder.parent else holder
    blocks = CreditBlock.objects.filter(issue__source=source.number, closed_by__isnull=True)
    if blocks.exclude(state=CANCELLED).exists():
        raise Conflict(
            "claim.units_live",
            zh=f"{source.number} 的减排量已签发且尚未作废，其申领不能让出；请先办理冻结与追回，"
            "或裁定归现登记方。",
            en=f"Units of {source.number} are issued and not cancelled, so its claim cannot be "
            "given up; recall them first, or decide for who holds it.",
            matter=source.number,
        )


def _final(moment: Moment) -> Done:
    """Move the claims as decided: freed for who asks, or kept from both by the case itself."""
    kept_by, found = moment.said("kept_by"), _kept_evidence(moment)
    public = {"thing": moment.said("thing"), "kept_by": kept_by}
    if found is None or kept_by == HOLDING:
        return Done(public=public)
    shared = [bytes.fromhex(each) for each in found["digests"]]
    freed: list[bytes] = []
    for holder, digests in queries.by_holder(shared, acts=found[HOLDING]["acts"]).items():
        freed += services.withdraw_shared(holder, digests, journal=moment.journal)
    if kept_by == NOBODY and freed:
        own = Holder(scheme=moment.platform.programme, reference=moment.matter.number)
        services.claim(own, found["kind"], freed, journal=moment.journal)
    return Done(result={"digests": len(freed)}, public=public)


def _kept_evidence(moment: Moment) -> dict[str, Any] | None:
    """The keyed claims of a case that opened by itself; None for one that somebody opened."""
    digest = moment.matter.data.get("evidence_sha256")
    if digest is None:
        return None
    card = moment.matter.documents.get(kind=EVIDENCE, sha256=digest)
    found: dict[str, Any] = json.loads(content_of(moment.platform, card))
    return found


EFFECTS: Effects = {
    (KIND, "conclude"): Effect(check=_check_final, run=_final),
    (KIND, "settle"): Effect(check=_check_final, run=_final),
}
