"""What a verifier found and what of it was not corrected, held to the region's materiality.

A positive opinion leaves at most as much misstated, in per cent of the result, as the rule
`verification.materiality` allows. A finding that must be corrected counts as not corrected, too,
when the result is still the one it was raised against.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter, Step

from .effects import Done, Moment

CORRECTION = "correction"
HUNDRED = 100


def raised(moment: Moment) -> Done:
    """Keep which result the findings were raised against."""
    return Done(keep={"questioned_hash": moment.matter.data["result_hash"]})


def uncorrected(moment: Moment) -> dict[int, Fraction]:
    """Number of a finding -> the per cent of the result that it leaves misstated.

    What the verifier says, and what the report shows; raises InputRefused for no such finding.
    """
    matter, found = moment.matter, dict[int, Fraction]()
    if matter.data.get("questioned_hash") == matter.data["result_hash"]:
        for row in matter.data["findings"]:
            if row["kind"] == CORRECTION and _percent(row):
                found[row["number"]] = _percent(row)
    known = {row["number"] for said in _rounds(matter) for row in said["findings"]}
    for row in moment.data.get("uncorrected") or []:
        if row["number"] not in known:
            raise InputRefused(
                "verification.finding_unknown",
                zh=f"没有序号为 {row['number']} 的核证发现；请核对未更正的错报。",
                en=f"There is no finding {row['number']}; check the misstatements left.",
            )
        found[row["number"]] = max(_percent(row), found.get(row["number"], Fraction(0)))
    return found


def check_material(moment: Moment, project: Matter) -> None:
    """Raises Conflict for a positive opinion over more than is material, or where nobody knows how
    much that is.
    """
    left = sum(uncorrected(moment).values())
    if not left:
        return
    product = project.data.get("product", "")
    rules = moment.platform.rulesets.at(region=project.region, on=moment.today, product=product)
    limit = rules.materiality() * HUNDRED
    if left > limit:
        raise Conflict(
            "verification.material",
            zh=f"未更正的错报合计 {_text(left)}%，超过 {project.region} 规则的 {_text(limit)}%，"
            "不能出具肯定意见；请业主更正数据，或出具否定意见。",
            en=f"{_text(left)} % of the result is misstated and not corrected; the rules of "
            f"{project.region} allow {_text(limit)} %. Have the owner correct the data, or sign a "
            "negative opinion.",
            percent=_text(left),
            limit_percent=_text(limit),
        )


def left_text(moment: Moment) -> str:
    """The per cent left uncorrected, as an opinion states it."""
    return _text(sum(uncorrected(moment).values(), Fraction(0)))


def _rounds(matter: Matter) -> list[dict[str, Any]]:
    rows = Step.objects.filter(matter=matter, verb="raise_findings", is_proposal=False)
    return list(rows.order_by("pk").values_list("data", flat=True))


def _percent(row: dict[str, Any]) -> Fraction:
    return abs(Fraction(Decimal(row.get("misstatement_percent") or 0)))


def _text(percent: Fraction | int) -> str:
    """Six decimals at most, without zeros behind.

    >>> _text(Fraction(10)), _text(Fraction(0)), _text(Fraction(1, 3))
    ('10', '0', '0.333333')
    """
    whole, rest = divmod(round(Fraction(percent) * 10**6), 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")
