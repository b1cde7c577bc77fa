"""A commented starting file for a new methodology: an expert fills the blanks, no code is touched.

The shapes stand in `shapes.yaml`: fields, parameters and equations that many texts share. What only
the text of the law can say is a blank (`____` and what belongs there); `tanhui methodology check`
names every blank that is left, with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .methodology import EVIDENCE
from .section import Text
from .yamlfile import BLANK

SHAPES_FILE = Path(__file__).with_name("shapes.yaml")


@dataclass(frozen=True)
class Shape:
    """A form that many methodologies share; everything in it is text, as a file would say it."""

    name: str
    use: Text
    scene: str
    overlap: bool
    fields: Mapping[str, Mapping[str, str]]
    parameters: Mapping[str, Mapping[str, str]]
    applies: str | None
    equations: Mapping[str, str]


@cache
def shapes() -> Mapping[str, Shape]:
    """Every shape by name.

    >>> shapes()["unit-reduction"].equations["reduction"]
    'distance * unit_reduction'
    """
    entries = yaml.load(SHAPES_FILE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return {entry["shape"]: _shape(entry) for entry in entries}


def _shape(entry: Mapping[str, Any]) -> Shape:
    return Shape(
        name=entry["shape"],
        use=Text(**entry["use"]),
        scene=entry["scene"],
        overlap=entry["overlap"] == "yes",
        fields=entry["fields"],
        parameters=entry["parameters"],
        applies=entry.get("applies"),
        equations=entry["equations"],
    )


def starting_files(
    shape: Shape, *, code: str, region: str, scene: str, first: date
) -> dict[str, str]:
    """File name -> text of the new methodology's folder."""
    return {
        "methodology.yaml": _methodology(shape, code=code, region=region, scene=scene, first=first),
        "cases.yaml": _cases(shape, region=region, first=first),
    }


def _methodology(shape: Shape, *, code: str, region: str, scene: str, first: date) -> str:
    parts = [
        f"# 形状 shape: {shape.name}（{shape.use.zh} / {shape.use.en}）",
        f"# 把每处 {BLANK} 换成内容。Write the content in place of every {BLANK} text.",
        "# 格式 format: docs/methodology-format.md   检查 check: tanhui methodology check",
        f"methodology: {code}",
        f'version: "{first.year}.1"',
        "title:",
        f"  zh: {BLANK} 方法学的中文名称 the name in Chinese",
        f"  en: {BLANK} 方法学的英文名称 the name in English",
        "kind: behaviour",
        f"scene: {scene}  # 见 see library/directory/scenes.yaml",
        f'regions: ["{region}"]  # GB/T 2260',
        f'effective: {{from: {first}, zone: "+08:00"}}  # 施行日 the day it takes effect',
        "status:",
        "  # official 见到正文 | published_summary 只见摘要 | inferred 推断 | template 模板",
        f"  equations: {BLANK} official, published_summary, inferred 或 or template",
        f"  source: {BLANK} 文件名称、文号、公布日期 title, number and day of the text",
        "  note:",
        f"    zh: {BLANK} 哪些见到原文，哪些没有 what was seen and what was not, in Chinese",
        f"    en: {BLANK} the same in English 同上，英文",
        "fields:  # 一条记录带来什么 what a record carries",
        *(_field(name, field) for name, field in shape.fields.items()),
        "parameters:  # 法定数值：每个都有单位、地区、日期、来源、依据 numbers of law",
        *(_parameter(name, one, region, first) for name, one in shape.parameters.items()),
    ]
    if shape.applies is not None:
        parts.append(
            f"applies: {shape.applies}  # 第一个不满足的条件会告诉本人 the first that fails"
        )
    parts += [
        "equations:",
        *(f"  {name}: {text}" for name, text in shape.equations.items()),
        "result: {of: reduction, unit: mgCO2e, round: half_away}  # 或 or round: down",
        "duplicates: {id: [source, external_id], overlap: "
        + ("[person, mode]" if shape.overlap else "none")
        + ", order: arrival}",
        "# caps:  # 上限（若有） a cap, if the text has one",
        "#   - {per: [person, scene, day], max: 5 kgCO2e, source: ..., evidence: ...}",
        "allocation: {person: 100%}",
        "examples:  # 手算一例，结果以整毫克写出 one case by hand, in whole milligrams",
        _example(shape, region, first, "  "),
    ]
    return "\n".join(parts) + "\n"


def _cases(shape: Shape, *, region: str, first: date) -> str:
    return (
        "# 更多算例；每次载入都会核对。More worked cases; every load checks them.\n"
        f"cases:\n{_example(shape, region, first, '  ')}\n"
    )


def _field(name: str, field: Mapping[str, str]) -> str:
    return (
        f"  {name}: {{name: {{zh: {field['zh']}, en: {field['en']}}}, unit: {field['unit']}, "
        f"step: {field['step']}, min: {field.get('min', '0')}, max: {field['max']}}}"
    )


def _parameter(name: str, one: Mapping[str, str], region: str, first: date) -> str:
    unit = one["unit"]
    quoted = f'"{unit}"' if unit == "1" else unit
    return "\n".join(
        [
            f"  {name}:",
            f'    name: {{zh: "{one["zh"]}", en: "{one["en"]}"}}',
            f"    unit: {quoted}",
            "    values:",
            f'      - region: "{region}"',
            f"        from: {first}",
            f"        value: {BLANK} {one['zh']} {one['en']}，单位 in {unit}（未知写 unknown）",
            f"        source: {BLANK} 出处 where the number stands, with page or table",
            f"        evidence: {BLANK} {', '.join(EVIDENCE)}",
        ]
    )


def _example(shape: Shape, region: str, first: date, indent: str) -> str:
    lines = ["- given:", f'    region: "{region}"', f"    at: {first}"]
    lines += [
        f"    {name}: {BLANK} {field['zh']} {field['en']}，单位 in {field['unit']}"
        for name, field in shape.fields.items()
    ]
    lines += ["  expect:", f"    mg: {BLANK} 手算的整毫克数 whole milligrams, worked out by hand"]
    return "\n".join(indent + line for line in lines)
