"""Where a filled-in value goes among the values of a parameter: only where none is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tanhui.core.period import day_of
from tanhui.core.region import Region

from .methodology import Parameter, ParameterValue
from .problems import Mistake
from .rendering import number_text

FOREVER = 1 << 40


def place_fill(
    parameter: Parameter, fill: ParameterValue, *, regions: Sequence[str]
) -> tuple[ParameterValue, ...]:
    """The parameter's values with the fill in the place of what was unknown on its days.

    Raises `Mistake` where a value is known already, or where the methodology says nothing.
    """
    lineage = Region(fill.region).lineage()
    if not any(code in regions for code in lineage):
        raise Mistake(
            zh=f"地区 {fill.region} 不在本方法学的地区 {', '.join(regions)} 之内；请改正。",
            en=f"region {fill.region} is not in the regions of this methodology "
            f"({', '.join(regions)}); correct it",
        )
    met = [
        entry
        for entry in parameter.values
        if entry.class_ == fill.class_ and entry.region in lineage and _share_days(entry, fill)
    ]
    nearest = min((lineage.index(entry.region) for entry in met), default=None)
    met = [entry for entry in met if lineage.index(entry.region) == nearest]
    for entry in met:
        if entry.usable:
            raise _known(parameter, entry)
    _refuse_uncovered(parameter, fill, met)
    kept = [entry for entry in parameter.values if entry not in met or entry.region != fill.region]
    rests = [rest for entry in met if entry.region == fill.region for rest in _rests(entry, fill)]
    return (*kept, *rests, fill)


def _known(parameter: Parameter, entry: ParameterValue) -> Mistake:
    told = "" if entry.value is None else number_text(entry.value)
    return Mistake(
        zh=f"参数 {parameter.name} 在这些日期已有值 {told}（{entry.source}）；"
        "覆盖文件只填未知的值，改动已知的值请写方法学的新版本。",
        en=f"parameter {parameter.name} has a value on these days, {told} ({entry.source}); an "
        "overlay fills what is unknown only, write a new version of the methodology to change it",
    )


def _refuse_uncovered(
    parameter: Parameter, fill: ParameterValue, met: Sequence[ParameterValue]
) -> None:
    day = fill.first_day
    for entry in sorted(met, key=lambda each: each.first_day):
        if entry.first_day > day:
            break
        day = max(day, _end(entry))
    if day < _end(fill):
        raise Mistake(
            zh=f"自 {day_of(day)} 起，{parameter.name} 在 {fill.region}"
            f"{'、类别 ' + fill.class_ if fill.class_ else ''} 没有等待填写的值；"
            "请核对地区、类别与日期。",
            en=f"from {day_of(day)} on, {parameter.name} has no unknown value waiting in "
            f"{fill.region}{' for class ' + fill.class_ if fill.class_ else ''}; check region, "
            "class and days",
        )


def _rests(entry: ParameterValue, fill: ParameterValue) -> list[ParameterValue]:
    """What is left of an unknown entry before and after the fill."""
    rests = []
    if entry.first_day < fill.first_day:
        rests.append(replace(entry, end_day=fill.first_day))
    if fill.end_day is not None and fill.end_day < _end(entry):
        rests.append(replace(entry, first_day=fill.end_day))
    return rests


def _share_days(one: ParameterValue, two: ParameterValue) -> bool:
    return one.first_day < _end(two) and two.first_day < _end(one)


def _end(entry: ParameterValue) -> int:
    return FOREVER if entry.end_day is None else entry.end_day
