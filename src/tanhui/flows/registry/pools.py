"""What the steps of a pool bring about: gathering its slices, issuing its units, letting them go.

Everything of an issue is one transaction: units, marks of use, debts and the act with its log
entry. The trace file is written and on disk before it; a crash in between leaves a file that
nobody names, and the next attempt writes the same bytes under the same name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
from django.db import connection

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.assets import city_code, credit_code, ensure_assets
from tanhui.books.models import OPERATOR, PARTNER, Batch
from tanhui.books.posting import head
from tanhui.books.using import Other, mark_used
from tanhui.core.canonical import canonical_json
from tanhui.core.errors import Conflict
from tanhui.domain.partners import queries as partners
from tanhui.domain.pools import errors, queries, services
from tanhui.domain.pools.models import Pool, PoolIssue, Slice
from tanhui.domain.pools.services import Scope
from tanhui.engine.batch.events import Columns, concatenate, length, take
from tanhui.engine.pooling.assemble import PLACED_TYPES, Line, assemble
from tanhui.engine.pooling.gather import Figures, Left
from tanhui.engine.pooling.line import sum_of
from tanhui.engine.pooling.trace import write_trace
from tanhui.engine.rule_answers import deducted
from tanhui.flows.units import used_batches

from .effects import Done, Effect, Effects, Moment
from .pool_evidence import (
    Back,
    Laws,
    carried_rows,
    first_day,
    last_day,
    own_rows,
    pieces_of,
    taken_back_since,
    without_mandate,
)
from .pooled_rides import POOLS_FOLDER, check_noted, claimed_elsewhere
from .scenes import refuse_in_doubt
from .vintages import check_vintages

ORGANISATION = "organisation"
SCORE_MAX = 100
SLICES_SHOWN = 300  # more are named in the log by their digest alone


def _scope(moment: Moment) -> Scope:
    """What the pool gathers; raises InputRefused, NotFound."""
    matter, said = moment.matter, moment.data
    if matter.organisation is None:
        raise errors.malformed("单位持有机构没有指明", "owner of the units is missing")
    if city_code(int(matter.region)) != int(matter.region):
        raise errors.malformed(
            f"地区 {matter.region} 不是城市", f"region {matter.region} is not a city's"
        )
    if said["first_month"] > said["last_month"]:
        raise errors.malformed("起始月份晚于截止月份", "first month is after its last")
    return Scope(
        region=matter.region,
        scene=said["scene"],
        partner_id=partners.get(said["partner"]).pk,
        owner=matter.organisation,
        first_month=said["first_month"],
        last_month=said["last_month"],
    )


def _check_gather(moment: Moment) -> None:
    scope = _scope(moment)
    if moment.matter.is_demo and not partners.any_demo({scope.partner_id}):
        raise errors.malformed(
            "单位持有机构是演示机构，合作平台却不是", "owner is made up and its partner is not"
        )
    _refuse_in_doubt(moment, scope)


def _refuse_in_doubt(moment: Moment, scope: Scope | Pool) -> None:
    refuse_in_doubt(
        scene=scope.scene,
        partner=partners.by_id(scope.partner_id).code,
        region=moment.matter.region,
        first_month=scope.first_month,
        last_month=scope.last_month,
    )


def _gather(moment: Moment) -> Done:
    """Take every slice of the scope that is free; refused when none is."""
    scope = _scope(moment)
    serials.lock_issuing()  # nobody issues from a whole batch meanwhile
    pieces = pieces_of(moment.platform, scope)
    whole = used_batches()
    taken = [f"{one.batch}:{one.month}" for one in pieces if one.batch in whole]
    if taken := sorted({*taken, *services.taken(scope, pieces)}):
        free = [one for one in pieces if f"{one.batch}:{one.month}" not in set(taken)]
        if not free:
            raise errors.slice_taken(taken)
        pieces = free
    services.gather(moment.matter.number, scope, pieces, journal=moment.journal)
    is_demo = partners.any_demo({scope.partner_id})
    if is_demo and not moment.matter.is_demo:
        type(moment.matter).objects.filter(pk=moment.matter.pk).update(is_demo=True)
    figures = {
        "rows": sum(one.rows for one in pieces),
        "mg": str(sum(one.mg for one in pieces)),
        "batches": len({one.batch for one in pieces}),
        "slices": len(pieces),
    }
    return Done(result=figures | {"in_other_pools": taken}, keep={"gathered": figures})


def kept_of(percent: str) -> Fraction:
    """What a discount of so many per cent leaves, exactly.

    >>> kept_of("2.5")
    Fraction(39, 40)
    """
    kept = 1 - Fraction(Decimal(percent)) / 100
    if not (0 < kept <= 1 and kept.denominator <= 10**9):
        raise errors.malformed(
            f"数据质量折减 {percent}% 应为 0 至 100（不含），小数不超过 7 位",
            f"discount of {percent} % must be from 0 to below 100 with at most 7 decimals",
        )
    return kept


def _check_assess(moment: Moment) -> None:
    """The discount is a share, and no less than the rule takes off for the score of the data."""
    kept = kept_of(moment.data["discount_percent"])
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    rows, score = rules.quality_discount(), moment.data.get("score")
    if score is None and any(row.deduct for row in rows):
        raise errors.malformed("数据质量得分没有填写", "score of data quality is missing")
    if score is not None and not 0 <= score <= SCORE_MAX:
        raise errors.malformed("数据质量得分不在 0 至 100", "score is not between 0 and 100")
    least = Fraction(0) if score is None else deducted(rows, score)
    if 1 - kept < least:
        raise Conflict(
            "pool.discount_too_small",
            zh=f"得分 {score} 按规则至少折减 {least * 100}%；请改正折减。",
            en=f"A score of {score} takes off at least {least * 100} % by the rules; correct the "
            "discount.",
        )


def _check_issue(moment: Moment) -> None:
    pool = queries.get(moment.matter.number)
    _refuse_in_doubt(moment, pool)
    check_vintages(
        moment,
        region=pool.region,
        product=moment.platform.programme,
        first_days=[first_day(pool.first_month)],
    )
    check_noted(pool.matter)
    _unit_mg(moment)


def _issue(moment: Moment) -> Done:
    """Lay the line, cut it into units, and write all that follows from it."""
    serials.lock_issuing()
    pool = queries.get(moment.matter.number)
    slices, issues = queries.slices_of(pool), queries.issues_of(pool.chain)
    as_of, unit_mg, laws = head().seq, _unit_mg(moment), Laws()
    backs = taken_back_since(moment.platform, issues, upto=as_of)
    left = without_mandate(pool)
    carried, withdrawn = _carried(moment, issues, backs, laws, left=left)
    own, figures = own_rows(
        moment.platform,
        pool,
        slices,
        as_of=as_of,
        laws=laws,
        left=left,
        claimed=claimed_elsewhere(moment.platform, pool.matter),
    )
    owed_in = issues[-1].owed if issues else 0
    line = assemble(
        carried,
        own,
        kept=kept_of(moment.said("discount_percent")),
        owed=owed_in + sum(one.debt.used for one in backs),
        unit_mg=unit_mg,
    )
    if not line.cut.units:
        raise errors.no_whole_unit(line.cut.total - line.cut.made_good, unit_mg)
    folder = moment.platform.home / POOLS_FOLDER / pool.matter
    name, digest = write_trace(folder, line.trace)
    people = _mark(moment, pool, line, backs)
    code = credit_code(moment.platform.programme)
    asset = ensure_assets([code])[code]
    block = serials.issue(
        journal=moment.journal,
        asset=asset,
        batch=pool.matter,
        units=line.cut.units,
        owner=ensure_owner(ORGANISATION, pool.owner, asset),
        origin=serials.Origin(
            region=pool.region,
            product=moment.platform.programme,
            first_day=first_day(pool.first_month),
            last_day=last_day(pool.last_month),
            source=pool.matter,
            is_demo=moment.matter.is_demo,
        ),
    )
    issue = services.write_issue(
        pool,
        [one.debt for one in backs],
        **_figures(moment, line, figures, laws, people=people),
        rows_carried=length(carried),
        carried_in=issues[-1].carried if issues else 0,
        withdrawn=withdrawn,
        owed_in=owed_in,
        debts=sum(one.debt.used + one.debt.carried for one in backs),
        as_of=as_of,
        trace=f"{POOLS_FOLDER}/{pool.matter}/{name}",
        trace_sha256=digest,
    )
    said = {"serials": str(block.serials), "units": issue.units}
    return Done(
        result=said | _amounts(issue),
        keep=said,
        public=said | _public(moment, pool, issue, slices, asset=code),
    )


def _cancel(moment: Moment) -> Done:
    """Let the slices go, so that another pool may take them."""
    pool = queries.get(moment.matter.number)
    return Done(result={"slices_released": services.release(pool, journal=moment.journal)})


def _unit_mg(moment: Moment) -> int:
    return moment.platform.rulesets.unit_mg(region=moment.matter.region, on=moment.today)


def _carried(
    moment: Moment, issues: Sequence[PoolIssue], backs: Sequence[Back], laws: Laws, *, left: Left
) -> tuple[Columns, int]:
    """What the pool before carried, and how many mg of it lost their mandate since."""
    if not issues or not issues[-1].carried:
        return concatenate([], PLACED_TYPES), 0
    dropped = [(one.debt.batch, one.debt.row) for one in backs if one.debt.carried]
    rows = carried_rows(moment.platform, issues[-1], dropped, laws)
    out = left(rows["person"])
    return take(rows, ~out), sum_of(rows["mg"][out])


def _mark(moment: Moment, pool: Pool, line: Line, backs: Sequence[Back]) -> int:
    """Mark what is used, take back the marks of what was taken back; returns how many people
    filled the units.
    """
    used = line.used()
    people = used.filter(pl.col("holder") == "person").select("person", "mg")
    returned = pl.DataFrame(
        [(one.person, -one.parts[0]) for one in backs],
        schema={"person": pl.Int64, "mg": pl.Int64},
        orient="row",
    )
    net = pl.concat([people, returned]).group_by("person").agg(pl.col("mg").sum()).sort("person")
    others: dict[tuple[str, int], int] = {}
    for holder, _, _, mg in used.filter(pl.col("holder") != "person").iter_rows():
        _add(others, holder, pool.partner_id, mg)
    for one in backs:
        _add(others, "platform", pool.partner_id, -one.parts[1])
        _add(others, "operator", pool.partner_id, -one.parts[2])
    mark_used(
        connection,
        moment.journal,
        region=int(pool.region),
        scene=pool.scene,
        day=moment.today,
        people=net,
        others=[Other(*owner, mg) for owner, mg in others.items()],
    )
    return len(people)


def _add(others: dict[tuple[str, int], int], holder: str, partner: int, mg: int) -> None:
    owner = (PARTNER, partner) if holder == "platform" else (OPERATOR, 0)
    others[owner] = others.get(owner, 0) + mg


def _figures(
    moment: Moment, line: Line, figures: Figures, laws: Laws, *, people: int
) -> Mapping[str, Any]:
    kept = kept_of(moment.said("discount_percent"))
    return {
        "journal_id": moment.journal,
        "at": moment.at,
        "kept_part": kept.numerator,
        "kept_whole": kept.denominator,
        "unit_mg": line.cut.unit_mg,
        "units": line.cut.units,
        "rows": len(line.rows["row"]),
        "people": people,
        "gathered": line.gathered,
        "taken_back": figures.taken_back,
        "template": figures.template,
        "no_mandate": figures.no_mandate,
        "claimed": figures.claimed,
        "discount": line.discount,
        "made_good": line.cut.made_good,
        "carried": line.cut.carried,
        "owed": line.cut.owed,
        "methodologies": laws.named,
    }


AMOUNTS = (
    *("gathered", "claimed", "discount", "carried_in", "withdrawn", "owed_in"),
    *("debts", "made_good", "carried", "owed"),
)


def _amounts(issue: PoolIssue) -> dict[str, str]:
    """The figures of the line, in mg as text."""
    return {f"{name}_mg": str(getattr(issue, name)) for name in AMOUNTS}


def _public(
    moment: Moment, pool: Pool, issue: PoolIssue, slices: Sequence[Slice], *, asset: str
) -> dict[str, Any]:
    """What the log says: units, slices, law and trace; amounts only of enough people."""
    digests = dict(
        Batch.objects.filter(seq__in={one.batch for one in slices}).values_list("seq", "digest")
    )
    named = [f"{one.batch}:{one.month}:{digests[one.batch]}" for one in slices]
    said: dict[str, Any] = {
        "owner": f"{ORGANISATION}:{pool.owner}",
        "asset": asset,
        "unit_mg": str(issue.unit_mg),
        "scene": pool.scene,
        "months": [pool.first_month, pool.last_month],
        "slices_sha256": hashlib.sha256(canonical_json(named)).hexdigest(),
        "methodologies": issue.methodologies,
        "kept": f"{issue.kept_part}/{issue.kept_whole}",
        "trace": issue.trace_sha256,
        "is_demo": moment.matter.is_demo,
    }
    if len(named) <= SLICES_SHOWN:
        said["slices"] = named
    if issue.people >= moment.platform.people_min:
        said |= _amounts(issue) | {"people": issue.people}
    return said


EFFECTS: Effects = {
    ("pool", "open"): Effect(check=_check_gather, run=_gather),
    ("pool", "assess"): Effect(check=_check_assess),
    ("pool", "issue"): Effect(check=_check_issue, run=_issue),
    ("pool", "cancel"): Effect(run=_cancel),
}
