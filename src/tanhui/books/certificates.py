"""Certificates: a retirement as a signed Open Badges 3.0 credential (W3C VC 2.0).

Everything in it comes from the registry's own rows, never from an index: others' receipts were
missing or showed absurd tonnes. It names the units by serial, the purpose and the act, whose entry
in the public log anybody can ask for; so a copy proves itself without this platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.core.clock import utc_seconds
from tanhui.core.errors import NotFound
from tanhui.core.serials import SerialRange

from .credentials import multikey, sign, to_jwt
from .models import RETIRED, Certificate, CreditBlock

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
TOKEN_BYTES = 20


@dataclass(frozen=True)
class Issuer:
    """Who signs certificates: the platform's address, its names, its key."""

    address: str
    name_zh: str
    name_en: str
    key: Ed25519PrivateKey

    @property
    def multikey(self) -> str:
        """The public key to trust, `z6Mk...`."""
        return multikey(self.key)

    @property
    def method(self) -> str:
        """The address of the key."""
        return f"{self.address}/certificates/key#{self.multikey}"


@dataclass(frozen=True, kw_only=True)
class Retirement:
    """What a certificate says; `serials` are read from the blocks the act retired."""

    journal: int
    at: datetime
    beneficiary: str
    purpose: str
    asset: str
    unit_mg: int
    serials: tuple[SerialRange, ...]
    is_demo: bool = False
    details: Mapping[str, str] = field(default_factory=dict)
    """What else is said of it, such as object and period; each a line of the credential."""

    @property
    def units(self) -> int:
        """How many units were retired."""
        return sum(each.units for each in self.serials)


def retired_by(journal: int) -> tuple[SerialRange, ...]:
    """The serials an act retired, in order."""
    rows = CreditBlock.objects.filter(opened_by_id=journal, state=RETIRED).order_by("serials")
    return tuple(SerialRange(row.serials.lower, row.serials.upper - 1) for row in rows)


def certify(retirement: Retirement, *, issuer: Issuer, token: str) -> Certificate:
    """Write the certificate of a retirement, in the transaction that retires."""
    assert retirement.serials == retired_by(retirement.journal), "a certificate follows the rows"
    document = credential_of(retirement, issuer=issuer, token=token)
    return Certificate.objects.create(
        token=token,
        journal_id=retirement.journal,
        credential=sign(document, issuer.key, method=issuer.method, created=retirement.at),
        jwt=to_jwt(document, issuer.key, method=issuer.method),
    )


def credential_of(retirement: Retirement, *, issuer: Issuer, token: str) -> dict[str, Any]:
    """The unsigned credential."""
    address = f"{issuer.address}/certificates/{token}"
    tonnes = retirement.units * retirement.unit_mg
    text_zh = f"{retirement.beneficiary}注销 {retirement.units} 个单位：{retirement.purpose}"
    return {
        "@context": CONTEXT,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "碳普惠减排量注销证书 Certificate of retirement",
        "issuer": {
            "id": issuer.address,
            "type": ["Profile"],
            "name": f"{issuer.name_zh} {issuer.name_en}",
        },
        "validFrom": utc_seconds(retirement.at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_beneficiary(retirement)],
            "achievement": {
                "id": f"{issuer.address}/certificates/retirement",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": "注销 Retirement",
                "description": ("演示数据 Demo data. " if retirement.is_demo else "") + text_zh,
                "criteria": {"narrative": _narrative(retirement, tonnes)},
            },
        },
        "evidence": [
            {
                "id": f"{address}/entry.json",
                "type": ["Evidence"],
                "name": "公开日志条目 entry of the public log",
                "description": f"act {retirement.journal}",
            }
        ],
    }


def find(token: str) -> Certificate:
    """The certificate under a token; raises NotFound."""
    found = Certificate.objects.filter(token=token).select_related("journal").first()
    if found is None:
        raise NotFound(
            "certificate.unknown",
            zh="没有这份证书；请核对二维码或链接是否完整。",
            en="There is no such certificate; check that the code or link is complete.",
        )
    return found


def _beneficiary(retirement: Retirement) -> Mapping[str, Any]:
    return {
        "type": "IdentityObject",
        "identityHash": retirement.beneficiary,
        "identityType": "name",
        "hashed": False,
    }


def _narrative(retirement: Retirement, mass_mg: int) -> str:
    """Serial numbers, mass, purpose and act, one `name=value` a line."""
    lines = {
        "units": retirement.units,
        "mass_mg": mass_mg,
        "serials": ",".join(map(str, retirement.serials)),
        "asset": retirement.asset,
        "purpose": retirement.purpose,
        "beneficiary": retirement.beneficiary,
        "act": retirement.journal,
        **retirement.details,
    }
    return "\n".join(f"{name}={value}" for name, value in lines.items())
