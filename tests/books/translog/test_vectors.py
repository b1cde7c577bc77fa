"""Published vectors: trees, proofs, a whole log byte for byte, notes, Ed25519, SM2, SM3."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from tests.books.translog.published import vectors

from tanhui.books.translog import notes, sm2
from tanhui.books.translog.checkpoint import open_checkpoint, parse
from tanhui.books.translog.notes import ED25519, VerifierKey
from tanhui.books.translog.tiles import TileFolder
from tanhui.books.translog.tree import empty_root, is_included, leaf_hash, nodes_of, root

NEEDS_SM = pytest.mark.skipif(not sm2.is_available(), reason="this OpenSSL has no SM2")


def test_rfc6962_reference_tree() -> None:
    given = vectors("rfc6962_reference_tree")
    leaves = [leaf_hash(bytes.fromhex(each)) for each in given["leaf_inputs"]]
    assert empty_root().hex() == given["empty_root"]
    found = [root(nodes_of(leaves[:size]), size).hex() for size in range(1, 9)]
    assert found == given["roots_size1_to_8"]


def test_inclusion_vectors() -> None:
    given = vectors("merkle_inclusion_vectors")
    wrong = [each["desc"] for each in given if _is_held(each) == each["wantErr"]]
    assert len(given) == 98
    assert wrong == []


def _is_held(each: dict[str, Any]) -> bool:
    path = [base64.b64decode(line) for line in each["proof"] or []]
    leaf, top = base64.b64decode(each["leafHash"]), base64.b64decode(each["root"])
    return is_included(leaf, each["leafIdx"], each["treeSize"], path, top)


def test_tessera_log_byte_for_byte(tmp_path: Path) -> None:
    """The published log was made by another program; ours writes the same bytes at every size."""
    given = vectors("tessera_log")
    names = "one two three four five six seven eit nain ten ileven twelf threeten fourten fivten"
    entries = [name.encode() for name in names.split()]
    key = VerifierKey.parse(given["VKEY"])
    tiles = TileFolder(tmp_path)
    for size, entry in enumerate(entries, start=1):
        assert tiles.append(size - 1, [entry]) == size
        note = given[f"checkpoint.{size}"]
        said = open_checkpoint(note, [key], origin="example.com/log/testdata")
        assert (said.size, said.root) == (size, root(tiles.nodes(size), size))
        assert said.text() == notes.split(note)[0]
    written = {
        path.relative_to(tmp_path).as_posix(): path.read_bytes().hex()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    assert written == {name: data for name, data in given.items() if name.startswith("tile/")}


def test_signed_note_example() -> None:
    given = vectors("c2sp_signed_note_example")
    key = VerifierKey.parse(given["vkey"])
    assert str(key) == given["vkey"]
    assert notes.open_note(given["note"], [key]).text == "This is an example message.\n"


def test_wycheproof_ed25519() -> None:
    differing = [
        test["tcId"]
        for group in vectors("wycheproof")["ed25519"]
        for test in group["tests"]
        if VerifierKey("wycheproof", ED25519 + bytes.fromhex(group["pk"])).is_signature(
            bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"])
        )
        != (test["result"] == "valid")
    ]
    assert differing == []


@NEEDS_SM
def test_sm3_and_sm2_of_the_standard() -> None:
    given = vectors("openssl_sm")
    for each in given["sm3"]:
        assert sm2.sm3(bytes.fromhex(each["in"])).hex().upper() == each["out"]
    annex = given["sm2_GMT0003_5_annexA"]
    assert bytes.fromhex(annex["id"]) == sm2.USER_ID
    point = b"\x04" + bytes.fromhex(annex["px"] + annex["py"])
    signature = encode_dss_signature(int(annex["r"], 16), int(annex["s"], 16))
    message = bytes.fromhex(annex["msg"])
    assert sm2.is_signature(point, message, signature)
    assert not sm2.is_signature(point, message + b"\0", signature)
    assert not sm2.is_signature(point[:-1] + b"\0", message, signature)


def test_the_checkpoint_text_is_strict() -> None:
    good = vectors("tessera_log")["checkpoint.15"].split("\n\n")[0] + "\n"
    assert parse(good).size == 15
    for bad in (
        good.replace("15", "015"),
        good.replace("\n15", "\n-15"),
        good.replace("rKbD", "rKb"),
        good.rstrip("\n"),
        "\n" + good,
    ):
        with pytest.raises(Exception, match="Cannot accept"):
            parse(bad)
