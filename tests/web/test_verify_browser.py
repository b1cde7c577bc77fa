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
from tests.web.test_verify_script import KEY, SCRIPT, a_ride_proof

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
    assert (
        bad == untrusted == "签名不符，或不是您信任的公钥所签 / no key that you trust signed this"
    )


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
