"""Who is asking: the only ways from a request to a person or a partner.

What belongs to somebody else does not exist for the caller (404, never 403), so an answer does
not tell whether a number is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest

from tanhui.core.errors import InputRefused, NotFound
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners.models import Partner, PartnerKey
from tanhui.flows.registry.callers import Caller

from .limits import IDEMPOTENCY_KEY_CHARS_MAX, IDEMPOTENCY_KEY_CHARS_MIN
from .signing import (
    READ_COMPONENTS,
    WRITE_COMPONENTS,
    check_coverage,
    check_freshness,
    read_signature,
    signature_base,
    verify,
)


def citizen_of(request: HttpRequest) -> int | None:
    """The person behind the session, or None."""
    if not request.user.is_authenticated:
        return None
    return citizens.person_of_user(request.user.pk)


def partner_of(request: HttpRequest) -> Partner | None:
    """The partner whose member is signed in, or None."""
    if not request.user.is_authenticated:
        return None
    return partners.partner_of_user(request.user.pk)


def caller_of(request: HttpRequest) -> Caller | None:
    """The log-in with its appointments, or None when it has none."""
    if not request.user.is_authenticated:
        return None
    held = organisations.appointments(request.user.pk, at=datetime.now(UTC))
    return Caller(request.user.pk, tuple(held)) if held else None


def own_partner(partner: Partner | None, code: str) -> Partner:
    """`partner` if it is the one called `code`; anything else is not there."""
    if partner is None or partner.code != code:
        raise NotFound(
            "partner.unknown",
            zh=f"没有合作平台“{code[:40]}”，或不属于您。",
            en=f"There is no partner '{code[:40]}', or it is not yours.",
        )
    return partner


def signer_of(
    request: HttpRequest, find_key: Callable[[str], PartnerKey]
) -> tuple[Partner, str] | None:
    """Partner and key id of a signed request; None when unsigned, `Denied` when signed wrongly."""
    given = request.headers.get("Signature-Input"), request.headers.get("Signature")
    if given == (None, None):
        return None
    signature = read_signature(given[0] or "", given[1] or "")
    writes = request.method not in {"GET", "HEAD"}
    check_coverage(signature, WRITE_COMPONENTS if writes else READ_COMPONENTS)
    check_freshness(signature, int(datetime.now(UTC).timestamp()))
    key = find_key(signature.keyid)
    values = _signed_values(request, signature.components)
    verify(signature, signature_base(signature, values), bytes(key.public_key))
    return key.partner, key.key_id


def idempotency_key(request: HttpRequest) -> str:
    """The `Idempotency-Key` of a write, printable and within its limits."""
    key = request.headers.get("Idempotency-Key", "")
    length_fits = IDEMPOTENCY_KEY_CHARS_MIN <= len(key) <= IDEMPOTENCY_KEY_CHARS_MAX
    if not (length_fits and key.isascii() and key.isprintable() and " " not in key):
        raise InputRefused(
            "idempotency.key_malformed",
            zh=f"请给出 Idempotency-Key：{IDEMPOTENCY_KEY_CHARS_MIN} 至 "
            f"{IDEMPOTENCY_KEY_CHARS_MAX} 个可见 ASCII 字符，每个文件一个。",
            en=f"Send an Idempotency-Key of {IDEMPOTENCY_KEY_CHARS_MIN} to "
            f"{IDEMPOTENCY_KEY_CHARS_MAX} visible ASCII characters, one per file.",
        )
    return key


def _signed_values(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """What each of these components is in this request, where supported (RFC 9421, 2.2)."""
    scheme_port = ":443" if request.is_secure() else ":80"
    fields = {name: request.headers[name] for name in names if name in request.headers}
    return fields | {
        "@method": request.method or "",
        "@authority": request.get_host().lower().removesuffix(scheme_port),
        "@path": request.get_full_path().partition("?")[0],
        "@query": f"?{request.META.get('QUERY_STRING', '')}",
    }
