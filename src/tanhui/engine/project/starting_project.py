"""A project methodology to start from: the library's template of a shape under a name of its own.

It loads as it stands and stays a template: the equations are generic, what is unknown stays
unknown, and nothing may be credited until the authority's text is written into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from .nouns import ProjectMethodology

TEMPLATE = "template-"
TEMPLATE_REGION = "100000"
METHODOLOGY, CASES = "methodology.yaml", "cases.yaml"


def templates(projects: Iterable[ProjectMethodology]) -> dict[str, ProjectMethodology]:
    """The template of each shape, S1 to S10, as far as a library has them."""
    found = [each for each in projects if each.code.startswith(TEMPLATE)]
    ordered = sorted(found, key=lambda each: (len(each.shape), each.shape, each.first_day))
    return {each.shape: each for each in ordered}


def starting_project(
    template: ProjectMethodology, cases: str, *, code: str, region: str, first: date
) -> dict[str, str]:
    """File name -> text of the new methodology's folder; `cases` is the text of the template's."""
    version = f"{first.year}.1"
    title = (
        f'title: {{zh: "{code}（由模板 {template.shape} 起草）", '
        f'en: "{code} (drafted from template {template.shape})"}}'
    )
    changes = {
        r"^methodology:.*$": f"methodology: {code}",
        r"^version:.*$": f'version: "{version}"',
        r"^title:.*$": title,
        r"^effective:.*$": f'effective: {{from: {first}, zone: "+08:00"}}',
    }
    law = _changed(template.texts[METHODOLOGY], changes, region)
    head = (
        f"# 由 from {template.code} {template.version}：{template.title.zh} {template.title.en}\n"
        "# 公式、取值、来源与 status 改成正文所写；改好前不能用于签发。\n"
        "# Write the equations, values, sources and status of the text of the law; until then\n"
        "# nothing may be credited. 格式 format: docs/project-methodologies.md\n"
    )
    changes = {
        r"^( +)monitoring: (?!\|).*$": rf"\1monitoring: {code}-1",
        r"^( +)methodology:.*$": rf"\1methodology: {code}",
        r"^( +)version:.*$": rf'\1version: "{version}"',
        r"^ +reference:.*\n": "",
    }
    return {METHODOLOGY: head + law, CASES: _changed(cases, changes, region)}


def _changed(text: str, changes: Mapping[str, str], region: str) -> str:
    for pattern, new in changes.items():
        text = re.sub(pattern, new, text, flags=re.MULTILINE)
    return text.replace(f'"{TEMPLATE_REGION}"', f'"{region}"')
