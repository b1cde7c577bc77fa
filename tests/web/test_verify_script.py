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
        verify.require_included(leaf, each["leafIdx"], each["treeSize"], path, top, text="")
    except verify.NotProven:
        return not each["wantErr"]
    return bool(each["wantErr"])


def test_w3c_eddsa_jcs_2022(verify: ModuleType, tmp_path: Path) -> None:
    given = vectors("w3c_eddsa_jcs_2022")
    key = json.loads(given["keyPair.json"])["publicKeyMultibase"]
    signed = given["eddsa-jcs-2022/signedJCS.json"]
    lines = verify.check(signed, verify.Trust([key]))
    assert lines[0] == "签发方 issuer https://vc.example/issuers/5678"
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
    assert "not in the log" in text


def test_witnesses_are_counted_once_each(verify: ModuleType, log: LogFolder) -> None:
    note = log.note() or ""
    first, second = (Cosigner(f"w{at}.example", a_key(f"w{at}"), 1_790_000_000) for at in (1, 2))
    line = signature_line(split(note)[0], first)
    log.replace_note(note + line + line)
    keys = [str(key_of(first)), str(key_of(second))]
    assert verify.check(log.proof(5), verify.Trust([KEY], keys, 1), entry(5))
    with pytest.raises(verify.NotProven, match="only 1 witnesses"):
        verify.check(log.proof(5), verify.Trust([KEY], keys, 2), entry(5))


def a_ride_proof(folder: Path, rows: int = 9, index: int = 4, **changes: str) -> dict[str, Any]:
    """A ride's proof as the platform gives it: opening, row, batch path, entry, log proof."""
    openings = [hashlib.sha256(b"opening %d" % at).digest() for at in range(rows)]
    row = {"mg": "392000", "day": "2024-10-01", "status": "credited", "other": ""} | changes
    texts = [row | {"id": f"1-{at}"} for at in range(rows)]
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


def test_a_ride_that_did_not_count_says_so_in_words(tmp_path: Path) -> None:
    proof = tmp_path / "ride.json"
    overlapping = a_ride_proof(tmp_path / "log", mg="0", status="overlapping", other="1-2")
    proof.write_text(json.dumps(overlapping), encoding="utf-8")
    code, text = _run(str(proof), "--key", KEY)
    first = text.splitlines()[1]
    assert code == 0
    assert "1-4: 0 mg CO2e, 未计入 not counted: 与他处重合 overlapping，见 see 1-2" in first
    proof.write_text(json.dumps(a_ride_proof(tmp_path / "two")), encoding="utf-8")
    assert "392000 mg CO2e, 计入 counted" in _run(str(proof), "--key", KEY)[1]


@pytest.mark.parametrize(
    ("content", "keys", "told"),
    [
        (b"%PDF-1.7\n\xe2\xe3", [KEY], "credential.json"),
        (b"eyJhbGciOiJFZERTQSJ9.e30.AA", [KEY], "credential.json"),
        (b'{"format": "tanhui-ride', [KEY], "不是完整的 JSON"),
        (b"{}", [""], "name+hash+key"),
        (b"{}", ["z6MkNot0AKey"], "不是完整的公钥"),
        (b"{}", [KEY[:-4]], "no whole key"),
    ],
)
def test_what_cannot_be_checked_says_what_to_give(
    tmp_path: Path, content: bytes, keys: list[str], told: str
) -> None:
    """Exit 2: it is no proof that fails, so nobody is suspected."""
    given = tmp_path / "given"
    given.write_bytes(content)
    code, text = _run(str(given), *(word for key in keys for word in ("--key", key)))
    assert (code, text.startswith("无法核对 CANNOT BE CHECKED")) == (2, True)
    assert told in text


def test_a_key_of_the_other_kind_is_no_forgery(tmp_path: Path) -> None:
    ride = tmp_path / "ride.json"
    ride.write_text(json.dumps(a_ride_proof(tmp_path / "log")), encoding="utf-8")
    issuer = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    for keys in ([], ["--key", issuer]):
        code, text = _run(str(ride), *keys)
        assert (code, "name+hash+key" in text) == (2, True)
