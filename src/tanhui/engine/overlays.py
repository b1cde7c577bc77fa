"""Overlays: what an authority fills in where law is not yet known, and nothing else.

    library/overlays/<region>/<code>.yaml
        overlay: wuhan-shared-bike          # the methodology and the version it is for
        version: "2024.1"
        fills:
          - {parameter: unit_reduction, region: "420100", from: 2026-01-01, value: 45,
             unit: gCO2e/km, source: ..., evidence: official, by: ..., on: 2025-12-20}
        cases: [...]                        # worked cases with the values filled in

A fill takes the place of a value that is unknown or unconfirmed; a value somebody stands for is
never overwritten, that takes a new version of the methodology. The overlay's bytes are part of the
digest, so every result says with which overlay it was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tanhui.core.period import day_number

from .examples import check_examples, read_examples
from .integer import compile as compile_form
from .methodology import (
    CODE_NO_PARAMETER,
    Example,
    Filled,
    Methodology,
    Parameter,
    ParameterValue,
)
from .overlay_place import place_fill
from .parameters import read_class, read_days, read_unit
from .problems import Problems, Unreadable, Where
from .section import Section, nearest
from .yamlfile import Node, read_yaml

EVIDENCE_OF_FILLS = ("official", "published", "derived", "borrowed")
REQUIRED = ("parameter", "region", "from", "value", "unit", "source", "evidence", "by", "on")
OPTIONAL = ("class", "to", "source_url", "note")


@dataclass(frozen=True)
class Fill:
    """One value for one parameter, with the day and the authority that filled it in."""

    parameter: str
    value: ParameterValue  # in the parameter's own unit
    where: Where


def fill_in(
    methodologies: Sequence[Methodology],
    cases: dict[tuple[str, str, str], tuple[Example, ...]],
    files: Sequence[Path],
    *,
    root: Path,
    problems: Problems,
) -> tuple[Methodology, ...]:
    """The methodologies with their overlays applied; `cases` gains those of each overlay."""
    found = {(each.code, each.version): each for each in methodologies}
    replaced: dict[tuple[str, str], Methodology] = {}
    for file in files:
        label = file.relative_to(root).as_posix()
        with problems.part():
            data = file.read_bytes()
            section = Section(
                read_yaml(data, file=label, problems=problems),
                problems,
                what="overlay",
                required=("overlay", "version", "fills", "cases"),
                optional=("note",),
            )
            base = _base(section, found)
            _check_place(base, file, label, problems)
            filled = _filled(base, section, data=data, label=label)
            found[base.code, base.version] = replaced[base.code, base.version] = filled
            own = read_examples(section, filled.fields, filled.clauses, key="cases")
            check_examples(filled, own, problems)
            cases[filled.identity] = _holding(filled, cases.pop(base.identity, ())) + own
    return tuple(replaced.get((each.code, each.version), each) for each in methodologies)


def _base(section: Section, found: dict[tuple[str, str], Methodology]) -> Methodology:
    code, version = section.text("overlay"), section.text("version")
    if (code, version) in found:
        return found[code, version]
    versions = sorted(each for name, each in found if name == code)
    if not versions:
        close = nearest(code, [name for name, _ in found])
        raise section.problems.stop(
            section.at("overlay"),
            zh=f"没有方法学“{code[:60]}”；是否想写“{close}”？",
            en=f"there is no methodology '{code[:60]}'; did you mean '{close}'?",
        )
    raise section.problems.stop(
        section.at("version"),
        zh=f"{code} 没有版本“{version[:40]}”；已有：{', '.join(versions)}。请写明覆盖哪个版本。",
        en=f"{code} has no version '{version[:40]}'; there are: {', '.join(versions)}. Write an "
        "overlay for the version it is meant for",
    )


def _check_place(base: Methodology, file: Path, label: str, problems: Problems) -> None:
    region = file.parent.name
    if file.stem != base.code or region not in base.regions:
        raise problems.stop(
            Where(label, 1),
            zh=f"覆盖文件应放在 overlays/{base.regions[0]}/{base.code}.yaml；请移动。",
            en=f"the overlay belongs in overlays/{base.regions[0]}/{base.code}.yaml; move it",
        )


def _filled(base: Methodology, section: Section, *, data: bytes, label: str) -> Methodology:
    problems = section.problems
    before = len(problems.found)
    parameters = dict(base.parameters)
    nodes = section.items("fills")
    if not nodes:
        raise problems.stop(
            section.at("fills"),
            zh="fills 是空的；请写出要填的值，或删去覆盖文件。",
            en="fills is empty; write what to fill in or remove the overlay",
        )
    for node in nodes:
        with problems.part():
            fill = read_fill(node, base.parameters, problems, of=base.code, label=label)
            parameter = parameters[fill.parameter]
            with problems.part(fill.where):
                values = place_fill(parameter, fill.value, regions=base.regions)
                parameters[fill.parameter] = replace(parameter, values=values)
    if len(problems.found) > before:
        raise Unreadable
    digest = hashlib.sha256(b"tanhui overlay 1\n" + bytes.fromhex(base.digest))
    digest.update(len(data).to_bytes(8, "big") + data)
    filled = replace(
        base,
        parameters=parameters,
        digest=digest.hexdigest(),
        overlay=label,
        texts=(*base.texts, (label, data)),
    )
    with problems.part(section.at("fills")):
        compile_form(filled)
    if len(problems.found) > before:
        raise Unreadable
    return replace(filled, examples=_holding(filled, filled.examples))


def read_fill(
    node: Node, parameters: Mapping[str, Parameter], problems: Problems, *, of: str, label: str
) -> Fill:
    """One value to fill into the parameters of methodology `of`; raises `Unreadable`."""
    section = Section(node, problems, what="fill", required=REQUIRED, optional=OPTIONAL)
    name = section.text("parameter")
    if name not in parameters:
        close = nearest(name, parameters)
        raise problems.stop(
            section.at("parameter"),
            zh=f"{of} 没有参数“{name[:40]}”；已有：{', '.join(parameters)}。",
            en=f"{of} has no parameter '{name[:40]}'; did you mean '{close}'?",
        )
    parameter = parameters[name]
    if parameter.factor is not None or parameter.argument is not None:
        raise problems.stop(
            section.at("parameter"),
            zh=f"参数 {name} 取自因子表或分段表，不能用覆盖文件填；请在方法学中写新版本。",
            en=f"parameter {name} comes from a table and cannot be filled by an overlay; write a "
            "new version of the methodology",
        )
    unit = read_unit(section, "unit")
    if unit.dimension != parameter.unit.dimension:
        raise problems.stop(
            section.at("unit"),
            zh=f"参数 {name} 的单位是 {parameter.unit.text}，不是 {unit.text}；请换算。",
            en=f"parameter {name} is in {parameter.unit.text}, not in {unit.text}; convert it",
        )
    first, end = read_days(section)
    return Fill(
        name,
        ParameterValue(
            region=section.region("region"),
            class_=read_class(section),
            first_day=day_number(first),
            end_day=None if end is None else day_number(end),
            value=section.decimal("value") * unit.factor / parameter.unit.factor,
            source=section.text("source"),
            source_url=section.optional_text("source_url"),
            evidence=section.choice("evidence", EVIDENCE_OF_FILLS),
            note=section.optional_bilingual("note"),
            filled=Filled(section.text("by"), day_number(section.day("on")), label),
        ),
        node.where,
    )


def _holding(filled: Methodology, cases: tuple[Example, ...]) -> tuple[Example, ...]:
    """The cases that still hold: one that showed an unknown value ends where it is filled in."""
    form = compile_form(filled)

    def holds(case: Example) -> bool:
        given = case.given
        open_ = form.cell_of(given.region, given.class_, given.day) < 0
        return case.code != CODE_NO_PARAMETER or bool(case.illustration) or open_

    return tuple(filter(holds, cases))
