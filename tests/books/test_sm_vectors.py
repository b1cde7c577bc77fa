"""HMAC-SM3 and SM4-GCM of our library on Wycheproof's vectors; skipped where not offered."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tests.books.translog.published import vectors


def test_wycheproof_hmac_sm3() -> None:
    differing, run = [], 0
    for group in vectors("wycheproof")["hmac_sm3"]:
        for test in group["tests"]:
            try:
                found = _is_mac(test)
            except UnsupportedAlgorithm:
                pytest.skip("this OpenSSL has no SM3")
            run += 1
            if found != (test["result"] == "valid"):
                differing.append(test["tcId"])
    assert (differing, run) == ([], 174)


def _is_mac(test: dict[str, Any]) -> bool:
    """Short tags are the first bytes of the whole one."""
    given = bytes.fromhex(test["tag"])
    mac = hmac.HMAC(bytes.fromhex(test["key"]), hashes.SM3())
    mac.update(bytes.fromhex(test["msg"]))
    return mac.finalize()[: len(given)] == given


IV_BITS = range(64, 1025)  # what the library takes; ours are 96 bits


def test_wycheproof_sm4_gcm() -> None:
    """Every vector, but that an unusual nonce is refused whole, valid or not."""
    differing, run = [], 0
    for group in vectors("wycheproof")["sm4_gcm"]:
        for test in group["tests"]:
            try:
                found = _opens(test)
            except UnsupportedAlgorithm:
                pytest.skip("this OpenSSL has no SM4-GCM")
            run += 1
            expected = test["result"] == "valid" and group["ivSize"] in IV_BITS
            if found != expected:
                differing.append((test["tcId"], test["result"], group["ivSize"]))
    assert run == 104
    assert differing == []


def _opens(test: dict[str, Any]) -> bool:
    key, iv, tag = (bytes.fromhex(test[name]) for name in ("key", "iv", "tag"))
    try:
        opened = Cipher(algorithms.SM4(key), modes.GCM(iv, tag)).decryptor()
        opened.authenticate_additional_data(bytes.fromhex(test["aad"]))
        clear = opened.update(bytes.fromhex(test["ct"])) + opened.finalize()
    except (InvalidTag, InvalidSignature, ValueError):
        return False
    return clear == bytes.fromhex(test["msg"])


def test_sm4_gcm_of_rfc_8998() -> None:
    given = vectors("openssl_sm")["sm4_gcm_rfc8998"]
    named = {"msg": given["pt"], "result": "valid"} | {
        name: given[name] for name in ("key", "iv", "aad", "tag", "ct")
    }
    try:
        assert _opens(named)
    except UnsupportedAlgorithm:
        pytest.skip("this OpenSSL has no SM4-GCM")
