"""Witnesses over HTTP (C2SP tlog-witness): be one for other logs, and ask others for ours.

TANHUI_WITNESS_LOGS   verifier keys of the logs this platform cosigns, separated by spaces
TANHUI_WITNESSES      witnesses of our log, each `key@https://address`, separated by spaces
TANHUI_WITNESSES_MIN  how many of them must have signed before `tanhui log witness` is content
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections import defaultdict
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tanhui.books.translog.folder import LogFolder
from tanhui.books.translog.notes import COSIGNATURE, Cosigner, NoteRefused, VerifierKey, key_of
from tanhui.books.translog.witness import Request, Witness, with_cosignature
from tanhui.core.errors import InputRefused

from .home import secret

TIMEOUT_S = 10
ANSWER_BYTES_MAX = 16_384


def own_witness() -> Witness:
    """The witness this platform is; it knows the logs of TANHUI_WITNESS_LOGS and no others."""
    logs: dict[str, list[VerifierKey]] = defaultdict(list)
    for text in settings.TANHUI_WITNESS_LOGS.split():
        key = VerifierKey.parse(text)
        logs[key.name].append(key)
    private = Ed25519PrivateKey.from_private_bytes(secret("witness"))
    folder = settings.TANHUI_HOME / "witness"
    return Witness(folder, settings.TANHUI_WITNESS_NAME, private, logs, lambda: int(time.time()))


def own_key() -> VerifierKey:
    """The key by which our cosignatures are known."""
    witness = own_witness()
    return key_of(Cosigner(witness.name, witness.key, 0))


@dataclass(frozen=True)
class Asked:
    """What one witness answered: `reason` is empty when it cosigned; `seen` entries before."""

    name: str
    address: str
    reason: str
    seen: int = 0


def witnesses() -> list[tuple[VerifierKey, str]]:
    """The witnesses of our log with their addresses; raises InputRefused for another form."""
    found = []
    for text in settings.TANHUI_WITNESSES.split():
        key_text, at, address = text.partition("@")
        key = VerifierKey.parse(key_text)
        if not at or not address.startswith(("https://", "http://")):
            raise NoteRefused(
                "witness.setting.malformed", zh="TANHUI_WITNESSES", en="TANHUI_WITNESSES"
            )
        if not key.public.startswith(COSIGNATURE):
            raise NoteRefused(
                "witness.setting.malformed", zh="见证人公钥", en="the key of a witness"
            )
        found.append((key, address.rstrip("/")))
    return found


def ask_all(log: LogFolder) -> list[Asked]:
    """Ask every witness to cosign the published checkpoint; what holds is added to it."""
    return [_ask(log, key, address) for key, address in witnesses()]


def _ask(log: LogFolder, key: VerifierKey, address: str) -> Asked:
    now, old = log.published(), 0
    reason = "没有公布过 nothing is published"
    for _ in range(2):  # the first answer may only tell what the witness saw last
        note = log.note()
        if note is None or now is None or old > now.size:
            break
        status, text = _post(
            f"{address}/add-checkpoint", Request(old, log.growth(old), note).body()
        )
        reason = f"{status} {text.strip()[:200]}"
        if status == 200:
            return _added(log, key, address, note, text)
        if status != 409 or not text.strip().isdecimal() or int(text) == old:
            break
        old = int(text)
    return Asked(key.name, address, reason, old)


def _added(log: LogFolder, key: VerifierKey, address: str, note: str, answer: str) -> Asked:
    try:
        log.replace_note(with_cosignature(note, answer, [key]))
    except InputRefused as error:
        return Asked(key.name, address, f"{error.zh} {error.en}")
    return Asked(key.name, address, "")


def _post(address: str, body: str) -> tuple[int, str]:
    """Status and text; a witness that cannot be reached is status 0 with the reason."""
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    request = urllib.request.Request(address, body.encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except OSError as error:
        return 0, str(error)
