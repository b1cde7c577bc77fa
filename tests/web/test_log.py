"""The log over HTTP: files as they are, a stranger's walk, a witness asked through its protocol."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.web.asking import Caller
from tests.web.serving import Site, run, serving
from tests.web.test_verify_script import KEY, a_ride_proof
from tests.web.test_verify_script import _run as verify_script

from tanhui.books.translog.checkpoint import open_checkpoint
from tanhui.books.translog.notes import VerifierKey
from tanhui.books.translog.tiles import tile_path
from tanhui.books.translog.tree import leaf_hash


def _year(caller: Caller) -> tuple[str, VerifierKey]:
    ((year, keys),) = caller.get("/log/keys").json["keys"].items()
    return year, VerifierKey.parse(keys[-1])


def test_a_monitor_reads_the_whole_log(caller: Caller) -> None:
    year, key = _year(caller)
    answer = caller.get(f"/log/{year}/checkpoint")
    assert answer.headers["cache-control"] == "public, max-age=5"
    now = open_checkpoint(answer.text, [key], origin=key.name)
    width = now.size % 256
    tile = caller.get(f"/log/{year}/{tile_path(0, now.size // 256, width)}")
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    held = caller.get(f"/log/{year}/{tile_path('entries', now.size // 256, width)}").content
    first = held[2 : 2 + int.from_bytes(held[:2], "big")]
    assert leaf_hash(first) == tile.content[:32]
    assert json.loads(first)["kind"] == "partners.partner.registered"


def test_nothing_else_is_served(caller: Caller) -> None:
    year, _ = _year(caller)
    for path in (
        f"/log/{year}/../../keys/log.key",
        f"/log/{year}/%2e%2e/%2e%2e/keys/log.key",
        f"/log/{year}/.checkpoint.new",
        "/log/.lock",
        f"/log/{year}/tile/0/001",
        f"/log/{year}/tile/9/000",
    ):
        assert caller.get(path).status == 404, path


def test_the_log_holds_nobody(site: Site) -> None:
    """No reference of a person, and no amounts of a batch of few people."""
    shown = json.loads(site.command("log", "show", "--last", "1000", "--json"))
    text = json.dumps(shown)
    assert "szt:" not in text
    for entry in shown["entries"]:
        assert "mg_credited" not in entry or entry["people"] >= 20


def test_the_page_checks_a_proof_and_shows_why_another_fails(page: Page, tmp_path: Path) -> None:
    proof = a_ride_proof(tmp_path / "log")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(proof), encoding="utf-8")
    bad.write_text(json.dumps(proof | {"opening": "00" * 32}), encoding="utf-8")
    page.goto("/verify")
    page.get_by_label("您信任的公钥").fill(KEY)
    page.get_by_label("证明文件").set_input_files(good)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="✓ 成立")).to_be_visible()
    expect(page.get_by_text("392,000 mg")).to_be_visible()
    zero = tmp_path / "zero.json"
    overlapping = a_ride_proof(tmp_path / "zero", mg="0", status="overlapping", other="1-2")
    zero.write_text(json.dumps(overlapping), encoding="utf-8")
    page.get_by_label("证明文件").set_input_files(zero)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="这条记录没有计入减排量")).to_be_visible()
    expect(page.get_by_text("与他处重合：同一次行为")).to_be_visible()
    expect(page.get_by_text("没有见证人签名")).to_be_visible()
    page.get_by_label("证明文件").set_input_files(bad)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="✗ 不成立")).to_be_visible()
    expect(page.get_by_text("记录不在批次中")).to_be_visible()


def test_the_page_holds_a_saved_checkpoint_against_the_log(
    page: Page, caller: Caller, tmp_path: Path
) -> None:
    """And says what to give when a PDF or a key that is cut is chosen."""
    year, key = _year(caller)
    saved = tmp_path / "checkpoint"
    saved.write_bytes(caller.get(f"/log/{year}/checkpoint").content)
    page.goto("/verify")
    page.get_by_label("证明文件").set_input_files(saved)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="✓ 成立")).to_be_visible()
    expect(page.get_by_text("开头没有改动")).to_be_visible()
    saved.write_bytes(b"%PDF-1.7\n")
    page.get_by_label("证明文件").set_input_files(saved)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="无法核对")).to_be_visible()
    expect(page.locator("#verdict").get_by_text("credential.json")).to_be_visible()
    page.get_by_label("您信任的公钥").fill(str(key)[:-3])
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_text("不是完整的公钥")).to_be_visible()


def test_the_saved_page_works_without_the_platform(
    page: Page, caller: Caller, tmp_path: Path
) -> None:
    saved = tmp_path / "tanhui-verify.html"
    saved.write_bytes(caller.get("/verify/offline").content)
    proof = tmp_path / "proof.json"
    proof.write_text(json.dumps(a_ride_proof(tmp_path / "log")), encoding="utf-8")
    page.context.set_offline(True)
    page.goto(saved.as_uri())
    page.get_by_label("您信任的公钥").fill(KEY)
    page.get_by_label("证明文件").set_input_files(proof)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="✓ 成立")).to_be_visible()


def test_another_platform_cosigns_by_the_protocol(
    caller: Caller, site: Site, tmp_path: Path
) -> None:
    """The same platform knows its own log's key as a witness would know it."""
    year, key = _year(caller)
    other = site.environment | {
        "TANHUI_WITNESS_LOGS": str(key),
        "TANHUI_WITNESS_NAME": "witness.example/w1",
    }
    with serving(other) as url:
        witness = Caller(url).get("/log/keys").json["witness"]
        asking = {"TANHUI_WITNESSES": f"{witness}@{url}/witness", "TANHUI_WITNESSES_MIN": "1"}
        for _ in range(2):
            found = json.loads(
                run(
                    ["-m", "tanhui.interfaces.cli.main", "log", "witness", "--json"],
                    site.environment | asking,
                )
            )
            assert found["signed"] == 1, found
    assert caller.get(f"/log/{year}/checkpoint").text.count("— witness.example/w1 ") == 1
    done = json.loads(site.command("log", "prove", "0", "--out", str(tmp_path), "--json"))
    proof, entry = Path(done["proof"]), Path(done["entry"])
    keys = ["--key", str(key), "--witness", witness]
    told = verify_script(str(proof), "--entry", str(entry), *keys, "--witnesses", "1")
    assert told[0] == 0
    assert "witness.example/w1" in told[1]


def test_readers_find_entries_and_take_them_along(page: Page, caller: Caller) -> None:
    page.goto("/log")
    total = page.locator(".log-entries > li").count()
    assert total >= 1
    page.get_by_label("事项").select_option("books.batch.posted")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator(".log-entries > li").first).to_contain_text("批次入账")
    page.get_by_label("内容").fill("no such content")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("heading", name="没有符合条件的条目")).to_be_visible()
    lines = caller.get("/log.ndjson?kind=books.batch.posted").content.splitlines()
    year, _ = _year(caller)
    oldest = json.loads(lines[-1])
    first = caller.get(f"/log/{year}/entries/0.json")
    assert first.status == 200
    assert int(json.loads(first.content)["act"]) <= int(oldest["act"])
    for kind in ("", ".json", ".tlog-proof"):
        assert caller.get(f"/log/{year}/entries/999999{kind}").status == 404
        assert caller.get(f"/log/1999/entries/0{kind}").status == 404
    wrong = caller.get("/log?kind=nothing")
    assert "筛选条件有误" in wrong.text
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/log?kind=books.batch.posted")
    page.get_by_role("link", name="看这一条").first.click()
    expect(page.get_by_role("heading", name="批次入账")).to_be_visible()
    expect(page.get_by_text("全部记录的根")).to_be_visible()
    raw = page.get_by_role("link", name="条目原文（JSON）").get_attribute("href")
    assert caller.get(str(raw)).json["kind"] == "books.batch.posted"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
