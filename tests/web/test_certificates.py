"""An auditor's path: from a certificate's QR to the credential, the log entry and the log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.web.asking import Caller
from tests.web.serving import PROJECT, Site, run, serving
from tests.web.small_city import CITIZEN, STRANGER
from tests.web.test_verify_script import _run as verify_script

KILOGRAM = "value: 1000000\n"


@pytest.fixture(scope="module")
def small_units(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The platform with units of a kilogram, and the token of a certificate of two of them."""
    library = tmp_path_factory.mktemp("library") / "library"
    shutil.copytree(PROJECT / "library", library)
    rules = library / "rulesets" / "100000.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("value: 1000000000\n", KILOGRAM), encoding="utf-8")
    environment = site.environment | {"TANHUI_LIBRARY": str(library)}

    def units(*arguments: str) -> dict[str, str]:
        command = ["-m", "tanhui.interfaces.cli.main", "units", *arguments, "--json"]
        found: dict[str, str] = json.loads(run(command, environment))
        return found

    named = ("--name-zh", "测试机构", "--name-en", "Body", "--kind", "enterprise")
    body = site.command("organisation", "add", *named, "--region", "420100", "--json")
    owner = str(json.loads(body)["organisation"])
    batches = json.loads(site.command("log", "show", "--last", "1000", "--json"))["entries"]
    first = next(each["batch"] for each in batches if each["kind"] == "books.batch.posted")
    assert units("issue", "T-1", "2", "--from", first, "--owner", owner)["units"] == 2
    asked = ("--for", "某某会议", "--purpose", "会议碳中和", "--key", "test")
    token = units("retire", "2", "--owner", owner, *asked)["token"]
    assert units("retire", "2", "--owner", owner, *asked)["token"] == token
    with serving(environment) as url:
        yield url, token


def test_an_auditor_checks_everything_with_the_files_alone(
    small_units: tuple[str, str], tmp_path: Path
) -> None:
    url, token = small_units
    caller = Caller(url)
    for name in ("credential.json", "entry.json", "act.tlog-proof"):
        answer = caller.get(f"/certificates/{token}/{name}")
        assert answer.status == 200, name
        (tmp_path / name).write_bytes(answer.content)
    issuer = caller.get("/certificates/key").json["publicKeyMultibase"]
    (log_keys,) = caller.get("/log/keys").json["keys"].values()
    held = verify_script(str(tmp_path / "credential.json"), "--key", issuer)
    assert held[0] == 0, held[1]
    assert f"/certificates/{token}" in held[1]
    proof = (str(tmp_path / "act.tlog-proof"), "--entry", str(tmp_path / "entry.json"))
    assert verify_script(*proof, "--key", log_keys[-1])[0] == 0
    entry = json.loads((tmp_path / "entry.json").read_bytes())
    assert (entry["kind"], entry["units"], entry["beneficiary"]) == (
        "registry.units.retired",
        2,
        "某某会议",
    )
    changed = (tmp_path / "credential.json").read_text().replace("units=2", "units=3")
    (tmp_path / "credential.json").write_text(changed)
    assert verify_script(str(tmp_path / "credential.json"), "--key", issuer)[0] == 1


def test_the_printed_page_carries_its_proofs(small_units: tuple[str, str]) -> None:
    url, token = small_units
    answer = Caller(url).get(f"/certificates/{token}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    for name in (b"act.tlog-proof", b"entry.json", b"credential.json"):
        assert name in answer.content, name
    assert len(re.findall(rb"/Type\s*/Page\b", answer.content)) <= 1


def test_the_page_shows_what_was_retired(page: Page, small_units: tuple[str, str]) -> None:
    url, token = small_units
    page.goto(f"{url}/certificates/{token}")
    expect(page.get_by_role("heading", name="减排量注销证书")).to_be_visible()
    expect(page.get_by_text("某某会议")).to_be_visible()
    expect(page.get_by_text("0.002 tCO")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_a_wrong_token_or_file_is_not_there(small_units: tuple[str, str]) -> None:
    url, token = small_units
    for path in (f"/certificates/{token[:-1]}", f"/certificates/{token}/other", "/certificates/x"):
        assert Caller(url).get(path).status == 404, path


def test_from_the_certificate_down_to_ones_own_ride(
    page: Page, small_units: tuple[str, str], signed_in: Callable[[str], Caller], tmp_path: Path
) -> None:
    """QR -> certificate -> issue -> batch entry with its root -> the person's ride, and no trust:
    each step is proven by verify.py from files alone.
    """
    url, token = small_units
    caller = Caller(url)
    credential = caller.get(f"/certificates/{token}/credential.json").json
    assert credential["id"].endswith(f"/certificates/{token}"), "what the QR code says"
    (keys,) = caller.get("/log/keys").json["keys"].values()
    page.goto(f"{url}/certificates/{token}")
    steps = page.get_by_role("link", name=re.compile(r" \d{4} · \d+$"))
    addresses = [str(link.get_attribute("href")) for link in steps.all()]
    entries = [_proven(caller, address, keys[-1], tmp_path) for address in addresses]
    assert [entry["kind"] for entry in entries] == ["registry.units.issued", "books.batch.posted"]
    issue, batch = entries
    assert issue["from"] == [f"{batch['batch']}:{batch['digest']}"]
    retired = caller.get(f"/certificates/{token}/entry.json").json
    assert retired["serials"] == issue["serials"], "all of the issue was retired"
    answer = signed_in(CITIZEN).get(f"/api/v1/results/{batch['batch']}-1/proof")
    assert answer.status == 200, answer.text
    proof = tmp_path / "ride.json"
    proof.write_bytes(answer.content)
    held = verify_script(str(proof), "--key", keys[-1])
    assert held[0] == 0, held[1]
    assert answer.json["batch"]["root"] == batch["root"]
    assert json.loads(answer.json["entry"]) == batch
    _linked_on_the_page(page, url, [tmp_path / "credential.json", proof], credential)
    page.goto(f"{url}{addresses[1]}")
    page.get_by_role("link", name=re.compile("^T-1 ")).click()
    expect(page.get_by_role("heading", name="签发")).to_be_visible()
    page.get_by_role("link", name=re.compile(r"^\d+ \d{4} · \d+$")).last.click()
    expect(page.get_by_text("会议碳中和", exact=True)).to_be_visible()
    assert signed_in(STRANGER).get(f"/api/v1/results/{batch['batch']}-1/proof").status == 404


def _linked_on_the_page(page: Page, url: str, files: list[Path], credential: Any) -> None:
    """The page follows the certificate to the ride's batch by the platform's log."""
    files[0].write_text(json.dumps(credential), encoding="utf-8")
    page.goto(f"{url}/verify")
    page.get_by_label("证明文件").set_input_files(files)
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="凭证与记录相连")).to_be_visible()


def _proven(caller: Caller, address: str, key: str, folder: Path) -> dict[str, Any]:
    """A log entry fetched and proven by the stranger's own script."""
    entry, proof = folder / "entry.json", folder / "entry.tlog-proof"
    entry.write_bytes(caller.get(f"{address}.json").content)
    proof.write_bytes(caller.get(f"{address}.tlog-proof").content)
    held = verify_script(str(proof), "--entry", str(entry), "--key", key)
    assert held[0] == 0, held[1]
    found: dict[str, Any] = json.loads(entry.read_bytes())
    return found
