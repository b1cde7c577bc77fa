"""What pools can refuse."""

from __future__ import annotations

from collections.abc import Sequence

from tanhui.core.errors import Conflict, InputRefused, NotFound


def pool_unknown(number: str) -> NotFound:
    """No pool has this number."""
    return NotFound(
        "pool.unknown",
        zh=f"没有编号为 {number[:40]} 的汇集；请检查编号。",
        en=f"There is no pool {number[:40]}; check the number.",
    )


def slice_taken(slices: Sequence[str]) -> Conflict:
    """Somebody else's pool holds the slices."""
    shown = ", ".join(slices[:10])
    return Conflict(
        "pool.slice_taken",
        zh=f"这些减排量已在别的汇集中：{shown}（批次与月份）；同一减排量只能汇集一次。",
        en=f"These reductions stand in another pool: {shown} (batch and month); each is pooled "
        "once.",
        slices=list(slices),
    )


def nothing_to_gather() -> InputRefused:
    """No batch credited anything there."""
    return InputRefused(
        "pool.empty",
        zh="所选地区、场景、平台和月份没有可汇集的减排量；请核对选择，或等数据入账。",
        en="Nothing was credited for that region, scene, partner and months; check the choice or "
        "wait for the data.",
    )


def malformed(what_zh: str, what_en: str) -> InputRefused:
    """A pool that cannot be described so."""
    return InputRefused(
        "pool.malformed",
        zh=f"汇集的{what_zh}；请改正。",
        en=f"The pool's {what_en}; correct it.",
    )


def no_whole_unit(mg: int, unit_mg: int) -> Conflict:
    """Too little for one unit."""
    return Conflict(
        "pool.too_small",
        zh=f"折减并补足欠量后剩 {mg} 毫克，不足一个单位（{unit_mg} 毫克）；"
        "请撤销后汇集更长的时段。",
        en=f"After discount and debts {mg} mg are left, less than one unit of {unit_mg} mg; cancel "
        "this pool and gather more months.",
    )
