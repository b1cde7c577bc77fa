"""The pages of law as data: found, filtered, and a calculator with the platform's own integers."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from tests.tidy.source import PROJECT
from tests.web.asking import Caller

from tanhui.core.period import day_of
from tanhui.engine.closure import closure
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology
from tanhui.engine.rendering import number_text
from tanhui.interfaces.public.methodology_list import PAGE_METHODOLOGIES

LIBRARY = Library.load(PROJECT / "library")
BY_CODE = {each.code: each for each in LIBRARY.methodologies}
ASKED = 200
EVERY = {*BY_CODE, *(each.code for each in LIBRARY.projects)}
SAMPLE = sorted(BY_CODE)[:: max(1, len(BY_CODE) // 6)]
CALCULATED = ("wuhan-metro", "shenzhen-ev-charging", "wuhan-home-electricity")


def records(methodology: Methodology, n: int) -> list[tuple[str, str, int, list[int]]]:
    """Random places, classes, days and counts, the ends of each field among them."""
    form = compile_form(methodology)
    draw = random.Random(methodology.code)
    first = methodology.first_day
    found = []
    for _ in range(n):
        counts = [
            draw.choice((draw.randint(low, high), draw.randint(low, low + high // 50), low, high))
            for low, high in form.bounds
        ]
        region = draw.choice([*form.index.regions, "110000", "650102"])
        class_ = draw.choice([*form.index.classes, "no-such-class"])
        found.append((region, class_, draw.randint(first - 40, first + 1_500), counts))
    return found


def answers(methodology: Methodology, asked: list[tuple[str, str, int, list[int]]]) -> list[str]:
    """What the closure of the platform says, as `mg/code`."""
    form = compile_form(methodology)
    run = closure(form)
    found = []
    for region, class_, day, counts in asked:
        mg, code = run(form.cell_of(region, class_, day), tuple(counts))
        found.append(f"{mg}/{code}")
    return found


@pytest.mark.parametrize("code", CALCULATED)
def test_the_browser_gives_the_integers_of_the_platform(page: Page, code: str) -> None:
    """Random records through the form itself, and many through its function."""
    methodology = BY_CODE[code]
    asked = records(methodology, ASKED)
    page.goto(f"/methodologies/{code}")
    form = compile_form(methodology)
    cells = [form.cell_of(region, class_, day) for region, class_, day, _ in asked]
    given = [
        [cell, [str(count) for count in counts]]
        for cell, (_, _, _, counts) in zip(cells, asked, strict=True)
    ]
    found = page.evaluate(
        "asked => asked.map(([cell, counts]) => quantify(cell, counts.map(BigInt)).join('/'))",
        given,
    )
    assert found == answers(methodology, asked)
    for one in asked[:12]:
        through_the_form(page, methodology, one)
        answer = page.locator("#calculator .answer")
        told = f"{answer.get_attribute('data-mg')}/{answer.get_attribute('data-code')}"
        assert told == answers(methodology, [one])[0], one
        expect(answer).not_to_contain_text("两种算法的结果不同")


def through_the_form(
    page: Page, methodology: Methodology, record: tuple[str, str, int, list[int]]
) -> None:
    region, class_, day, counts = record
    for field, count in zip(methodology.fields, counts, strict=True):
        page.fill(f"#f-{field.name}", number_text(count * field.step))
    page.fill("#c-region", region)
    page.fill("#c-day", day_of(day).isoformat())
    if page.locator("#c-class").count():
        page.fill("#c-class", class_)
    page.evaluate("document.querySelector('#calculator .answer').hidden = true")
    page.click("#calculator button")
    expect(page.locator("#calculator .answer")).to_be_visible()


def test_the_calculator_shows_every_step_and_says_when_no_value_holds(page: Page) -> None:
    page.goto("/methodologies/shenzhen-ev-charging")
    page.fill("#f-energy", "20")
    page.fill("#c-day", "2024-10-01")
    page.click("#calculator button")
    answer = page.locator("#calculator .answer")
    expect(answer).to_contain_text("8,188,000 mg")
    expect(answer).to_contain_text(
        "替代的排放 = 0.07 L/km ÷ 0.15 kWh/km × 2.37 kg CO₂e/L = 1106 g".replace(
            "kg ", "kg\N{NO-BREAK SPACE}"
        )
    )
    page.fill("#c-region", "110000")
    page.click("#calculator button")
    expect(answer).to_contain_text("没有可用的数值")
    page.fill("#c-region", "440300")
    page.fill("#f-energy", "0")
    page.click("#calculator button")
    expect(answer).to_contain_text("不满足适用条件：")


def test_the_calculator_says_what_it_leaves_out(page: Page) -> None:
    page.goto("/methodologies/wuhan-metro")
    left_out = page.locator(".left-out")
    expect(left_out).to_contain_text("下列各项不在此计算之内")
    expect(left_out).to_contain_text("每人至多 5.000 kg CO₂e / 每日 · 地铁")
    expect(left_out).to_contain_text("重复上报只计一次")


def test_a_formula_wider_than_the_phone_says_so(page: Page) -> None:
    page.goto("/methodologies/seoul-eco-mileage-building")
    wide = page.locator(".formula[data-hint]").first
    expect(wide).to_have_attribute("data-hint", "左右滑动可看全部")
    expect(wide).to_have_attribute("tabindex", "0")
    page.goto("/methodologies/wuhan-metro")
    expect(page.locator(".formula[data-hint]")).to_have_count(0)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("f-distance", "", "请写十进制数"),
        ("f-distance", "1e3", "请写十进制数"),
        ("f-distance", "0.0001", "最小一步是 0.001 km"),
        ("f-distance", "300.001", "0 – 300 km"),
        ("c-region", "42010", "应为六位数字"),
        ("c-day", "", "请选一个日期"),
    ],
)
def test_a_wrong_entry_is_named_at_its_field(page: Page, field: str, value: str, told: str) -> None:
    page.goto("/methodologies/wuhan-metro")
    page.fill("#f-distance", "10")
    page.fill(f"#{field}", value)
    page.click("#calculator button")
    expect(page.locator(f"#e-{field[2:]}")).to_contain_text(told)
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#{field}")).to_be_focused()
    expect(page.locator("#calculator .answer")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1_440])
def test_a_page_fits_its_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for code in SAMPLE:
        page.goto(f"/methodologies/{code}")
        expect(page.locator("h1")).to_have_text(BY_CODE[code].title.zh)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), code
        assert page.locator("math").count() >= len(BY_CODE[code].equations), code


@pytest.mark.parametrize("width", [390, 1_440])
def test_a_project_is_typeset_with_its_indices(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/methodologies/ar-cm-001")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("math msub").count() > 5
    assert page.locator("math munder").count() > 0
    expect(page.locator("#calculator")).to_have_count(0)


def test_the_list_is_filtered_and_paged(caller: Caller) -> None:
    def codes(query: str) -> list[str]:
        text = caller.get(f"/methodologies{query}").text
        return re.findall(r'href="/methodologies/([a-z0-9-]+)\?version=', text)

    assert codes("?q=wuhan-metro") == ["wuhan-metro"]
    assert "wuhan-metro" in codes("?q=%E5%9C%B0%E9%93%81")
    assert set(codes("?region=420106&scene=metro")) >= {"wuhan-metro"}
    assert "wuhan-nev-trip" in codes("?status=disabled&scene=nev-trip&region=420100")
    assert codes("?q=no-such-name") == []
    assert "没有符合条件的方法学" in caller.get("/methodologies?q=no-such-name").text
    for query in ("region=1", "standing=nonsense", "kind=x", "q=" + "x" * 101):
        wrong = caller.get(f"/methodologies?{query}").text
        assert 'role="alert"' in wrong
        assert 'class="law"' not in wrong  # nothing that was not asked for
    assert "应为六位数字" in caller.get("/methodologies?region=1").text
    assert caller.get("/methodologies/no-such-code").status == 404
    assert caller.get("/methodologies/wuhan-metro?version=1").status == 404
    seen: list[str] = []
    for number in range(1, -(-len(EVERY) // PAGE_METHODOLOGIES) + 1):
        further = codes(f"?page={number}")
        assert not set(further) & set(seen)
        seen += further
    assert set(seen) == EVERY
    assert codes("?page=999") == further  # the last


def test_what_may_be_credited_today_is_found_and_taken_home(caller: Caller) -> None:
    today = datetime.now(UTC).date()
    creditable = {each.code for each in LIBRARY.status(on=today).creditable}
    assert 0 < len(creditable) < len(EVERY)
    page = caller.get("/methodologies?standing=creditable").text
    assert f"共 {len(creditable)} 个" in page
    rows = caller.get("/methodologies.csv?standing=creditable").text.splitlines()
    assert {row.split(",")[0] for row in rows[1:]} == creditable
    listed = caller.get("/methodologies.json?standing=creditable").json
    assert {one["code"] for one in listed["items"]} == creditable
    assert {one["standing"] for one in listed["items"]} == {"creditable"}
    assert listed["total"] == len(creditable)
    assert len(caller.get("/methodologies.json").json["items"]) == len(EVERY)
    metro = caller.get("/api/v1/methodologies?standing=creditable&scene=metro").json
    assert {one["code"] for one in metro["items"]} <= creditable
    assert caller.get("/api/v1/methodologies?standing=some").status in (400, 422)
    wrong = caller.get("/methodologies.csv?region=1")
    assert wrong.status == 302  # to the page, which says what is wrong


def test_an_international_methodology_is_not_called_foreign(caller: Caller) -> None:
    """`900000` is no country: such a methodology holds in Shaanxi as well, and says so."""
    page = caller.get("/methodologies?region=610000").text
    assert "国际（不限国家）" in page
    assert "中国以外" not in page


def test_the_api_gives_the_same_law(caller: Caller) -> None:
    page = caller.get("/api/v1/methodologies?limit=3").json
    assert len(page["items"]) == 3
    assert page["total"] == len(LIBRARY.methodologies) + len(LIBRARY.projects)
    further = caller.get(f"/api/v1/methodologies?limit=200&after={page['next']}").json
    codes = [one["code"] for one in (*page["items"], *further["items"])]
    assert set(codes) == EVERY
    forest = caller.get("/api/v1/methodologies/ar-cm-001").json
    assert forest["kind"] == "project"
    assert {one["symbol"] for one in forest["formula"]} >= {"issuable", "reversal"}
    metro = caller.get("/api/v1/methodologies/wuhan-metro").json
    assert metro["digest"] == BY_CODE["wuhan-metro"].digest
    assert metro["fields"][0]["column"] == "distance_km"
    assert metro["parameters"][0]["values"][0]["value"] == "78.4"
    assert caller.get("/api/v1/methodologies/nowhere").status == 404
    assert caller.get("/api/v1/methodologies?limit=0").status == 422
    assert caller.get("/api/v1/methodologies?region=1").status in (400, 422)
