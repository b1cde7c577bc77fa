"""The verifier that ships (verify.py): vectors, proofs that hold, flipped bits that do not.

It is run as a stranger runs it: a file of its own, by a Python that knows nothing of the platform.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.books.translog.logs import SIGNER, a_key, a_log, entries, entry
from tests.books.translog.published import vectors

from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import Cosigner, key_of, signature_line, split
from tanhui.books.translog.tree import inclusion_path, leaf_hash, nodes_of, root
from tanhui.core.canonical import canonical_json

SCRIPT = Path(__file__).parents[2] / "src/tanhui/interfaces/static/tanhui/verify.py"
KEY = str(key_of(SIGNER))


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def log(tmp_path: Path) -> LogFolder:
    found = a_log(tmp_path / "log")
    found.publish(entries, 300, SIGNER)
    return found


def _run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *arguments],
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


def test_it_is_short_and_needs_nothing() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    assert "tanhui." not in text.replace("Tanhui 碳惠", "")
    imported = {line.split()[1] for line in text.splitlines() if line.startswith("import ")}
    assert imported <= sys.stdlib_module_names


def test_wycheproof_ed25519(verify: ModuleType) -> None:
    differing = [
        test["tcId"]
        for group in vectors("wycheproof")["ed25519"]
        for test in group["tests"]
        if verify.is_ed25519(
            bytes.fromhex(group["pk"]), bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        )
        != (test["result"] == "valid")
    ]
    assert differing == []


def test_inclusion_vectors(verify: ModuleType) -> None:
    wrong = [each["desc"] for each in vectors("merkle_inclusion_vectors") if _held(verify, each)]
    assert wrong == []


def _held(verify: ModuleType, each: dict[str, Any]) -> bool:
    """Whether the verifier and the vector differ."""
    path = [base64.b64decode(line) for line in each["proof"] or []]
    leaf, top = base64.b64decode(each["leafHash"]), base64.b64decode(each["root"])
    try:
        verify.require_included(leaf, each["leafIdx"], each["treeSize"], path, top, zh="", en="")
    except verify.NotProven:
        return not each["wantErr"]
    return bool(each["wantErr"])


def test_w3c_eddsa_jcs_2022(verify: ModuleType, tmp_path: Path) -> None:
    given = vectors("w3c_eddsa_jcs_2022")
    key = json.loads(given["keyPair.json"])["publicKeyMultibase"]
    signed = given["eddsa-jcs-2022/signedJCS.json"]
    lines = verify.check(signed, verify.Trust([key]))
    assert lines[0] == "issuer https://vc.example/issuers/5678"
    changed = signed.replace("The School of Examples", "The School of Other")
    other = signed.replace("assertionMethod", "authentication")
    for bad in (changed, other):
        with pytest.raises(verify.NotProven):
            verify.check(bad, verify.Trust([key]))
    with pytest.raises(verify.NotProven, match="trust"):
        verify.check(signed, verify.Trust([]))


def test_a_log_proof_from_the_command_line(log: LogFolder, tmp_path: Path) -> None:
    proof, held = tmp_path / "a.tlog-proof", tmp_path / "entry.json"
    proof.write_text(log.proof(123))
    held.write_bytes(entry(123))
    code, text = _run(str(proof), "--entry", str(held), "--key", KEY)
    assert (code, text.splitlines()[0]) == (0, "成立 HOLDS")
    assert "log.example.com/2026: 123 / 300" in text
    held.write_bytes(entry(124))
    code, text = _run(str(proof), "--entry", str(held), "--key", KEY)
    assert code == 1
    assert "the entry is not in the log" in text


def test_witnesses_are_counted_once_each(verify: ModuleType, log: LogFolder) -> None:
    note = log.note() or ""
    first, second = (Cosigner(f"w{at}.example", a_key(f"w{at}"), 1_790_000_000) for at in (1, 2))
    line = signature_line(split(note)[0], first)
    log.replace_note(note + line + line)
    keys = [str(key_of(first)), str(key_of(second))]
    assert verify.check(log.proof(5), verify.Trust([KEY], keys, 1), entry(5))
    with pytest.raises(verify.NotProven, match="only 1 witnesses"):
        verify.check(log.proof(5), verify.Trust([KEY], keys, 2), entry(5))


def a_ride_proof(folder: Path, rows: int = 9, index: int = 4) -> dict[str, Any]:
    """A ride's proof as the platform gives it: opening, row, batch path, entry, log proof."""
    openings = [hashlib.sha256(b"opening %d" % at).digest() for at in range(rows)]
    texts = [{"id": f"1-{at}", "mg": "392000", "day": "2024-10-01"} for at in range(rows)]
    leaves = [
        leaf_hash(hmac.digest(opening, canonical_json(text), "sha256"))
        for opening, text in zip(openings, texts, strict=True)
    ]
    node = nodes_of(leaves)
    top = root(node, rows).hex()
    said = {"kind": "books.batch.posted", "batch": "1", "root": top, "leaves": rows}
    logged = canonical_json(said)
    log = a_log(folder)
    log.publish(lambda first, end: [logged, *entries(1, end)][first:end], 20, SIGNER)
    path = [each.hex() for each in inclusion_path(node, index, rows)]
    return {
        "format": "tanhui-ride-proof-v1",
        "opening": openings[index].hex(),
        "row": texts[index],
        "batch": {"root": top, "leaves": rows, "index": index, "path": path},
        "entry": logged.decode(),
        "log_proof": log.proof(0),
    }


def test_a_ride_proof_holds_and_no_change_of_it_does(verify: ModuleType, tmp_path: Path) -> None:
    proof = a_ride_proof(tmp_path)
    trust = verify.Trust([KEY])
    assert any("1-4" in line for line in verify.check(json.dumps(proof), trust))
    changes: list[dict[str, Any]] = [
        {"row": proof["row"] | {"mg": "392001"}},
        {"opening": "00" * 32},
        {"batch": proof["batch"] | {"index": 5}},
        {"batch": proof["batch"] | {"leaves": 10}},
        {"batch": proof["batch"] | {"path": proof["batch"]["path"][:-1]}},
        {"entry": proof["entry"].replace('"batch":"1"', '"batch":"2"')},
        {"log_proof": proof["log_proof"].replace("index 0", "index 1")},
    ]
    for change in changes:
        with pytest.raises(verify.NotProven):
            verify.check(json.dumps(proof | change), trust)
    for name in proof:
        if name != "format":
            less = {key: value for key, value in proof.items() if key != name}
            with pytest.raises(verify.NotProven):
                verify.check(json.dumps(less), trust)


def test_two_thousand_flipped_bits_are_refused(verify: ModuleType, tmp_path: Path) -> None:
    """Every bit of a ride's proof matters, but for spaces that canonical JSON does not have."""
    text = json.dumps(a_ride_proof(tmp_path), ensure_ascii=False, separators=(",", ":")).encode()
    trust, chance = verify.Trust([KEY]), random.Random(11)
    for bit in chance.sample(range(len(text) * 8), 2_000):
        flipped = bytearray(text)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            changed = flipped.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(verify.NotProven):
            verify.check(changed, trust)
