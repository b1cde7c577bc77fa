"""Units from batches, and their retirement: the books, the serials and the public log together.

A unit is issued from batches of reductions, each batch at most once, and never more units than the
batches' net reductions hold; what is issued from what stands in the act and in the public log. The
pools of a programme, with carried remainders and a trace to each person, come with the registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from tanhui.books import serials
from tanhui.books.acts import Act, disclose, record
from tanhui.books.assets import credit_code
from tanhui.books.certificates import Issuer
from tanhui.books.models import Batch, Certificate, Journal
from tanhui.books.queries import taken_back_mg
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.serials import SerialRange
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.pools import queries as pools

from .platform import Platform
from .retirement import ORGANISATION, Wording, account_of, any_demo, asset_of, retire, unit_mg
from .sealed_law import find_law

ISSUED = "registry.units.issued"
RETIRED_VERB = "registry.units.retired"
BATCHES_MAX = 10_000


@dataclass(frozen=True, kw_only=True)
class IssueRequest:
    """Who asks for how many units from which batches of reductions, for which organisation."""

    batch: str
    units: int
    from_batches: Sequence[int]
    owner: int
    actor: str
    key: str


@dataclass(frozen=True, kw_only=True)
class RetireRequest:
    """Who retires how many units, for whom and what for; both texts are public."""

    units: int
    owner: int
    beneficiary: str
    purpose: str
    actor: str
    key: str


def issue_units(platform: Platform, request: IssueRequest) -> SerialRange:
    """Issue units to an organisation's account; the same key gives the same serials.

    Raises Conflict when the batches hold less or one was used, InputRefused for an unknown one,
    NotFound for an owner that is no registered organisation.
    """
    batches = sorted(set(request.from_batches))
    asked = {
        "batch": request.batch,
        "units": request.units,
        "from": batches,
        "owner": request.owner,
    }
    with transaction.atomic():
        organisations.get(request.owner)
        serials.lock_issuing()
        known = _of_key(request.key)
        mg_each = unit_mg(platform)
        mg = 0 if known else _usable_mg(platform, batches)
        if not known and mg < request.units * mg_each:
            raise Conflict(
                "units.more_than_reduced",
                zh=f"这些批次净减排 {mg} 毫克，"
                f"不足 {request.units} 个单位（每个 {mg_each} 毫克）。",
                en=f"These batches net {mg} mg, less than {request.units} units of {mg_each} mg.",
            )
        first = serials.next_serial()
        said = SerialRange(first, first + max(request.units, 1) - 1)
        act = Act(
            verb=ISSUED,
            actor=request.actor,
            at=platform.clock(),
            key=request.key,
            request=asked,
            detail=asked,
            rules=_rules(platform),
            public=_public(request, platform, said),
        )
        done = record(act)
        if not done.is_new:
            return serials.issued_by(done.journal)
        return serials.issue(
            journal=done.journal,
            asset=asset_of(platform),
            batch=request.batch,
            units=request.units,
            owner=account_of(platform, request.owner),
            origin=serials.Origin(region=platform.region, is_demo=any_demo(batches)),
        ).serials


def retire_units(platform: Platform, request: RetireRequest, *, issuer: Issuer) -> Certificate:
    """Retire units for good and certify it; the same key gives the same certificate.

    Raises Conflict when the account has fewer, InputRefused for a text that cannot be shown,
    NotFound for an owner that is no registered organisation.
    """
    organisations.get(request.owner)
    wording = Wording(beneficiary=request.beneficiary, purpose=request.purpose)
    wording.check()
    asked = {
        "units": request.units,
        "owner": request.owner,
        "beneficiary": request.beneficiary,
        "purpose": request.purpose,
    }
    with transaction.atomic():
        act = Act(
            verb=RETIRED_VERB,
            actor=request.actor,
            at=platform.clock(),
            key=request.key,
            request=asked,
            detail=asked,
            rules=_rules(platform),
        )
        done = record(act)
        if not done.is_new:
            return Certificate.objects.get(journal_id=done.journal)
        retired = retire(
            replace(platform, issuer=lambda: issuer),
            wording,
            serials.plan(account_of(platform, request.owner), request.units),
            organisation=request.owner,
            journal=done.journal,
            at=act.at,
        )
        disclose(act, done, retired.public)
        return retired.certificate


def holdings(platform: Platform, owner: int) -> list[serials.Block]:
    """The open blocks of an organisation; raises NotFound for one that is not registered."""
    organisations.get(owner)
    return serials.open_blocks(account_of(platform, owner))


def _usable_mg(platform: Platform, batches: Sequence[int]) -> int:
    """Milligrams of the batches less what any batch took back of them since; raises
    InputRefused or Conflict.
    """
    rows = list(Batch.objects.filter(seq__in=batches))
    missing = sorted(set(batches) - {row.seq for row in rows})
    if missing or not rows or len(rows) > BATCHES_MAX:
        raise InputRefused(
            "units.batches_unknown",
            zh=f"请给出 1 至 {BATCHES_MAX} 个已有的批次；没有这些：{missing[:10]}。",
            en=f"Give 1 to {BATCHES_MAX} batches that exist; these do not: {missing[:10]}.",
        )
    used = used_batches() | pools.pooled(batches)
    if again := sorted(used & set(batches)):
        raise Conflict(
            "units.batch_used",
            zh=f"批次 {again[:10]} 的减排量已用于签发，不能再用。",
            en=f"The reductions of the batches {again[:10]} were issued from before.",
        )
    _refuse_templates(platform, rows)
    return sum(row.mg_credited for row in rows) - taken_back_mg(list(batches))


def used_batches() -> set[int]:
    """The batches that units were issued from as a whole; no pool may gather from them."""
    details = Journal.objects.filter(verb=ISSUED).values_list("detail", flat=True)
    return {seq for detail in details for seq in detail["from"]}


def _refuse_templates(platform: Platform, rows: Sequence[Batch]) -> None:
    """What counts by a template's equations is never issued (decision 0013)."""
    for row in rows:
        laws = [find_law(platform, named, batch=row.seq) for named in row.methodologies]
        if templates := sorted({law.code for law in laws if law.inclusion_only}):
            raise Conflict(
                "units.template_not_issued",
                zh=f"批次 {row.seq} 含按模板公式计入的方法学 {'、'.join(templates)}；"
                "这些减排量只计入，不得签发。",
                en=f"Batch {row.seq} counts by templates ({', '.join(templates)}); such "
                "reductions count and are never issued.",
            )


def _public(request: IssueRequest, platform: Platform, said: SerialRange) -> dict[str, object]:
    digests = dict(Batch.objects.filter(seq__in=request.from_batches).values_list("seq", "digest"))
    return {
        "batch": request.batch,
        "units": request.units,
        "serials": [str(said)],
        "owner": f"{ORGANISATION}:{request.owner}",
        "asset": credit_code(platform.programme),
        "unit_mg": str(unit_mg(platform)),
        "from": [f"{seq}:{digest}" for seq, digest in sorted(digests.items())],
        **({"is_demo": True} if any_demo(request.from_batches) else {}),
    }


def _of_key(key: str) -> bool:
    return Journal.objects.filter(idempotency_key=key).exists()


def _rules(platform: Platform) -> str:
    rule = platform.rulesets.value("issue.unit_mg", region=platform.region, on=platform.today)
    return f"{rule.region}@{rule.valid_from}"
