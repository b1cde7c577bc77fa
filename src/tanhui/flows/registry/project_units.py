"""Units of projects: issued by vintage, kept back in the project's buffer, cancelled for a loss.

What is less than a unit is carried in the project's data to its next period. A loss is made good
from the project's own buffer first and then from units its owner holds; where both are too few the
step is refused with what is missing, so nothing goes below zero unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.acts import Act, record
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.models import CANCELLED, HELD
from tanhui.core.errors import Conflict
from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Matter
from tanhui.engine.project.issuing import units_owed, whole_units, yield_of
from tanhui.flows.platform import Platform

from .effects import Moment
from .vintages import check_vintages

ISSUED = "registry.units.issued"
ORGANISATION, BUFFER = "organisation", "buffer"
Years = list[tuple[int, int]]


@dataclass(frozen=True)
class Plan:
    """What a period gives: units by year to the owner and to the buffer, or a loss in mg."""

    owner: Years
    buffer: Years
    loss_mg: int
    carried_mg: int
    buffer_carried_mg: int

    @property
    def units(self) -> int:
        """Units to be issued, the buffer's among them."""
        return sum(units for _, units in (*self.owner, *self.buffer))


@dataclass(frozen=True)
class Replaced:
    """What was cancelled for a loss, and what the project carries on."""

    said: Mapping[str, Any]
    keep: Mapping[str, Any]


def plan_of(platform: Platform, project: Matter, vintages: Sequence[Mapping[str, Any]]) -> Plan:
    """The plan for a report's vintages, with what the project carries from before."""
    unit = unit_mg(platform, project)
    found = yield_of(vintages)
    owner, carried = whole_units(found.left, carried_mg=_carried(project), unit_mg=unit)
    kept, rest = whole_units(found.buffer, carried_mg=_carried(project, BUFFER), unit_mg=unit)
    return Plan(owner, kept, found.loss_mg, carried, rest)


def check_ages(moment: Moment, project: Matter, plan: Plan) -> None:
    """Raises Conflict for a vintage that the rules of the place and product issue no more."""
    check_vintages(
        moment,
        region=project.region,
        product=project.data.get("product", ""),
        first_days=[date(year, 1, 1) for year, _ in (*plan.owner, *plan.buffer)],
    )


def issue(moment: Moment, project: Matter, plan: Plan, *, proof: Mapping[str, str]) -> Replaced:
    """Issue a plan's units: an act, a log entry and a run of serials for each year and account."""
    assert project.organisation is not None, "a project has an owner"
    said = []
    for what, owner, years in (
        (ORGANISATION, project.organisation, plan.owner),
        (BUFFER, project.pk, plan.buffer),
    ):
        for year, units in years:
            lot = _Lot(what, owner, year, units)
            said.append(_issue_lot(moment, project, lot, proof=proof))
    keep = _keep(carried=plan.carried_mg, buffer=plan.buffer_carried_mg)
    return Replaced({"issued": said, **keep}, keep)


def replace_loss(moment: Moment, project: Matter, *, loss_mg: int) -> Replaced:
    """Cancel whole units for a loss, the buffer's first; raises Conflict where they are too few."""
    assert project.organisation is not None, "a project has an owner"
    unit = unit_mg(moment.platform, project)
    owed, carried = units_owed(loss_mg, carried_mg=_carried(project), unit_mg=unit)
    asset = _asset(moment.platform)
    buffer = ensure_owner(BUFFER, project.pk, asset)
    owner = ensure_owner(ORGANISATION, project.organisation, asset)
    has = {account: _held(account) for account in sorted({buffer, owner})}
    if owed > has[buffer] + has[owner]:
        raise Conflict(
            "project.loss_uncovered",
            zh=f"逆转须以 {owed} 个单位补偿；缓冲账户有 {has[buffer]} 个，"
            f"业主可用 {has[owner]} 个，还缺 {owed - has[buffer] - has[owner]} 个。"
            "请业主补足后再办理。",
            en=f"The loss takes {owed} units; the buffer holds {has[buffer]} and the owner "
            f"{has[owner]}, {owed - has[buffer] - has[owner]} are missing. Let the owner "
            "obtain them first.",
            owed=owed,
            buffer=has[buffer],
            owner=has[owner],
        )
    gone: dict[str, list[str]] = {"buffer": [], "owner": []}
    left = owed
    for name, account in (("buffer", buffer), ("owner", owner)):
        if units := min(left, has[account]):
            taken = serials.take(
                journal=moment.journal, owner=account, units=units, state=CANCELLED
            )
            gone[name] = [str(block.serials) for block in taken]
            left -= units
    keep = _keep(carried=carried, buffer=_carried(project, BUFFER))
    return Replaced({"loss_mg": str(loss_mg), "cancelled": owed, **gone, **keep}, keep)


def unit_mg(platform: Platform, project: Matter) -> int:
    """Milligrams in a unit where the project is."""
    return platform.rulesets.unit_mg(region=project.region, on=platform.today)


@dataclass(frozen=True)
class _Lot:
    what: str
    owner: int
    year: int
    units: int


def _issue_lot(
    moment: Moment, project: Matter, lot: _Lot, *, proof: Mapping[str, str]
) -> dict[str, Any]:
    platform, matter = moment.platform, moment.matter
    batch = f"{matter.number}/{lot.year}" + ("/buffer" if lot.what == BUFFER else "")
    serials.lock_issuing()
    first = serials.next_serial()
    said = SerialRange(first, first + lot.units - 1)
    asked = {
        "batch": batch,
        "project": project.number,
        "matter": matter.number,
        "vintage": lot.year,
        "units": lot.units,
        "owner": lot.owner,
        "account": lot.what,
        "is_demo": project.is_demo,
        "from": [],
    }
    owner = project.number if lot.what == BUFFER else str(lot.owner)
    act = Act(
        verb=ISSUED,
        actor=f"user:{moment.who.user}",
        at=moment.at,
        key=f"issue/{batch}",
        request=asked,
        detail=asked,
        rules=_rules(platform, project),
        public={
            "batch": batch,
            "project": project.number,
            "vintage": str(lot.year),
            "units": lot.units,
            "serials": [str(said)],
            "owner": f"{lot.what}:{owner}",
            "asset": credit_code(platform.programme),
            "unit_mg": str(unit_mg(platform, project)),
            **proof,
            **({"is_demo": True} if project.is_demo else {}),
        },
    )
    done = record(act)
    assert done.is_new, "a period is issued once, under its matter's lock"
    asset = _asset(platform)
    origin = serials.Origin(
        region=project.region,
        product=project.data.get("product", ""),
        first_day=date(lot.year, 1, 1),
        last_day=date(lot.year, 12, 31),
        source=project.number,
        is_demo=project.is_demo,
    )
    made = serials.issue(
        journal=done.journal,
        asset=asset,
        batch=batch,
        units=lot.units,
        owner=ensure_owner(lot.what, lot.owner, asset),
        origin=origin,
    )
    assert made.serials == said, "the log says what was issued"
    return {
        "vintage": lot.year,
        "units": lot.units,
        "account": lot.what,
        "serials": str(made.serials),
    }


def _carried(project: Matter, what: str = "") -> int:
    key = f"{what}_carried_mg" if what else "carried_mg"
    return int(project.data.get(key, "0"))


def _keep(*, carried: int, buffer: int) -> dict[str, str]:
    return {"carried_mg": str(carried), "buffer_carried_mg": str(buffer)}


def _held(account: int) -> int:
    blocks = serials.open_blocks(account, state=HELD, lock=True)
    return sum(block.serials.units for block in blocks)


def _asset(platform: Platform) -> int:
    code = credit_code(platform.programme)
    return ensure_assets([code])[code]


def _rules(platform: Platform, project: Matter) -> str:
    on = platform.today
    rule = platform.rulesets.value("issue.unit_mg", region=project.region, on=on)
    return f"{rule.region}@{rule.valid_from}"
