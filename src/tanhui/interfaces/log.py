"""The public log of this installation: its name, its keys, publishing, rotation, the SM twin.

<home>/log/<year>/       checkpoint and tiles, served as they are
<home>/log-sm/<year>/    the twin for 国密 auditors: SM3 tree, SM2 signatures
<home>/keys/log.key      the first signing key; after a rotation log-2.key, log-3.key, ...
"""

from __future__ import annotations

import logging
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.books.log_proofs import require_equal
from tanhui.books.translog import places, sm2
from tanhui.books.translog.checkpoint import Checkpoint
from tanhui.books.translog.notes import Ed25519Signer, VerifierKey, key_of
from tanhui.books.translog.publishing import PublicLog
from tanhui.core.clock import system_clock
from tanhui.core.errors import TanhuiError
from tanhui.domain.partners import queries as partners

from .home import drop_secret, keep_secret, secret, secret_names
from .settings import DEFAULT_LOG_NAME, DEFAULT_WITNESS_NAME

LOG_KEY, SM_KEY = "log", "log-sm"
ROTATED = "books.log.key_rotated"
TWINNED = "books.log.twinned"

_problems = logging.getLogger(__name__)


def public_log() -> PublicLog:
    """The main log: SHA-256 and Ed25519, signed with the newest key."""
    keys = _keys()

    def signer(origin: str) -> Ed25519Signer:
        return Ed25519Signer(origin, keys[-1])

    def earlier(origin: str) -> list[VerifierKey]:
        return [key_of(Ed25519Signer(origin, key)) for key in keys[:-1]]

    return PublicLog(settings.TANHUI_HOME / "log", settings.TANHUI_LOG_NAME, signer, earlier)


def sm_log() -> PublicLog:
    """The twin: the same entries under SM3, signed with SM2; raises Unavailable without SM."""
    name = f"{settings.TANHUI_LOG_NAME}/sm"
    key = keep_secret(SM_KEY, sm2.generate)
    return PublicLog(
        settings.TANHUI_HOME / "log-sm",
        name,
        lambda origin: sm2.Sm2Signer(origin, key),
        hash_of=sm2.sm3,
    )


def verifier_keys() -> dict[int, list[str]]:
    """For each year with a log, the keys it was signed with, the present one last."""
    log = public_log()
    return {year: [str(key) for key in log.year(year).keys] for year in log.years()}


def unnamed() -> list[str]:
    """Settings that still have the demo's name though others are to know this platform by it."""
    has_real_data = partners.everyone().filter(is_demo=False).exists()
    names = {
        "TANHUI_LOG_NAME": has_real_data and settings.TANHUI_LOG_NAME == DEFAULT_LOG_NAME,
        "TANHUI_WITNESS_NAME": bool(settings.TANHUI_WITNESS_LOGS)
        and settings.TANHUI_WITNESS_NAME == DEFAULT_WITNESS_NAME,
    }
    return [name for name, is_default in names.items() if is_default]


def check() -> dict[int, Checkpoint | None]:
    """Compute every year again from its files and hold it against the database; ProofFailed."""
    public = public_log()
    found = {year: public.year(year).check() for year in public.years()}
    require_equal(public.folder)
    return found


def publish_quietly() -> None:
    """Publish what is waiting; a failure is told to the operator and never undoes the act.

    The entry is safe in the database: the next act or `tanhui log publish` brings it out.
    """
    try:
        public_log().publish()
    except (TanhuiError, OSError):
        _problems.exception("日志未能公布 the log could not be published")


def rotate(*, actor: str, at: datetime | None = None) -> tuple[str, str]:
    """Sign with a new key from now on; the old key's last entry names the new one.

    Returns the old and the new key of this year's log. The new key is kept before the log names
    it and signs only afterwards: a rotation that was killed goes on with the same key.
    """
    log, number = public_log(), len(_keys()) + 1
    log.publish()
    raw = keep_secret(f"{LOG_KEY}-next-{number}", Ed25519PrivateKey.generate().private_bytes_raw)
    moment = at or system_clock()
    year = log.year(places.year_of(moment))
    old = key_of(log.signer(year.origin))
    new = key_of(Ed25519Signer(year.origin, Ed25519PrivateKey.from_private_bytes(raw)))
    said = {"old": str(old), "new": str(new)}
    key = f"log/key/{number}"
    act = Act(verb=ROTATED, actor=actor, at=moment, key=key, request=said, public=said)
    with transaction.atomic():
        journal = record(act).journal
    log.publish()
    proof = year.folder / f"key-{number}.tlog-proof"
    proof.write_text(year.proof(places.place_of(journal)[1]), encoding="utf-8")
    keep_secret(f"{LOG_KEY}-{number}", lambda: raw)
    drop_secret(f"{LOG_KEY}-next-{number}")
    return str(old), str(new)


def twin(*, actor: str, at: datetime | None = None) -> dict[int, Checkpoint]:
    """Bring the SM twin up to the main log and log its root; raises Unavailable without SM."""
    found = sm_log().publish()
    for year, checkpoint in found.items():
        said = {"year": year, "size": checkpoint.size, "root_sm3": checkpoint.root.hex()}
        key = f"log/twin/{year}/{checkpoint.root.hex()}"
        with transaction.atomic():
            record(
                Act(
                    verb=TWINNED,
                    actor=actor,
                    at=at or system_clock(),
                    key=key,
                    request=said,
                    public=said,
                )
            )
    public_log().publish()
    return found


def _keys() -> list[Ed25519PrivateKey]:
    """Every key the log was signed with, in order; the first is made when there is none."""
    first = secret(LOG_KEY)
    later = sorted(
        (
            name
            for name in secret_names()
            if name.startswith(f"{LOG_KEY}-") and name[4:].isdecimal()
        ),
        key=lambda name: int(name[4:]),
    )
    return [
        Ed25519PrivateKey.from_private_bytes(raw)
        for raw in [first, *(secret(name) for name in later)]
    ]
