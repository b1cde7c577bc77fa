"""Units from batches, and their retirement: the books, the serials and the public log together.

A unit is issued from batches of reductions, each batch at most once, and never more units than the
batches' net reductions hold; what is issued from what stands in the act and in the public log. The
pools of a programme, with carried remainders and a trace to each person, come with the registry.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.acts import Act, record
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.certificates import TOKEN_BYTES, Issuer, Retirement, certify, retired_by
from tanhui.books.models import RETIRED, Batch, Certificate, Journal
from tanhui.books.queries import taken_back_mg
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.serials import SerialRange
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.partners import queries as partners
from tanhui.domain.pools import queries as pools

from .platform import Platform
from .sealed_law import find_law

ISSUED = "registry.units.issued"
RETIRED_VERB = "registry.units.retired"
ORGANISATION = "organisation"
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
        unit_mg = _unit_mg(platform)
        mg = 0 if known else _usable_mg(platform, batches)
        if not known and mg < request.units * unit_mg:
            raise Conflict(
                "units.more_than_reduced",
                zh=f"这些批次净减排 {mg} 毫克，"
                f"不足 {request.units} 个单位（每个 {unit_mg} 毫克）。",
                en=f"These batches net {mg} mg, less than {request.units} units of {unit_mg} mg.",
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
        asset = _asset(platform)
        owner = ensure_owner(ORGANISATION, request.owner, asset)
        return serials.issue(
            journal=done.journal,
            asset=asset,
            batch=request.batch,
            units=request.units,
            owner=owner,
        ).serials


def retire_units(platform: Platform, request: RetireRequest, *, issuer: Issuer) -> Certificate:
    """Retire units for good and certify it; the same key gives the same certificate.

    Raises Conflict when the account has fewer, InputRefused for a text that cannot be shown,
    NotFound for an owner that is no registered organisation.
    """
    organisations.get(request.owner)
    for name_zh, name_en, text in (
        ("受益人", "beneficiary", request.beneficiary),
        ("用途", "purpose", request.purpose),
    ):
        _check_text(name_zh, name_en, text)
    asked = {
        "units": request.units,
        "owner": request.owner,
        "beneficiary": request.beneficiary,
        "purpose": request.purpose,
    }
    with transaction.atomic():
        asset = _asset(platform)
        owner = ensure_owner(ORGANISATION, request.owner, asset)
        ahead = [] if _of_key(request.key) else serials.plan(owner, request.units)
        parts = [str(part) for part in ahead]
        is_demo = _is_demo(ahead)
        act = Act(
            verb=RETIRED_VERB,
            actor=request.actor,
            at=platform.clock(),
            key=request.key,
            request=asked,
            detail=asked | {"is_demo": is_demo},
            rules=_rules(platform),
            public=asked
            | ({"is_demo": True} if is_demo else {})
            | {"owner": f"{ORGANISATION}:{request.owner}", "serials": parts}
            | {"asset": credit_code(platform.programme), "unit_mg": str(_unit_mg(platform))},
        )
        done = record(act)
        if not done.is_new:
            return Certificate.objects.get(journal_id=done.journal)
        serials.take(journal=done.journal, owner=owner, units=request.units, state=RETIRED)
        retirement = Retirement(
            journal=done.journal,
            at=act.at,
            beneficiary=request.beneficiary,
            purpose=request.purpose,
            asset=credit_code(platform.programme),
            unit_mg=_unit_mg(platform),
            serials=retired_by(done.journal),
            is_demo=is_demo,
        )
        assert [str(part) for part in retirement.serials] == parts, "the log says what was retired"
        return certify(retirement, issuer=issuer, token=secrets.token_urlsafe(TOKEN_BYTES))


def holdings(platform: Platform, owner: int) -> list[serials.Block]:
    """The open blocks of an organisation; raises NotFound for one that is not registered."""
    organisations.get(owner)
    return serials.open_blocks(ensure_owner(ORGANISATION, owner, _asset(platform)))


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
        "unit_mg": str(_unit_mg(platform)),
        "from": [f"{seq}:{digest}" for seq, digest in sorted(digests.items())],
        **({"is_demo": True} if _any_demo(request.from_batches) else {}),
    }


def _is_demo(parts: Sequence[SerialRange]) -> bool:
    """Whether any of the units came from what a made-up partner delivered."""
    issues = {serials.block_at(part.first).issue for part in parts}
    details = Journal.objects.filter(pk__in=issues).values_list("detail", flat=True)
    batches = {seq for detail in details for seq in detail.get("from", [])}
    batches |= {seq for issue in issues for seq in pools.batches_of(issue)}
    return _any_demo(batches)


def _any_demo(batches: Collection[int]) -> bool:
    deliverers = Batch.objects.filter(seq__in=batches).values_list("partner_id", flat=True)
    return partners.any_demo(set(deliverers))


def _of_key(key: str) -> bool:
    return Journal.objects.filter(idempotency_key=key).exists()


def _asset(platform: Platform) -> int:
    code = credit_code(platform.programme)
    return ensure_assets([code])[code]


def _unit_mg(platform: Platform) -> int:
    return platform.rulesets.unit_mg(region=platform.region, on=platform.clock().date())


def _rules(platform: Platform) -> str:
    rule = platform.rulesets.value(
        "issue.unit_mg", region=platform.region, on=platform.clock().date()
    )
    return f"{rule.region}@{rule.valid_from}"


def _check_text(name_zh: str, name_en: str, text: str) -> None:
    if not (0 < len(text.strip()) <= 200 and text.isprintable()):
        raise InputRefused(
            "units.text_malformed",
            zh=f"{name_zh}应为 1 至 200 个可见字符；它会印在证书上并公开。",
            en=f"The {name_en} must have 1 to 200 printable characters; it is printed on the "
            "certificate and public.",
        )
