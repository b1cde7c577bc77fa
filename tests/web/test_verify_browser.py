"""The verifier for browsers (verify.js) in node: the same vectors and flips as verify.py."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.books.translog.logs import SIGNER, a_key, a_log, entries, entry
from tests.books.translog.published import vectors
from tests.web.test_audit_script import BROKEN, ISSUER, Trail, a_certificate, a_pool_trail
from tests.web.test_verify_script import KEY, SCRIPT, a_ride_proof

from tanhui.books.credentials import multikey
from tanhui.books.translog.notes import Cosigner, key_of, signature_line, split

NODE = shutil.which("node")
RUNNER = Path(__file__).with_name("verify_script.mjs")
pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def _ask(folder: Path, questions: list[dict[str, Any]]) -> list[Any]:
    file = folder / "questions.json"
    file.write_text(json.dumps(questions), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), str(RUNNER), str(SCRIPT.with_suffix(".js")), str(file)],
        check=True,
        capture_output=True,
        text=True,
    )
    answers: list[Any] = json.loads(done.stdout)
    crashed = [answer for answer in answers if str(answer).startswith("CRASH")]
    assert crashed == []
    return answers


def _audit(folder: Path, files: list[Path], log: Path, *keys: str) -> str:
    texts = [file.read_text(encoding="utf-8") for file in files]
    (found,) = _ask(folder, [{"texts": texts, "logs": [str(log)], "keys": [KEY, *keys]}])
    return str(found)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_wycheproof_ed25519(tmp_path: Path) -> None:
    asked = [
        {
            "key": _base64(bytes.fromhex(group["pk"])),
            "message": _base64(bytes.fromhex(test["msg"])),
            "signature": _base64(bytes.fromhex(test["sig"])),
            "expected": test["result"] == "valid",
        }
        for group in vectors("wycheproof")["ed25519"]
        for test in group["tests"]
    ]
    assert _ask(tmp_path, asked) == [each["expected"] for each in asked]


def test_inclusion_vectors(tmp_path: Path) -> None:
    """Places above 2**53 are refused as places; the rest by the path."""
    given = vectors("merkle_inclusion_vectors")
    asked = [
        {
            "leaf": each["leafHash"],
            "index": each["leafIdx"],
            "size": each["treeSize"],
            "path": each["proof"] or [],
            "root": each["root"],
        }
        for each in given
    ]
    held = [answer is True for answer in _ask(tmp_path, asked)]
    assert held == [not each["wantErr"] for each in given]


def test_w3c_eddsa_jcs_2022(tmp_path: Path) -> None:
    given = vectors("w3c_eddsa_jcs_2022")
    keys = [json.loads(given["keyPair.json"])["publicKeyMultibase"]]
    signed = given["eddsa-jcs-2022/signedJCS.json"]
    changed = signed.replace("The School of Examples", "The School of Other")
    asked: list[dict[str, Any]] = [
        {"text": signed, "keys": keys},
        {"text": changed, "keys": keys},
        {"text": signed, "keys": []},
    ]
    good, bad, untrusted = _ask(tmp_path, asked)
    assert good == "credential"
    assert bad == "签名不符，或不是您信任的公钥所签 / no key that you trust signed this"
    assert untrusted == "请填写签发公钥（z6Mk…） / give the issuer's key (z6Mk…)"


def test_log_proofs_and_witnesses(tmp_path: Path) -> None:
    log = a_log(tmp_path / "log")
    log.publish(entries, 300, SIGNER)
    witness = Cosigner("w.example", a_key("w"), 1_790_000_000)
    log.replace_note((log.note() or "") + signature_line(split(log.note() or "")[0], witness))
    known = {"keys": [KEY], "witnesses": [str(key_of(witness))], "text": log.proof(123)}
    asked: list[dict[str, Any]] = [
        known | {"entry": _base64(entry(123)), "least": 1},
        known | {"entry": _base64(entry(124)), "least": 1},
        known | {"entry": _base64(entry(123)), "least": 2},
        known,
    ]
    answers = _ask(tmp_path, asked)
    assert answers[0] == "log"
    assert [answer.split(" / ")[1] for answer in answers[1:]] == [
        "the entry is not in the log: it does not lead to the root",
        "only 1 witnesses signed",
        "choose the entry's file too",
    ]


def test_two_thousand_flipped_bits_are_refused(tmp_path: Path) -> None:
    proof = json.dumps(a_ride_proof(tmp_path), ensure_ascii=False, separators=(",", ":")).encode()
    chance, texts = random.Random(13), [proof.decode()]
    while len(texts) < 2_001:
        flipped = bytearray(proof)
        bit = chance.randrange(len(proof) * 8)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            texts.append(flipped.decode())
        except UnicodeDecodeError:
            continue
    answers = _ask(tmp_path, [{"text": text, "keys": [KEY]} for text in texts])
    assert answers[0] == "ride"
    assert [text for text, answer in zip(texts, answers, strict=True) if answer == "ride"] == [
        proof.decode()
    ]


@pytest.mark.parametrize("size", [300, 301, 511, 513])
def test_a_log_that_only_grew_holds(tmp_path: Path, size: int) -> None:
    log, saved = a_log(tmp_path / "log"), tmp_path / "checkpoint"
    log.publish(entries, 300, SIGNER)
    saved.write_text(log.note() or "")
    log.publish(entries, size, SIGNER)
    assert _audit(tmp_path, [saved], log.folder) == "grown"


def test_another_history_is_told_whoever_signed_it(tmp_path: Path) -> None:
    log, other = a_log(tmp_path / "log"), a_log(tmp_path / "other")
    log.publish(entries, 300, SIGNER)
    changed = [*entries(0, 6), b'{"changed":1}', *entries(7, 301)]
    other.publish(lambda first, end: changed[first:end], 301, SIGNER)
    told = _audit(tmp_path, [log.folder / "checkpoint"], other.folder)
    assert "two histories" in told
    tile = log.folder / "tile/entries/000"
    data = bytearray(tile.read_bytes())
    data[100] ^= 1
    tile.chmod(0o644)
    tile.write_bytes(data)
    told = _audit(tmp_path, [log.folder / "checkpoint"], log.folder)
    assert "do not fit its checkpoint" in told


def test_a_ride_is_followed_from_the_certificate(tmp_path: Path) -> None:
    *files, log = Trail(tmp_path).write(a_certificate())
    assert _audit(tmp_path, files, log, multikey(ISSUER)) == "credential ride links"


def test_a_pool_used_through_the_register_is_followed_too(tmp_path: Path) -> None:
    *files, log = a_pool_trail(tmp_path).write(a_certificate())
    assert _audit(tmp_path, files, log, multikey(ISSUER)) == "credential ride links"


@BROKEN
def test_a_broken_link_is_named(
    tmp_path: Path, issue: dict[str, Any], certificate: dict[str, str], told: str
) -> None:
    *files, log = Trail(tmp_path, **issue).write(a_certificate(**certificate))
    said = _audit(tmp_path, files, log, multikey(ISSUER))
    assert told.replace("LOGs", "logs given") in said


@pytest.mark.parametrize(
    ("text", "keys", "told"),
    [
        ("%PDF-1.7", [KEY], "credential.json"),
        ("eyJhbGciOiJFZERTQSJ9.e30.AA", [KEY], "credential.json"),
        ('{"format": "tanhui-ride', [KEY], "no whole JSON"),
        ("{}", [KEY[:-4]], "no whole key"),
        ("{}", ["z6MkNot0AKey"], "no whole key"),
    ],
)
def test_what_cannot_be_checked_says_what_to_give(
    tmp_path: Path, text: str, keys: list[str], told: str
) -> None:
    (answer,) = _ask(tmp_path, [{"text": text, "keys": keys}])
    assert told in answer
