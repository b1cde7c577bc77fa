"""A log in its folder: growth in any steps, proofs, bit flips, kills, another history."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.books.translog.logs import ORIGIN, SIGNER, a_log, entries, entry

from tanhui.books.translog.checkpoint import check_proof
from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import key_of
from tanhui.books.translog.tree import is_consistent
from tanhui.core.errors import InputRefused, ProofFailed, TanhuiError

KEYS = [key_of(SIGNER)]


def _bytes(folder: Path) -> dict[str, bytes]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_growth_in_any_steps_gives_the_same_log(tmp_path: Path) -> None:
    whole, steps = a_log(tmp_path / "whole"), a_log(tmp_path / "steps")
    sizes = sorted({1, 2, 255, 256, 257, 511, 513, 700, *random.Random(5).sample(range(700), 30)})
    notes = [steps.publish(entries, size, SIGNER) for size in sizes]
    assert whole.publish(entries, 700, SIGNER) == notes[-1]
    assert _bytes(tmp_path / "steps").keys() >= _bytes(tmp_path / "whole").keys()
    kept = _bytes(tmp_path / "steps")
    assert all(kept[name] == data for name, data in _bytes(tmp_path / "whole").items())
    assert whole.check() == steps.check()


def test_every_entry_has_its_proof_and_no_other(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.publish(entries, 300, SIGNER)
    for index in (0, 1, 254, 255, 256, 299):
        proof = log.proof(index)
        assert check_proof(proof, entry(index), KEYS, origin=ORIGIN).size == 300
        with pytest.raises(InputRefused, match="log proof"):
            check_proof(proof, entry(index + 1), KEYS, origin=ORIGIN)
        with pytest.raises(InputRefused):
            check_proof(proof, entry(index), KEYS, origin="log.example.com/2027")


def test_two_thousand_flipped_bits_are_all_refused(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.publish(entries, 300, SIGNER)
    proof = log.proof(123).encode()
    chance = random.Random(7)
    for bit in chance.sample(range(len(proof) * 8), 2_000):
        flipped = bytearray(proof)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            text = flipped.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(InputRefused):
            check_proof(text, entry(123), KEYS, origin=ORIGIN)


def test_a_flipped_bit_on_disk_is_never_signed(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.publish(entries, 200, SIGNER)
    tile = tmp_path / "tile/0/000.p/200"
    tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    before = log.note()
    with pytest.raises(ProofFailed, match="nothing was signed"):
        log.publish(entries, 201, SIGNER)
    with pytest.raises(ProofFailed):
        log.check()
    assert log.note() == before


def test_another_history_is_never_signed(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.publish(entries, 200, SIGNER)
    with pytest.raises(ProofFailed, match="do not begin with them"):
        log.publish(entries, 150, SIGNER)
    for path in tmp_path.glob("tile/**/*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(ProofFailed):
        log.restore(lambda a, b: [entry(i, "other") for i in range(a, b)])
    other = a_log(tmp_path / "other")
    other.publish(lambda a, b: [entry(i, "other") for i in range(a, b)], 200, SIGNER)
    (tmp_path / "other" / "checkpoint").write_text(log.note() or "")
    with pytest.raises(TanhuiError):
        other.publish(entries, 210, SIGNER)
    assert other.note() == log.note()


def test_lost_tiles_are_written_again_and_nothing_is_signed(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.publish(entries, 300, SIGNER)
    before = _bytes(tmp_path)
    for path in tmp_path.glob("tile/**/*"):
        if path.is_file():
            path.unlink()
    log.restore(entries)
    assert {name: data for name, data in _bytes(tmp_path).items() if name in before} == before
    log.check()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.integers(1, 599), grown=st.integers(1, 600))
def test_growth_is_provable_between_any_two_sizes(
    tmp_path_factory: pytest.TempPathFactory, old: int, grown: int
) -> None:
    log = a_log(tmp_path_factory.mktemp("log"))
    log.publish(entries, old, SIGNER)
    before = log.published()
    log.publish(entries, old + grown, SIGNER)
    after = log.published()
    assert before is not None
    assert after is not None
    assert is_consistent(old, old + grown, before.root, after.root, log.growth(old))


_WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.books.translog.logs import SIGNER, a_log, entries
log = a_log(Path(sys.argv[1]))
size = (log.published().size if log.published() else 0)
while True:
    size += 37
    log.publish(entries, size, SIGNER)
"""


def test_kill_9_while_publishing_leaves_a_log_that_goes_on(tmp_path: Path) -> None:
    log, chance = a_log(tmp_path), random.Random(3)
    root_folder = str(Path(__file__).parents[3])
    sizes = [0]
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), root_folder])
        deadline = time.monotonic() + 30
        while _size(log) <= sizes[-1] and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.random() / 20)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
        sizes.append(_size(log))
        log.check()
    assert sizes == sorted(set(sizes))
    log.publish(entries, sizes[-1] + 5, SIGNER)
    assert check_proof(log.proof(0), entry(0), KEYS, origin=ORIGIN).size == sizes[-1] + 5


def _size(log: LogFolder) -> int:
    found = log.published()
    return found.size if found else 0
