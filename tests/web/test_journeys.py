"""Two people through the pages with a real browser: a citizen, and a partner's member."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.web.small_city import CITIZEN, MEMBER, PARTNER, PASSWORD, csv_text, ride

WIDTHS = ((390, 844), (1440, 900))


def sign_in(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def assert_fits(page: Page) -> None:
    """Nothing sticks out sideways at either width, and no control is too small to tap."""
    page.wait_for_load_state()
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    page.set_viewport_size({"width": 390, "height": 844})
    for control in page.locator("button:visible, select:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 40, control.inner_text()


def test_a_citizen_follows_a_gram_to_its_ride(page: Page) -> None:
    sign_in(page, CITIZEN)
    expect(page).to_have_url("/account")
    expect(page.get_by_role("heading", name="我的碳账户")).to_be_visible()
    expect(page.locator(".balance .big")).to_have_text("7.352 kg CO₂e")
    page.get_by_text("精确到毫克", exact=True).click()
    expect(page.get_by_text("7,352,000 mg CO₂e")).to_be_visible()
    expect(page.locator(".points .big")).to_have_text("733 分")
    expect(page.locator(".day-chart .bar")).to_have_count(4)
    assert_fits(page)

    page.get_by_role("link", name="全部记录").click()
    expect(page.locator("a.record")).to_have_count(8)
    page.get_by_label("状态").select_option("partly_capped")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("a.record")).to_have_count(1)
    assert_fits(page)
    page.locator("a.record").click()
    expect(page.get_by_text("刚刚按原始数据重算一遍，结果一致。")).to_be_visible()
    expect(page.get_by_text("= 10 km × 78.4 g CO₂e/km")).to_be_visible()
    expect(
        page.get_by_text("本条算得 0.784 kg，此上限削减 0.488 kg，至多计入 0.296 kg")
    ).to_be_visible()
    expect(page.locator(".factors .badge").first).to_have_text("白皮书")
    assert_fits(page)

    page.get_by_role("link", name="全部记录").click()
    page.get_by_label("场景").select_option("metro")
    page.get_by_label("从").fill("2024-10-20")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_text("No record fits")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_member_uploads_and_reads_the_receipt(
    page: Page, upload_file: Callable[[str, str], Path]
) -> None:
    sign_in(page, MEMBER)
    expect(page).to_have_url(f"/partners/{PARTNER}/batches")
    assert_fits(page)
    page.get_by_role("link", name="上传文件").click()
    assert_fits(page)
    page.get_by_label("文件").set_input_files(upload_file("wrong.csv", "nothing,of,this\n1,2,3\n"))
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("alert")).to_be_visible()

    rows = [ride(200, 21, person="card:200"), ride(201, 21, person="card:201", distance_km="-1")]
    page.get_by_label("文件").set_input_files(upload_file("right.csv", csv_text(rows)))
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="right.csv")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("等于文件行数")).to_be_visible()
    expect(page.locator(".legend tfoot td").first).to_have_text("2")
    expect(page.locator(".raw")).to_have_count(1)
    assert_fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(text.splitlines()) == 2
    receipt = page.url

    page.goto(f"/partners/{PARTNER}/upload")  # the same file again leads to the same receipt
    page.get_by_label("文件").set_input_files(upload_file("right.csv", csv_text(rows)))
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("heading", name="right.csv")).to_be_visible(timeout=30_000)
    assert page.url == receipt


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/api/v1/docs"])
def test_open_pages_fit(page: Page, path: str) -> None:
    page.goto(path)
    assert_fits(page)


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_text("跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("用户名")).to_be_focused()
