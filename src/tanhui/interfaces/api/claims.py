"""Routes of the claim register: other registries ask, claim and withdraw. Signed, digests alone."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from tanhui.domain.partners.models import Partner
from tanhui.flows.registry import claims as flow
from tanhui.interfaces.platform import platform

from .access import idempotency_key
from .intake import check_digest
from .schemas import WRITE_REFUSALS
from .security import PartnerSignature
from .signing import content_sha256

router = Router(tags=["claims"], auth=PartnerSignature())
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Digests = Annotated[list[Hex], Field(min_length=1, max_length=flow.QUESTIONS_MAX)]


class Questions(Schema):
    """Public digests, as docs/claims.md says."""

    digests: Digests


class Answer(Schema):
    """Whether one is claimed, and by which scheme."""

    digest: str
    claimed: bool
    scheme: str


class Answers(Schema):
    """In the order of the questions."""

    answers: list[Answer]


class NewClaim(Schema):
    """What a peer claims, under a reference of its own."""

    scheme: str = Field(max_length=flow.SCHEME_CHARS_MAX)
    reference: str = Field(max_length=flow.REFERENCE_CHARS_MAX)
    kind: str = Field(max_length=16)
    digests: Digests


class Withdrawal(Schema):
    """A reference whose claims are given up."""

    reference: str = Field(max_length=flow.REFERENCE_CHARS_MAX)


class Counted(Schema):
    """How many digests it was about."""

    digests: int


@router.post(
    "/claims/questions",
    response={200: Answers, **WRITE_REFUSALS},
    summary="Ask whether things are claimed",
    openapi_extra={"x-summary-zh": "查询是否已申领"},
)
def ask(request: HttpRequest, asked: Questions) -> dict[str, Any]:
    """Claimed or not and by which scheme, up to 10,000 at a time; nothing else is told."""
    peer, _ = _peer(request)
    digests = [bytes.fromhex(one) for one in asked.digests]
    found = flow.ask(platform(), peer, digests)
    return {
        "answers": [
            {"digest": digest, "claimed": scheme is not None, "scheme": scheme or ""}
            for digest, scheme in zip(asked.digests, found, strict=True)
        ]
    }


@router.post(
    "/claims",
    response={200: Counted, 201: Counted, **WRITE_REFUSALS},
    summary="Register claims",
    openapi_extra={"x-summary-zh": "登记申领"},
)
def claim(request: HttpRequest, given: NewClaim) -> Status[dict[str, Any]]:
    """All of them or none; 409 when one is claimed already, 200 for the same key again."""
    peer, actor = _peer(request)
    said = flow.PeerClaim(
        scheme=given.scheme,
        reference=given.reference,
        kind=given.kind,
        digests=[bytes.fromhex(one) for one in given.digests],
    )
    key = idempotency_key(request)
    count, is_new = flow.peer_claim(platform(), peer, said, actor=actor, key=key)
    return Status(201 if is_new else 200, {"digests": count})


@router.post(
    "/claims/withdrawals",
    response={200: Counted, **WRITE_REFUSALS},
    summary="Withdraw claims",
    openapi_extra={"x-summary-zh": "撤回申领"},
)
def withdraw(request: HttpRequest, given: Withdrawal) -> dict[str, Any]:
    """Everything that this peer claims under the reference."""
    peer, actor = _peer(request)
    key = idempotency_key(request)
    count = flow.peer_withdrawal(platform(), peer, given.reference, actor=actor, key=key)
    return {"digests": count}


def _peer(request: HttpRequest) -> tuple[Partner, str]:
    """Who signed, and that the body is what was signed."""
    announced = content_sha256(request.headers.get("Content-Digest", ""))
    check_digest(announced, hashlib.sha256(request.body).digest())
    peer, actor = request.auth  # type: ignore[attr-defined]
    return peer, actor
