"""Links between the documents lead somewhere, and the READMEs say the truth of the library."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from tests.tidy.source import PROJECT, project_files

from tanhui.engine.library import Library

LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)")
STATUS_WORDS = {
    "official": ("official", "正式文本"),
    "published_summary": ("published summary", "已公布的摘要"),
    "inferred": ("inferred", "推断"),
    "template": ("template", "模板"),
}


def pages() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    broken = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(("name", "language"), [("README.md", 0), ("README.zh.md", 1)])
def test_the_readme_tells_the_status_of_what_can_be_credited(name: str, language: int) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    table = text.partition("<!-- library -->")[2].partition("<!-- /library -->")[0]
    told = dict(re.findall(r"^\| `([a-z-]+)` \|[^|]*\|([^|]*)\|", table, re.MULTILINE))
    library = Library.load(PROJECT / "library")
    counting = library.status(on=date(2025, 10, 1)).counting
    usable = {each.code for each in counting if each.kind == "behaviour"}
    methods = [each for each in library.methodologies if each.code in told]
    assert set(told) == usable | {"wuhan-nev-trip"}
    wrong = [
        f"{method.code}: {method.status.equations}, enabled {method.enabled}"
        for method in methods
        if STATUS_WORDS[method.status.equations][language] not in told[method.code]
        or ("**" in told[method.code]) is method.enabled
    ]
    assert not wrong, "\n".join(wrong)
