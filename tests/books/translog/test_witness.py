"""A witness: what it signs, every refusal of the protocol, and two histories of equal size."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.books.translog.logs import ORIGIN, SIGNER, a_key, a_log, entries, entry

from tanhui.books.translog import notes
from tanhui.books.translog.checkpoint import Checkpoint
from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import Cosigner, Ed25519Signer, key_of
from tanhui.books.translog.witness import Request, Witness, with_cosignature

MOMENT_S = 1_790_000_000
KEY = key_of(Cosigner("witness.example/w1", a_key("witness"), 0))


def _witness(folder: Path) -> Witness:
    trusted = {ORIGIN: [key_of(SIGNER)]}
    return Witness(folder, KEY.name, a_key("witness"), trusted, lambda: MOMENT_S)


def _request(log: LogFolder, old: int) -> str:
    note = log.note()
    assert note is not None
    return Request(old, log.growth(old), note).body()


@pytest.fixture
def log(tmp_path: Path) -> LogFolder:
    found = a_log(tmp_path / "log")
    found.publish(entries, 10, SIGNER)
    return found


def test_a_growing_log_is_cosigned(log: LogFolder, tmp_path: Path) -> None:
    witness, old = _witness(tmp_path / "witness"), 0
    for size in (10, 10, 300, 301):
        log.publish(entries, size, SIGNER)
        answer = witness.add_checkpoint(_request(log, old))
        assert answer.status == 200, answer.body
        note = log.note()
        assert note is not None
        cosigned = with_cosignature(note, answer.body, [KEY])
        both = notes.open_note(cosigned, [key_of(SIGNER), KEY])
        assert {key.name for key in both.signed_by} == {ORIGIN, KEY.name}
        log.replace_note(cosigned)
        old = size


def test_two_histories_of_equal_size_are_refused(log: LogFolder, tmp_path: Path) -> None:
    witness = _witness(tmp_path / "witness")
    assert witness.add_checkpoint(_request(log, 0)).status == 200
    other = a_log(tmp_path / "other")
    other.publish(lambda a, b: [entry(i, "other") for i in range(a, b)], 10, SIGNER)
    answer = witness.add_checkpoint(_request(other, 10))
    assert (answer.status, answer.content_type, answer.body) == (409, "text/x.tlog.size", "10\n")
    other.publish(lambda a, b: [entry(i, "other") for i in range(a, b)], 20, SIGNER)
    assert witness.add_checkpoint(_request(other, 10)).status == 422
    log.publish(entries, 20, SIGNER)
    assert witness.add_checkpoint(_request(log, 10)).status == 200


def test_every_refusal_of_the_protocol(log: LogFolder, tmp_path: Path) -> None:
    witness = _witness(tmp_path / "witness")
    good = _request(log, 0)
    note = log.note() or ""
    stranger = Checkpoint("other.example/log", 10, bytes(32))
    forged = Ed25519Signer(ORIGIN, a_key("thief"))
    now = log.published()
    assert now is not None
    cases = {
        400: [
            "",
            "old\n\n" + note,
            good.replace("old 0", "old 00"),
            good.replace("old 0", "old 11"),
        ],
        403: [Request(0, [], now.signed([forged])).body()],
        404: [Request(0, [], stranger.signed([forged])).body()],
        409: [good.replace("old 0", "old 5")],
        422: [Request(0, [bytes(32)], note).body()],
    }
    for status, bodies in cases.items():
        for body in bodies:
            assert witness.add_checkpoint(body).status == status, body
    assert witness.add_checkpoint(good).status == 200, "no refusal left a trace"
    assert witness.add_checkpoint(good).body == "10\n"


def test_a_witness_answer_with_a_wrong_signature_is_not_added(log: LogFolder) -> None:
    note = log.note() or ""
    thief = Cosigner(KEY.name, a_key("thief"), MOMENT_S)
    line = notes.signature_line(notes.split(note)[0], thief)
    with pytest.raises(Exception, match="Cannot accept"):
        with_cosignature(note, line, [KEY])
