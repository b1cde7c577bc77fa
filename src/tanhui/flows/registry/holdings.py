"""Units as matters handle them: chosen, locked for a matter, and freed by that matter alone.

A locked block remembers the act that locked it, and that act is a step of a matter. So who asks
to free it must be that matter: a court's freeze is not lifted by the owner's withdrawal, and what
another region recognised is not freed by a court's release.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tanhui.books import serials
from tanhui.books.models import HELD, LOCKED
from tanhui.books.serial_choice import (
    check_parts,
    issues_of,
    opened_by,
    standing_in,
    take_parts,
)
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.serials import SerialRange, read_serials
from tanhui.domain.matters import queries
from tanhui.domain.matters.models import Matter, Step
from tanhui.flows.retirement import account_of, is_demo

from .effects import Moment


def chosen(
    moment: Moment, organisation: int, *, units: int | None, text: str | None
) -> list[SerialRange]:
    """The serials that somebody named, or the lowest that are held; the account stays locked.

    Raises InputRefused when number and serials differ or neither is said, Conflict when they are
    not free or lapsed with the agreement that recognised them.
    """
    account = account_of(moment.platform, organisation)
    parts = _chosen(account, units=units, text=text)
    refuse_lapsed(moment, organisation, parts)
    return parts


def _chosen(account: int, *, units: int | None, text: str | None) -> list[SerialRange]:
    if text is None:
        if units is None:
            raise nothing_chosen()
        return serials.plan(account, units)
    parts = read_serials(text)
    count = units_in(parts)
    if units is not None and units != count:
        raise InputRefused(
            "use.units_differ",
            zh=f"所列序列号共 {count} 个单位，而数量写的是 {units}；请改正其一。",
            en=f"The serials are {count} units and the number says {units}; correct one.",
            named=count,
            asked=units,
        )
    check_parts(parts, owner=account, state=HELD, wanted="used")
    return parts


def is_over(agreement: Matter, *, today: date) -> bool:
    """Whether an agreement of recognition holds no longer."""
    return agreement.state != "in_force" or today >= date.fromisoformat(agreement.data["valid_to"])


def refuse_lapsed(moment: Moment, organisation: int, parts: Sequence[SerialRange]) -> None:
    """Recognised units that their requester has left at the end of the agreement are used no more,
    also before the authority settles them; who bought them keeps them.
    """
    sources = {issue.source for issue, _ in issues_of(parts)}
    rows = queries.search(kind="recognition", organisation=organisation)
    for matter in rows.filter(number__in=sources).select_related("parent"):
        if matter.parent is not None and is_over(matter.parent, today=moment.today):
            raise Conflict(
                "recognition.lapsed",
                zh=f"{matter.number} 的互认协议 {matter.parent.number} 已到期或终止，剩余的互认单位"
                "不能再用；请由主管部门结清，或写明其他单位的序列号。",
                en=f"The agreement {matter.parent.number} behind {matter.number} is over and what "
                "is left of its units is used no more; let the authority settle it, or name the "
                "serials of other units.",
                matter=matter.number,
            )


def check_real(moment: Moment, parts: Sequence[SerialRange]) -> None:
    """Made-up units fulfil no real duty; raises Conflict unless the matter is made up as well."""
    if is_demo(parts) and not moment.matter.is_demo:
        raise Conflict(
            "use.demo_units",
            zh="所选单位含演示数据，不能用于履行真实的义务；请改选其他单位。",
            en="Some of the units are made up for a demo and fulfil no real duty; choose others.",
        )


def units_in(parts: Sequence[SerialRange]) -> int:
    """How many units stand in the ranges."""
    return sum(part.units for part in parts)


def lock(moment: Moment, organisation: int, parts: Sequence[SerialRange]) -> None:
    """Lock held units of an organisation for the matter."""
    account = account_of(moment.platform, organisation)
    take_parts(parts, journal=moment.journal, owner=account, state=LOCKED)


def unlock(moment: Moment, organisation: int, parts: Sequence[SerialRange]) -> None:
    """Free units that the matter itself locked; raises Conflict for any other lock."""
    check_own_lock(moment, parts)
    account = account_of(moment.platform, organisation)
    take_parts(parts, journal=moment.journal, owner=account, state=HELD, from_state=LOCKED)


def kept_parts(moment: Moment, key: str = "parts") -> list[SerialRange]:
    """The serials that an earlier step kept in the matter's data."""
    return read_serials(moment.matter.data[key])


def check_own_lock(moment: Moment, parts: Sequence[SerialRange]) -> None:
    """Raises Conflict when a unit of the parts that is not held was set aside by another matter."""
    for part in parts:
        for block in standing_in(part):
            if block.state != HELD and (other := locker(block)) != moment.matter.number:
                raise Conflict(
                    "serials.locked_by_another",
                    zh=f"区块 {block.serials} 的状态是 {block.state}，"
                    f"由{'事项 ' + other if other else '另一业务'}设定；请先在那里解除。",
                    en=f"The block {block.serials} is {block.state} by {other or 'another act'}; "
                    "release it there first.",
                    matter=other,
                )


def locker(block: serials.Block) -> str:
    """The number of the matter that brought a block into its state; '' for none."""
    step = Step.objects.filter(journal_id=opened_by(block)).select_related("matter").first()
    return step.matter.number if step is not None else ""


def nothing_chosen() -> InputRefused:
    """Neither a number of units nor serials were given."""
    return InputRefused(
        "use.nothing_chosen",
        zh="请写明单位数量或序列号，如 1-10, 25。",
        en="Give a number of units or serials such as 1-10, 25.",
    )


def holder(moment: Moment) -> int:
    """The organisation whose units the matter is about; raises InputRefused when it has none."""
    if moment.matter.organisation is None:
        raise InputRefused(
            "use.no_organisation",
            zh="该事项没有写明由哪个机构持有单位；请以该机构的名义新建。",
            en="The matter names no organisation that holds the units; open it for one.",
        )
    return moment.matter.organisation
