"""A partner's machine uploads: once is once, wrong is refused, and a refusal changes nothing."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from tests.web.asking import Caller
from tests.web.serving import Site
from tests.web.signed import Request, a_file, a_request, signed_get
from tests.web.small_city import KEY_ID, MEMBER, OTHER, PARTNER, RIDE_MG

from tanhui.engine.batch.limits import UPLOAD_BYTES_MAX
from tanhui.interfaces.api import client

BATCHES = f"/api/v1/partners/{PARTNER}/batches"


def batches(site: Site) -> list[int]:
    return [one["batch"] for one in signed_get(site, f"{BATCHES}?limit=200").json["items"]]


def test_an_upload_is_recorded_and_the_same_again_is_not(site: Site) -> None:
    request = a_request(site, a_file(100))
    first = request.send(site)
    assert first.status == 201, first.text
    receipt = first.json
    assert receipt["counts"] == {"credited": 1}
    assert receipt["mg_credited"] == RIDE_MG
    assert receipt["repeated"] is False
    before = batches(site)

    replayed = request.send(site)  # the very same bytes and signature
    resigned = a_request(site, a_file(100)).send(site)  # a retry with a fresh signature
    other_key = a_request(site, a_file(100), again="another-key-1").send(site)
    for again in (replayed, resigned, other_key):
        assert again.status == 200, again.text
        assert again.json["repeated"] is True
        assert again.json["batch"] == receipt["batch"]
        assert again.json["digest"] == receipt["digest"]
    assert batches(site) == before
    assert json.loads(site.command("prove", "--json"))["ok"] is True


def test_the_same_key_with_other_content_is_a_conflict(site: Site) -> None:
    assert a_request(site, a_file(101), again="one-key-for-101").send(site).status == 201
    before = batches(site)
    answer = a_request(site, a_file(102), again="one-key-for-101").send(site)
    assert answer.status == 409
    assert answer.json["code"] == "batch.key.other_file"
    assert batches(site) == before


def test_a_machine_reads_what_it_sent_and_nothing_else(site: Site) -> None:
    assert signed_get(site, f"{BATCHES}/1").json["rows"] == 6
    rows = signed_get(site, f"{BATCHES}/1/quarantine").json
    assert [one["row"] for one in rows["items"]] == [4, 6]
    assert signed_get(site, f"{BATCHES}/1/quarantine.csv").text.count("\n") == 3
    for code in (OTHER, "nobody"):
        for path in ("batches", "batches/2"):
            answer = signed_get(site, f"/api/v1/partners/{code}/{path}")
            assert (answer.status, answer.json["code"]) == (404, "partner.unknown")
            assert answer.json["en"] == f"There is no partner '{code}', or it is not yours."


@pytest.mark.parametrize("batch", [2, 999_999, 0, 2**63])  # another partner's, and no batches
def test_a_batch_that_is_not_ours_does_not_exist(
    site: Site, signed_in: Callable[[str], Caller], batch: int
) -> None:
    """The same answer for all of them, so it does not tell how many batches there are."""
    for path in ("", "/quarantine", "/quarantine.csv"):
        answer = signed_get(site, f"{BATCHES}/{batch}{path}")
        assert (answer.status, answer.json["code"]) == (404, "batch.unknown")
        assert answer.json["zh"] == f"没有批次 {batch}，或不属于您。"
        assert answer.json["en"] == f"There is no batch {batch}, or it is not yours."
    page = signed_in(MEMBER).get(f"/partners/{PARTNER}/batches/{batch}")
    assert page.status == 404
    assert f"没有批次 {batch}，或不属于您。" in page.text


def tampered(site: Site) -> dict[str, tuple[Request, int, str]]:
    """Requests that must be refused: what, status, code."""
    content = a_file(110)
    good = a_request(site, content)
    stranger = Ed25519PrivateKey.generate()
    proof = good.headers["Signature"]
    changed = proof[:10] + ("A" if proof[10] != "A" else "B") + proof[11:]
    unsigned = {n: t for n, t in good.headers.items() if not n.startswith("Signature")}
    half = {n: t for n, t in good.headers.items() if n != "Signature"}
    uncovered = good.headers["Signature-Input"].replace(' "idempotency-key"', "")
    body = replace(good, content=content[:-1] + b"9")
    return {
        "no signature": (replace(good, headers=unsigned), 401, "access.unauthenticated"),
        "half a signature": (replace(good, headers=half), 401, "signature.malformed"),
        "a changed signature": (good.but(Signature=changed), 401, "signature.wrong"),
        "another's key": (a_request(site, content, key=stranger), 401, "signature.wrong"),
        "an unknown key": (a_request(site, content, key_id="nobody"), 401, "partner.key.unknown"),
        "another query": (replace(good, url=good.url + "0"), 401, "signature.wrong"),
        "another key of repetition": (
            good.but(idempotency_key="other-key-0"), 401, "signature.wrong",
        ),
        "less covered": (
            good.but(Signature_Input=uncovered), 401, "signature.component_missing",
        ),
        "another content": (body, 422, "digest.mismatch"),
        "no digest": (good.but(content_digest="sha-256=oops"), 401, "signature.wrong"),
        "another partner": (a_request(site, content, partner=OTHER), 404, "partner.unknown"),
        "a short key": (a_request(site, content, again="short"), 422, "idempotency.key_malformed"),
        "an unknown feed": (a_request(site, content, feed="nothing"), 404, "feed.unknown"),
        "an empty file": (a_request(site, b""), 422, ""),
        "no table": (a_request(site, b"\x00\x01\x02" * 50), 422, ""),
        "markup for a name": (a_request(site, content, name="a\nb"), 422, "upload.name_malformed"),
    }  # fmt: skip


NAMES = (
    "no signature", "half a signature", "a changed signature", "another's key", "an unknown key",
    "another query", "another key of repetition", "less covered", "another content", "no digest",
    "another partner", "a short key", "an unknown feed", "an empty file", "no table",
    "markup for a name",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_upload_is_refused_and_nothing_is_posted(site: Site, name: str) -> None:
    request, status, code = tampered(site)[name]
    before = batches(site)
    answer = request.send(site)
    assert (answer.status, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.text
    assert code in ("", answer.json["code"])
    assert answer.json["zh"]
    assert answer.json["en"]
    assert batches(site) == before


def test_every_named_case_is_tried(site: Site) -> None:
    assert set(tampered(site)) == set(NAMES)


def test_an_old_signature_is_stale(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(client.time, "time", lambda: now - 301)
    stale = a_request(site, a_file(111)).send(site)
    monkeypatch.setattr(client.time, "time", lambda: now + 120)
    early = a_request(site, a_file(111)).send(site)
    assert (stale.status, stale.json["code"]) == (401, "signature.stale")
    assert (early.status, early.json["code"]) == (401, "signature.in_future")
    assert abs(stale.json["values"]["server_time"] - now) < 60


def test_a_refused_signature_is_told_what_to_sign(site: Site, caller: Caller) -> None:
    answer = caller.ask("POST", BATCHES, content=b"x")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Signature")
    assert '"content-digest" "idempotency-key"' in answer.headers["accept-signature"]


def test_too_large_is_refused_before_it_is_read(site: Site) -> None:
    request = a_request(site, a_file(112))
    parts = urlsplit(request.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.putrequest("POST", f"{parts.path}?{parts.query}")
    for name, text in request.headers.items():
        connection.putheader(name, text)
    connection.putheader("Content-Length", str(UPLOAD_BYTES_MAX + 1))
    connection.endheaders()
    connection.send(b"x" * 1_000)  # and not a byte more
    answer = connection.getresponse()
    document = json.loads(answer.read())
    assert (answer.status, document["code"]) == (413, "upload.too_large")
    assert document["values"]["bytes_max"] == UPLOAD_BYTES_MAX


def test_an_upload_without_length_is_refused(site: Site) -> None:
    request = a_request(site, a_file(113))
    parts = urlsplit(request.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    pieces = iter([request.content])
    with suppress(BrokenPipeError):  # the answer may come before all is sent
        connection.request(
            "POST",
            f"{parts.path}?{parts.query}",
            body=pieces,
            headers=request.headers | {"Transfer-Encoding": "chunked"},
            encode_chunked=True,
        )
    assert connection.getresponse().status == 411


def test_a_session_reads_but_does_not_upload(signed_in: Callable[[str], Caller]) -> None:
    member = signed_in(MEMBER)
    assert member.get(BATCHES).status == 200
    answer = member.ask("POST", f"{BATCHES}?feed=canonical&name=a.csv", content=a_file(114))
    assert answer.status == 401


def test_the_guides_client_uploads_a_file(
    site: Site, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path_factory.mktemp("client")
    pem = site.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    (folder / "地铁 10-20.csv").write_bytes(a_file(115))
    command = [
        str(folder / "地铁 10-20.csv"), "--feed", "canonical", "--partner", PARTNER,
        "--key", KEY_ID, "--secret", str(folder / "key.pem"), "--server", site.url,
    ]  # fmt: skip
    assert client.main(command) == 0
    receipt = json.loads(capsys.readouterr().out)
    assert receipt["source"]["name"] == "地铁 10-20.csv"
    assert receipt["counts"] == {"credited": 1}
    command[command.index(KEY_ID)] = "nobody"
    assert client.main(command) == 1
    assert json.loads(capsys.readouterr().err)["code"] == "partner.key.unknown"
