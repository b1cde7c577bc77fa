"""What a certificate shows, read from the registry's rows and the public log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from tanhui.books.certificates import find, retired_by
from tanhui.books.models import LogEntry
from tanhui.books.translog.places import year_of
from tanhui.core.canonical import read_json
from tanhui.core.errors import TanhuiError
from tanhui.flows.registry.public_matters import MASKED, public_matters

from ..log import public_log, verifier_keys
from .issuer import issuer
from .trace import LogStep, Trace, trace

_MG_PER_TONNE = 10**9
DETAILS = ("object", "period", "product_batch", "report")


@dataclass(frozen=True)
class Shown:
    """A certificate for people: numbers from the rows, the proof from the log if it is out."""

    token: str
    address: str
    title: str
    issuer: str
    beneficiary: str
    purpose: str
    units: int
    tonnes: str
    serials: list[str]
    at: datetime
    is_demo: bool
    credential: dict[str, Any]
    jwt: str
    entry: bytes | None
    proof: bytes | None
    log: str
    place: LogStep | None
    log_keys: list[str]
    issuer_key: str
    traces: list[Trace]
    details: dict[str, str]
    matter: str


def shown(token: str) -> Shown:
    """Everything about the certificate; raises NotFound."""
    certificate = find(token)
    journal, address = certificate.journal, issuer().address
    serials = retired_by(journal.pk)
    entry = LogEntry.objects.get(journal_id=journal.pk)
    said = read_json(bytes(entry.body))
    units = sum(each.units for each in serials)
    log, proof = _logged(entry)
    return Shown(
        token=token,
        address=f"{address}/certificates/{token}",
        title=certificate.credential["name"],
        issuer=certificate.credential["issuer"]["name"],
        beneficiary=said["beneficiary"],
        purpose=said["purpose"],
        units=units,
        tonnes=f"{Decimal(units * int(said['unit_mg'])) / _MG_PER_TONNE:,f}",
        serials=[str(each) for each in serials],
        at=journal.at,
        is_demo=bool(said.get("is_demo")),
        credential=certificate.credential,
        jwt=certificate.jwt,
        entry=bytes(entry.body),
        proof=proof,
        log=log,
        place=_place(entry) if log else None,
        log_keys=verifier_keys().get(year_of(journal.at), []),
        issuer_key=issuer().multikey,
        traces=trace(serials),
        details={key: str(said[key]) for key in DETAILS if key in said},
        matter=_public_matter(str(said.get("matter", ""))),
    )


def _public_matter(number: str) -> str:
    """The matter that retired the units, if its page tells more than the certificate; else ''."""
    found = public_matters().filter(number=number).exclude(kind__in=sorted(MASKED)).exists()
    return number if found else ""


def _place(entry: LogEntry) -> LogStep:
    return LogStep(str(entry.journal_id), entry.place.year, entry.place.index)


def _logged(entry: LogEntry) -> tuple[str, bytes | None]:
    """Where the entry stands in the log, and its proof, once it is published."""
    place = getattr(entry, "place", None)
    if place is None:
        return "", None
    year = public_log().year(place.year)
    try:
        now = year.published()
        if now is None or place.index >= now.size:
            return "", None
        return f"{year.origin} · {place.index}", year.proof(place.index).encode()
    except (TanhuiError, OSError):
        return "", None  # the log is being rebuilt; the certificate stands without
