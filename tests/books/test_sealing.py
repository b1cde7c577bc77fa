"""What is sealed opens with its key in its place alone; a sealed file comes back byte for byte."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from tanhui.books.keystore import KeyStore
from tanhui.books.sealed_source import SealedSource, SealedWriter
from tanhui.books.sealing import (
    AES_256_GCM,
    NONCE_BYTES,
    SEALERS,
    SM4_GCM,
    TAG_BYTES,
    Sealer,
    sealer,
)
from tanhui.core.errors import Gone, InputRefused, ProofFailed

KEY, OTHER = bytes(range(32)), bytes(32)
VECTORS = Path(__file__).parents[1] / "vectors"


@pytest.mark.parametrize("how", SEALERS.values(), ids=lambda how: how.name)
@given(st.binary(max_size=200), st.binary(max_size=20), st.data())
def test_a_piece_opens_with_its_key_at_its_place_only(
    how: Sealer, data: bytes, context: bytes, draw: st.DataObject
) -> None:
    sealed = how.seal(KEY, data, context)
    assert how.open(KEY, sealed, context) == data
    bit = draw.draw(st.integers(0, len(sealed) * 8 - 1))
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    for key, each, place in (
        (OTHER, sealed, context),
        (KEY, bytes(changed), context),
        (KEY, sealed, context + b"x"),
        (KEY, sealed[:-1], context),
    ):
        with pytest.raises(ProofFailed) as broken:
            how.open(key, each, place)
        assert broken.value.code == "seal.broken"


def test_an_unknown_way_of_sealing_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        sealer("rot13")
    assert refused.value.code == "seal.unknown"


LINES = [b"a,1\n", b"b,2\r\n", b"\n", b"a,3\n", b"?\xff\n", b"b,last without end"]
WHOSE = [1, 2, -9, 1, -9, 2]


def a_sealed_file(folder: Path, how: Sealer = AES_256_GCM) -> SealedSource:
    keys = KeyStore(folder / "keys")
    with SealedWriter(folder / "source.sealed", 9, keys, how) as writer:
        writer.add_rest(b"\xef\xbb\xbfname,n\n")
        writer.add_lines(LINES[:3], 1, np.array(WHOSE[:3]))
        writer.add_lines(LINES[3:], 4, np.array(WHOSE[3:]))
        keys.sync()
    return SealedSource(folder / "source.sealed", 9, keys)


@pytest.mark.parametrize("how", [AES_256_GCM, SM4_GCM], ids=lambda how: how.name)
def test_the_file_comes_back_byte_for_byte(how: Sealer, tmp_path: Path) -> None:
    kept = a_sealed_file(tmp_path, how)
    kept.restore(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"\xef\xbb\xbfname,n\n" + b"".join(LINES)
    assert kept.rows([2, 3, 5, 6]) == {2: b"b,2", 3: b"", 5: b"?\xff", 6: LINES[5]}
    sealed = (tmp_path / "source.sealed").read_bytes()
    assert not any(line.strip() in sealed for line in LINES if len(line) > 3)


def test_a_destroyed_key_takes_its_lines_and_no_others(tmp_path: Path) -> None:
    kept = a_sealed_file(tmp_path)
    kept.keys.destroy(1)
    assert kept.rows([1, 2, 4, 6]) == {1: None, 2: b"b,2", 4: None, 6: LINES[5]}
    with pytest.raises(Gone) as gone:
        kept.restore(tmp_path / "out")
    assert (gone.value.code, gone.value.values["pieces"]) == ("source.key_destroyed", 2)


def test_wycheproof_sm4_gcm() -> None:
    """Nonces of 12 bytes and whole tags are what is used here: every such vector, as published."""
    given_ = json.loads((VECTORS / "wycheproof.json").read_text(encoding="utf-8"))
    groups = [
        group
        for group in given_["sm4_gcm"]
        if (group["ivSize"], group["tagSize"]) == (NONCE_BYTES * 8, TAG_BYTES * 8)
    ]
    tried = [(each, _opens(each)) for group in groups for each in group["tests"]]
    assert len(tried) > 50
    for each, opened in tried:
        assert (opened == each["msg"]) is (each["result"] == "valid"), each["tcId"]


def _opens(each: dict[str, str]) -> str | None:
    values = (bytes.fromhex(each[name]) for name in ("key", "iv"))
    data, context = bytes.fromhex(each["ct"] + each["tag"]), bytes.fromhex(each["aad"])
    try:
        return SM4_GCM.decrypt(*values, data, context).hex()
    except InvalidTag:
        return None
