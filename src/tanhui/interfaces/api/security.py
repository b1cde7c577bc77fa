"""How a route knows its caller; the names appear as security schemes in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from tanhui.domain.partners.models import Partner, PartnerKey
from tanhui.domain.partners.queries import active_key
from tanhui.flows.registry.callers import Caller

from .access import caller_of, citizen_of, partner_of, signer_of

KEY_ACTOR = "key:"  # an act's actor is the key that signed for it


class PartnerSignature(AuthBase):
    """An HTTP Message Signature (RFC 9421) of a registered key."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Signature"
    openapi_description = (
        'RFC 9421 with Ed25519; reads cover "@method" "@authority" "@path" "@query", uploads '
        'also "content-digest" and "idempotency-key"; parameters created, keyid, nonce.'
    )

    def __init__(self, find_key: Callable[[str], PartnerKey] = active_key) -> None:
        self.find_key = find_key
        super().__init__()

    def __call__(self, request: HttpRequest) -> tuple[Partner, str] | None:
        """Partner and actor, None when the request is not signed."""
        found = signer_of(request, self.find_key)
        return (found[0], KEY_ACTOR + found[1]) if found else None


class PartnerSession(AuthBase):
    """The session of a partner's member (reading only)."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> tuple[Partner, str] | None:
        """Partner and actor, None when no member is signed in."""
        partner = partner_of(request)
        return (partner, f"user:{request.user.pk}") if partner else None


class CitizenSession(AuthBase):
    """The session of a person."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> tuple[int] | None:
        """The person in a tuple (a person may be 0), None when nobody is signed in."""
        person = citizen_of(request)
        return None if person is None else (person,)


class CitizenForm(CitizenSession):
    """The session of a person who changes something: the request carries a page's CSRF token."""

    def __call__(self, request: HttpRequest) -> tuple[int] | None:
        """As `CitizenSession`; 403 without the token in a form field or `X-CSRFToken`."""
        found = super().__call__(request)
        if found is not None and check_csrf(request) is not None:
            raise HttpError(403, "CSRF")
        return found


class StaffSession(AuthBase):
    """The session of the operator's staff (reading only)."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> str | None:
        """The actor, None when nobody of the staff is signed in."""
        user = request.user
        return f"user:{user.pk}" if user.is_authenticated and user.is_staff else None


class AppointedSession(AuthBase):
    """The session of a log-in that was appointed to a role."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __call__(self, request: HttpRequest) -> tuple[Caller] | None:
        """The caller in a tuple, None when the log-in has no role."""
        found = caller_of(request)
        return None if found is None else (found,)


class AppointedForm(AppointedSession):
    """The same, for what changes something: the request carries the session's CSRF token."""

    def __call__(self, request: HttpRequest) -> tuple[Caller] | None:
        """As `AppointedSession`; 403 without the token in `X-CSRFToken` or a form field."""
        found = super().__call__(request)
        if found is not None and check_csrf(request) is not None:
            raise HttpError(403, "CSRF")
        return found


class StaffForm(StaffSession):
    """The session of the operator's staff who change something: with a page's CSRF token."""

    def __call__(self, request: HttpRequest) -> str | None:
        """As `StaffSession`; 403 without the token in a form field or `X-CSRFToken`."""
        actor = super().__call__(request)
        if actor is not None and check_csrf(request) is not None:
            raise HttpError(403, "CSRF")
        return actor
