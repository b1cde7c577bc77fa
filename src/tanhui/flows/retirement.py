"""Retire units for good and certify it: one way, whoever asks and for whatever purpose.

The caller's act is in the journal already; here its units go, its certificate is written, and what
the public log may say of it is returned. A retirement with two purposes is still one: its units
are counted once, and both purposes stand on the certificate.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tanhui.books.accounts import ensure_owner
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.certificates import TOKEN_BYTES, Retirement, certify, retired_by
from tanhui.books.models import HELD, RETIRED, Batch, Certificate, Journal
from tanhui.books.serial_choice import issues_of, take_parts
from tanhui.core.errors import InputRefused
from tanhui.core.serials import SerialRange
from tanhui.domain.partners import queries as partners
from tanhui.domain.pools import queries as pools

from .platform import Platform

ORGANISATION = "organisation"
TEXT_CHARS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What is said of a retirement, all of it public.

    `purposes` are the codes behind the text of `purpose`; `details` further lines of the
    certificate, such as object, period, case and the digest of a report.
    """

    beneficiary: str
    purpose: str
    purposes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises InputRefused for a text that cannot be shown."""
        for name_zh, name_en, text in (
            ("受益人", "beneficiary", self.beneficiary),
            ("用途", "purpose", self.purpose),
        ):
            if not (0 < len(text.strip()) <= TEXT_CHARS_MAX and text.isprintable()):
                raise InputRefused(
                    "units.text_malformed",
                    zh=f"{name_zh}应为 1 至 {TEXT_CHARS_MAX} 个可见字符；它会印在证书上并公开。",
                    en=f"The {name_en} must have 1 to {TEXT_CHARS_MAX} printable characters; it is "
                    "printed on the certificate and public.",
                )


@dataclass(frozen=True)
class Retired:
    """What was done: the certificate, and what the log may say."""

    certificate: Certificate
    public: Mapping[str, Any]


def account_of(platform: Platform, organisation: int) -> int:
    """The account in which an organisation holds the programme's units."""
    return ensure_owner(ORGANISATION, organisation, asset_of(platform))


def asset_of(platform: Platform) -> int:
    """The programme's units as an asset."""
    code = credit_code(platform.programme)
    return ensure_assets([code])[code]


def unit_mg(platform: Platform) -> int:
    """Milligrams of CO2e that one unit stands for, as the rule set says today."""
    return platform.rulesets.unit_mg(region=platform.region, on=platform.today)


def retire(
    platform: Platform,
    wording: Wording,
    parts: Sequence[SerialRange],
    *,
    organisation: int,
    journal: int,
    at: datetime,
    from_state: str = HELD,
) -> Retired:
    """Retire named serials of an organisation under an act of the journal and certify it.

    Raises Conflict when they are not there in `from_state`, InputRefused for the wording.
    """
    wording.check()
    assert platform.issuer is not None, "an installation that retires signs certificates"
    account = account_of(platform, organisation)
    if from_state != HELD:
        take_parts(parts, journal=journal, owner=account, state=HELD, from_state=from_state)
    take_parts(parts, journal=journal, owner=account, state=RETIRED)
    retirement = Retirement(
        journal=journal,
        at=at,
        beneficiary=wording.beneficiary,
        purpose=wording.purpose,
        asset=credit_code(platform.programme),
        unit_mg=unit_mg(platform),
        serials=retired_by(journal),
        is_demo=is_demo(parts),
        details=wording.details,
    )
    issuer, token = platform.issuer(), secrets.token_urlsafe(TOKEN_BYTES)
    certificate = certify(retirement, issuer=issuer, token=token)
    return Retired(certificate, public_of(retirement, wording, organisation))


def public_of(retirement: Retirement, wording: Wording, organisation: int) -> dict[str, Any]:
    """What the public log says of a retirement."""
    said: dict[str, Any] = {
        "units": retirement.units,
        "owner": f"{ORGANISATION}:{organisation}",
        "beneficiary": retirement.beneficiary,
        "purpose": retirement.purpose,
        "serials": [str(part) for part in retirement.serials],
        "asset": retirement.asset,
        "unit_mg": str(retirement.unit_mg),
        **wording.details,
    }
    if wording.purposes:
        said["purposes"] = list(wording.purposes)
    if retirement.is_demo:
        said["is_demo"] = True
    return said


def is_demo(parts: Sequence[SerialRange]) -> bool:
    """Whether any of the units is made up: of a demo matter, or of a made-up partner's batch."""
    issues = [issue for issue, _ in issues_of(parts)]
    if any(issue.is_demo for issue in issues):
        return True
    rows = Journal.objects.filter(pk__in=[issue.pk for issue in issues])
    details = rows.values_list("detail", flat=True)
    batches = {number for detail in details for number in detail.get("from", [])}
    batches |= {number for issue in issues for number in pools.batches_of(issue.pk)}
    return any_demo(batches)


def any_demo(batches: Collection[int]) -> bool:
    """Whether a made-up partner delivered one of the batches."""
    deliverers = Batch.objects.filter(seq__in=batches).values_list("partner_id", flat=True)
    return partners.any_demo(set(deliverers))
