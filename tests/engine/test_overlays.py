"""Overlays: an authority fills in what is unknown; what somebody stands for stays."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tanhui.core.errors import LibraryBroken
from tanhui.core.period import day_number
from tanhui.engine.description import describe
from tanhui.engine.explain import explain
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology
from tanhui.engine.record import Record

from .methodology_texts import GOOD

OPEN = GOOD.replace(
    "value: 78.4, source: test, evidence: template}\n",
    "value: unknown, source: t, evidence: unknown}\n"
    '      - {region: "420100", class: fast, from: 2024-01-01, value: 50, source: t,'
    " evidence: unconfirmed}\n"
    '      - {region: "420100", class: slow, from: 2024-01-01, value: 60, source: 某文,'
    " evidence: published}\n",
).replace("expect: {mg: 784000}", "expect: {no_parameter: true}")
CASES = """\
cases:
  - given: {region: "420100", at: 2024-10-01, distance: 1}
    expect: {no_parameter: true}
  - illustration: {parameters: {rate: 5}}
    given: {region: "420100", at: 2024-10-01, distance: 1}
    expect: {mg: 5000}
"""
FILL = (
    '{parameter: rate, region: "420100", from: 2024-06-01, to: 2025-01-01, value: 0.045,'
    " unit: kgCO2e/km, source: 公告, evidence: official, by: 市生态环境局, on: 2024-05-20}"
)
OVERLAY = f"""\
overlay: test-metro
version: "1.0"
fills:
  - {FILL}
cases:
  - {{given: {{region: "420100", at: 2024-10-01, distance: 10}}, expect: {{mg: 450000}}}}
  - {{given: {{region: "420100", at: 2024-05-31, distance: 10}}, expect: {{no_parameter: true}}}}
  - {{given: {{region: "420100", at: 2025-01-01, distance: 10}}, expect: {{no_parameter: true}}}}
"""
DAY = day_number(date(2024, 10, 1))
PLACE = "overlays/420100/test-metro.yaml"


def library_of(root: Path, overlay: str | None, *, place: str = PLACE) -> Library:
    files = {
        "methodologies/420100/test-metro/methodology.yaml": OPEN,
        "methodologies/420100/test-metro/cases.yaml": CASES,
    }
    if overlay is not None:
        files[place] = overlay
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Library.load(root)


def test_a_filled_value_makes_the_methodology_creditable_on_its_days(tmp_path: Path) -> None:
    before = library_of(tmp_path, None)
    assert before.find("metro", region="420106", day=DAY) is not None  # by class slow
    plain = before.methodologies[0]
    library = library_of(tmp_path, OVERLAY)
    [methodology] = library.methodologies
    assert methodology.digest != plain.digest
    assert methodology.overlay == PLACE
    form = library.form(methodology)
    cells = [form.cell_of("420100", "", DAY + shift) >= 0 for shift in (-123, -122, 0, 91, 92)]
    assert cells == [False, True, True, True, False]
    assert len(library.cases[methodology.identity]) == 4  # the filled-in unknown is no case more
    assert methodology.examples == ()


def test_it_is_shown_who_filled_it_in(tmp_path: Path) -> None:
    [methodology] = library_of(tmp_path, OVERLAY).methodologies
    told = explain(methodology, Record("420100", "", DAY, {"distance": Fraction(10)}))
    [rate] = told["parameters"]
    assert rate["value"] == "45"
    assert (rate["filled_by"], rate["filled_on"]) == ("市生态环境局", "2024-05-20")
    assert rate["overlay"] == PLACE
    values = describe(methodology)["parameters"][0]["values"]
    assert [each["filled_by"] for each in values].count("市生态环境局") == 1


def test_an_unconfirmed_value_may_be_filled_in(tmp_path: Path) -> None:
    text = OVERLAY.replace("rate, region", "rate, class: fast, region")
    text = text[: text.index("cases:")] + (
        'cases:\n  - {given: {region: "420100", at: 2024-10-01, class: fast, distance: 10},'
        " expect: {mg: 450000}}\n"
    )
    [methodology] = library_of(tmp_path, text).methodologies
    assert value_of(methodology, "fast") == 45


def value_of(methodology: Methodology, class_: str) -> Fraction | None:
    entry = methodology.parameters["rate"].value_for(("420100",), class_, DAY)
    assert entry is not None
    return entry.value


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rate, region", "rate, class: slow, region", "has a value on these days, 60 (某文)"),
        ("rate, region", "rate, class: other, region", "no unknown value waiting in 420100"),
        ("from: 2024-06-01", "from: 2023-06-01", "from 2023-06-01 on, rate has no unknown value"),
        ("parameter: rate", "parameter: rates", "no parameter 'rates'; did you mean 'rate'?"),
        ("unit: kgCO2e/km", "unit: kgCO2e/kWh", "is in gCO2e/km, not in kgCO2e/kWh"),
        ("unit: kgCO2e/km, ", "", "fill lacks 'unit'"),
        (", by: 市生态环境局", "", "fill lacks 'by'"),
        ("evidence: official", "evidence: template", "evidence cannot be 'template'"),
        ("value: 0.045", "value: unknown", "'unknown' is no decimal number"),
        ('region: "420100", from: 2024-06', 'region: "440300", from: 2024-06', "440300 is not in"),
        ('version: "1.0"', 'version: "2.0"', "has no version '2.0'; there are: 1.0"),
        ("overlay: test-metro", "overlay: test-metre", "did you mean 'test-metro'?"),
        (f"fills:\n  - {FILL}", "fills: []", "fills is empty"),
        (f"  - {FILL}", f"  - {FILL}\n  - {FILL}", "has a value on these days, 45 (公告)"),
        ("mg: 450000", "mg: 45", "states 45 mg but the result is 450000 mg"),
    ],
)
def test_what_an_overlay_may_not_do(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in OVERLAY
    with pytest.raises(LibraryBroken) as caught:
        library_of(tmp_path, OVERLAY.replace(old, new, 1))
    assert f"{PLACE}:" in caught.value.en
    assert told in caught.value.en


def test_an_overlay_stands_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(LibraryBroken) as caught:
        library_of(tmp_path, OVERLAY, place="overlays/440300/test-metro.yaml")
    assert "the overlay belongs in overlays/420100/test-metro.yaml; move it" in caught.value.en
