"""RFC 9421 with Ed25519: the standard's own example, our client, and every way to be wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tests.web.serving import PROJECT

from tanhui.core.errors import Denied, InputRefused
from tanhui.interfaces.api.client import sign
from tanhui.interfaces.api.limits import SIGNATURE_AGE_MAX_S, SIGNATURE_AHEAD_MAX_S
from tanhui.interfaces.api.signing import (
    READ_COMPONENTS,
    RequestSignature,
    check_coverage,
    check_freshness,
    content_sha256,
    read_signature,
    signature_base,
    verify,
)

# RFC 9421, appendix B.2.6 (key of B.1.4)
RFC_KEY = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
RFC_SIGNATURE = base64.b64decode(
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)
RFC_VALUE = (
    '("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
RFC_VALUES = {
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "@method": "POST",
    "@path": "/foo",
    "@authority": "example.com",
    "content-type": "application/json",
    "content-length": "18",
}
INPUT = 'sig=("@method" "@path");created=1700000000;keyid="k";nonce="0123456789abcdef"'
SIGNATURE = "sig=:" + base64.b64encode(bytes(64)).decode() + ":"


def rfc_signature() -> RequestSignature:
    return RequestSignature(
        tuple(RFC_VALUES), RFC_VALUE, 1618884473, "test-key-ed25519", "", RFC_SIGNATURE
    )


def test_the_standards_own_example_verifies() -> None:
    signature = rfc_signature()
    verify(signature, signature_base(signature, RFC_VALUES), RFC_KEY)


@pytest.mark.parametrize("name", list(RFC_VALUES))
def test_a_changed_component_does_not_verify(name: str) -> None:
    signature = rfc_signature()
    base = signature_base(signature, RFC_VALUES | {name: "other"})
    with pytest.raises(Denied) as refusal:
        verify(signature, base, RFC_KEY)
    assert refusal.value.code == "signature.wrong"


def test_the_client_signs_what_the_server_reads() -> None:
    key = Ed25519PrivateKey.generate()
    url = "https://Carbon.example/api/v1/partners/a/batches?feed=x&name=%E5%9C%B0%E9%93%81"
    headers = sign("GET", url, key_id="a-1", key=key)
    signature = read_signature(headers["Signature-Input"], headers["Signature"])
    check_coverage(signature, READ_COMPONENTS)
    values = {
        "@method": "GET",
        "@authority": "carbon.example",
        "@path": "/api/v1/partners/a/batches",
        "@query": "?feed=x&name=%E5%9C%B0%E9%93%81",
    }
    verify(signature, signature_base(signature, values), key.public_key().public_bytes_raw())
    assert signature.keyid == "a-1"


@pytest.mark.parametrize(
    ("signature_input", "signature"),
    [
        ("", ""),
        (INPUT, ""),
        (INPUT, SIGNATURE.replace("sig=", "other=")),
        (INPUT, SIGNATURE + ", two=:" + base64.b64encode(bytes(64)).decode() + ":"),
        (INPUT + ", two=" + INPUT.removeprefix("sig="), SIGNATURE),
        (INPUT.replace('"@path"', '"@path";req'), SIGNATURE),
        (INPUT.replace(';nonce="0123456789abcdef"', ""), SIGNATURE),
        (INPUT.replace("0123456789abcdef", "short"), SIGNATURE),
        (INPUT.replace("1700000000", '"1700000000"'), SIGNATURE),
        (INPUT.replace("1700000000", "-5"), SIGNATURE),
        (INPUT.replace('keyid="k"', r'keyid="k\""'), SIGNATURE),
        (INPUT + ';alg="hmac-sha256"', SIGNATURE),
        (INPUT + ";created=1", SIGNATURE),
        (INPUT + ';tag="x"', SIGNATURE),
        (INPUT + "x" * 3_000, SIGNATURE),
        (INPUT, "sig=:AAAA:"),
        ("sig=();created=1", SIGNATURE),
        (INPUT.replace("@path", "é"), SIGNATURE),
    ],
)
def test_any_other_form_is_refused(signature_input: str, signature: str) -> None:
    with pytest.raises(Denied) as refusal:
        read_signature(signature_input, signature)
    assert refusal.value.code == "signature.malformed"


def test_coverage_is_complete_and_without_doubles() -> None:
    signature = read_signature(INPUT, SIGNATURE)
    check_coverage(signature, ("@method", "@path"))
    with pytest.raises(Denied, match='"@authority"'):
        check_coverage(signature, READ_COMPONENTS)
    double = read_signature(INPUT.replace('"@path"', '"@path" "@path"'), SIGNATURE)
    with pytest.raises(Denied, match="twice"):
        check_coverage(double, ("@method", "@path"))


@pytest.mark.parametrize(
    ("age_s", "code"),
    [
        (0, None),
        (SIGNATURE_AGE_MAX_S, None),
        (-SIGNATURE_AHEAD_MAX_S, None),
        (SIGNATURE_AGE_MAX_S + 1, "signature.stale"),
        (-SIGNATURE_AHEAD_MAX_S - 1, "signature.in_future"),
    ],
)
def test_the_window_has_both_ends(age_s: int, code: str | None) -> None:
    signature = read_signature(INPUT, SIGNATURE)
    if code is None:
        check_freshness(signature, signature.created + age_s)
        return
    with pytest.raises(Denied) as refusal:
        check_freshness(signature, signature.created + age_s)
    assert refusal.value.code == code


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "中文"])
def test_a_value_cannot_smuggle_a_line(value: str) -> None:
    signature = read_signature(INPUT, SIGNATURE)
    with pytest.raises(Denied):
        signature_base(signature, {"@method": "GET", "@path": value})


def test_the_guide_tells_the_limits_that_hold() -> None:
    from tanhui.engine.batch.limits import UPLOAD_BYTES_MAX
    from tanhui.interfaces.api import limits

    guide = (PROJECT / "docs" / "partners.md").read_text("utf-8")
    for line in (
        f"| content of one upload | {UPLOAD_BYTES_MAX // 1024**2} MiB |",
        f"| age of a signature | {limits.SIGNATURE_AGE_MAX_S} s; "
        f"up to {limits.SIGNATURE_AHEAD_MAX_S} s ahead of the server's clock |",
        f"| nonce | {limits.NONCE_CHARS_MIN} to {limits.NONCE_CHARS_MAX} characters |",
        f"| file name | {limits.FILE_NAME_CHARS_MAX} characters |",
        f"| settings | {limits.CONFIG_ENTRIES_MAX}, names up to {limits.CONFIG_KEY_CHARS_MAX} "
        f"characters, values up to {limits.CONFIG_VALUE_CHARS_MAX} |",
        f"| a page of a list | {limits.PAGE_ROWS_MAX} |",
        f"{limits.IDEMPOTENCY_KEY_CHARS_MIN} to {limits.IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII",
    ):
        assert line in guide


def test_the_guides_key_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (PROJECT / "docs" / "partners.md").read_text("utf-8")
    code = guide.partition("```python\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code, names)  # the reader would run it just so
    key = load_pem_private_key((tmp_path / "metro.pem").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    assert names["public"] == base64.b64encode(key.public_key().public_bytes_raw()).decode()


def test_the_digest_of_the_content_is_read_strictly() -> None:
    good = "sha-256=:" + base64.b64encode(bytes(32)).decode() + ":"
    assert content_sha256(good) == bytes(32)
    assert content_sha256(f"sha-512=:AAAA:, {good}") == bytes(32)
    for wrong in ("", "sha-256=::", "md5=:AAAA:", f"{good},{good}", good.replace(":", "")):
        with pytest.raises(InputRefused):
            content_sha256(wrong)
