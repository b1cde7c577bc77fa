"""A commented starting monitoring file: every set, input and question of a methodology.

What only the project knows is a blank (`____` and what belongs there); `tanhui project quantify`
names every blank that is left, with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..yamlfile import BLANK
from .inputs import word_choices
from .nouns import YEAR_ENDS, YEARS, Input, ProjectMethodology, Question, SetOf

MEMBERS_WRITTEN_MAX = 200


def starting_monitoring(
    law: ProjectMethodology,
    *,
    first_year: int,
    last_year: int,
    members: Mapping[str, Sequence[str]],
) -> str:
    """The text of the file; `members` names those of word sets that the methodology leaves open.

    A set nobody names gets one member called after it, to be renamed. Crediting is for
    methodologies whose equations allow it; the others start as an illustration.
    """
    sets = _members(law, first_year, last_year, members)
    mode = "crediting" if law.creditable else "illustration"
    lines = [
        f"# {law.title.zh}",
        f"# {law.title.en}",
        f"# 公式依据 equations: {law.status.equations}",
        f"# 把每处 {BLANK} 换成内容。Write the content in place of every {BLANK} text.",
        f"# 格式 format: docs/project-methodologies.md   说明 more: tanhui project show {law.code}",
        f"monitoring: {law.code}-{first_year}-{last_year}",
        f"methodology: {law.code}",
        f'version: "{law.version}"',
        f"mode: {mode}  # crediting 签发 或 or illustration 示例",
        f'region: "{law.regions[0]}"  # GB/T 2260，项目所在地 where the project is',
        f"project: {{name: {BLANK} 项目名称 the name of the project}}"
        "  # 已登记者加 registered: 2024-01-01 once registered",
        f"period: {{first_year: {first_year}, last_year: {last_year}}}",
    ]
    own = [each for each in law.sets.values() if _is_asked(each)]
    if own:
        lines.append("sets:  # 成员名称自定，下文用同样的名称 name the members, and use them below")
        lines += [_set_line(each, sets[each.name]) for each in own]
    if law.inputs:
        lines.append("inputs:")
        choices = word_choices(law)
        for each in law.inputs.values():
            lines += _input(each, sets, choices.get(each.name, each.choices))
    if law.applicability:
        lines.append("applicability:  # 每题答 yes 或 no；answer each with yes or no")
        for question in law.applicability:
            lines += _question(question)
    return "\n".join(lines) + "\n"


def _is_asked(each: SetOf) -> bool:
    return each.members is None and each.name not in (YEARS, YEAR_ENDS)


def _members(
    law: ProjectMethodology, first: int, last: int, named: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """The members of every set as they are written."""
    found = {
        YEARS: [str(year) for year in range(first, last + 1)],
        YEAR_ENDS: [str(year) for year in range(first - 1, last + 1)],
    }
    for name, each in law.sets.items():
        if name in found:
            continue
        if each.members is not None:
            found[name] = list(each.members)
        elif each.kind == "word":
            found[name] = list(named.get(name, [name]))
        elif each.kind == "year":
            found[name] = [str(year) for year in range(first, last + 1)]
        else:
            found[name] = _months(first, last)
    return found


def _months(first: int, last: int) -> list[str]:
    return [f"{year}-{month:02d}" for year in range(first, last + 1) for month in range(1, 13)]


def _set_line(each: SetOf, members: Sequence[str]) -> str:
    told = f"  # {each.title.zh} {each.title.en}"
    if each.kind == "word":
        return f"  {each.name}: [{', '.join(members)}]{told}"
    return f"  {each.name}: {{from: {members[0]}, to: {members[-1]}}}{told}"


def _input(each: Input, sets: Mapping[str, Sequence[str]], choices: Sequence[str]) -> Iterator[str]:
    """The lines of one input, with what the methodology says of it."""
    yield f"  {each.name}:  # {each.title.zh} {each.title.en}"
    notes = [each.frequency, each.meter, None if each.missing is None else each.missing.note]
    for note in notes:
        if note is not None:
            yield f"    # {note.zh} {note.en}"
    if each.gap_max is not None:
        yield f"    # 只写有调查的年份，间隔至多 {each.gap_max} 年 surveyed years only"
    blank = f"{BLANK} {each.title.zh} {each.title.en}"
    if each.unit is None:
        words = " | ".join(choices) if choices else "一个词 a word"
        blank = f'"{BLANK} {words}"'.replace("#", "")
    else:
        yield f"    unit: {_quoted(each.unit.text)}"
        blank = f'"{blank} ({each.unit.text})"'
    if each.over:
        yield "    values:"
        yield from _values([sets[name] for name in each.over], blank, "      ")
    else:
        yield f"    value: {blank}"
    if each.needs_evidence:
        yield f"    evidence: [{BLANK} 证明文件 file name]"


def _values(over: Sequence[Sequence[str]], blank: str, indent: str) -> Iterator[str]:
    """One line for each member, at most MEMBERS_WRITTEN_MAX of each set."""
    first, *rest = over
    for member in first[:MEMBERS_WRITTEN_MAX]:
        if rest:
            yield f"{indent}{member}:"
            yield from _values(rest, blank, indent + "  ")
        else:
            yield f"{indent}{member}: {blank}"


def _quoted(unit: str) -> str:
    return f'"{unit}"' if unit == "1" else unit


def _question(each: Question) -> list[str]:
    wanted = "yes" if each.wants else "no"
    lines = [
        f"  {each.id}:  # {each.text.zh} {each.text.en}",
        f'    answer: "{BLANK} yes 或 or no（适用须为 it fits with {wanted}）"',
    ]
    if each.needs_evidence:
        lines.append(f"    evidence: [{BLANK} 证明文件 file name]")
    return lines
