"""Routes of a person's rights, and the one by which a partner forwards a consent."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO, Any

from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest
from ninja import Body, Router
from ninja.params.functions import Header
from ninja.responses import Status

from tanhui.domain.consents.services import Said
from tanhui.flows import consents, own_data
from tanhui.flows.erasure import erase
from tanhui.interfaces.platform import platform

from .access import idempotency_key
from .intake import check_digest
from .limits import LOCK_WAIT_S, OWN_DATA_MEMORY_BYTES
from .partners import partner_of_route
from .people import person_of
from .privacy_schemas import (
    ConsentAnswer,
    ConsentReceipt,
    Consents,
    Erasure,
    ErasureWish,
    ForwardedConsent,
    Viewings,
)
from .schemas import REFUSALS, WRITE_REFUSALS
from .security import CitizenForm, CitizenSession, PartnerSignature
from .signing import content_sha256

router = Router(tags=["people"], auth=CitizenSession())


@router.get(
    "/people/me/consents",
    response={200: Consents, **REFUSALS},
    summary="My consents",
    openapi_extra={"x-summary-zh": "我的授权"},
)
def my_consents(request: HttpRequest) -> dict[str, Any]:
    """The words, what stands for every partner and scene, and every receipt."""
    return consents.overview(platform(), person_of(request))


@router.post(
    "/people/me/consents",
    auth=CitizenForm(),
    response={201: ConsentReceipt, **WRITE_REFUSALS},
    summary="Give or withdraw consent",
    openapi_extra={"x-summary-zh": "给出或撤回授权"},
)
def answer_consent(request: HttpRequest, answer: Body[ConsentAnswer]) -> Status[dict[str, Any]]:
    """Holds from now on; what was counted before stays. 409 when nothing would change."""
    receipt = consents.answer(
        platform(),
        person_of(request),
        given=answer.given,
        scene=answer.scene,
        partner=answer.partner,
        purpose=answer.purpose,
        via=f"citizen:{request.user.pk}",
    )
    return Status(201, receipt)


@router.get(
    "/people/me/viewings",
    response={200: Viewings, **REFUSALS},
    summary="Who looked at my data",
    openapi_extra={"x-summary-zh": "谁查阅过我的数据"},
)
def my_viewings(request: HttpRequest) -> dict[str, Any]:
    """Each look by the operator or a partner's member, newest first."""
    return {"viewings": own_data.who_looked(person_of(request))}


@router.get(
    "/people/me/data.zip",
    response={**REFUSALS},
    summary="All my data",
    openapi_extra={
        "x-summary-zh": "我的全部数据",
        "responses": {200: {"description": "OK", "content": {"application/zip": {}}}},
    },
)
def my_data(request: HttpRequest) -> FileResponse:
    """A zip with README.txt, JSON and CSV: account, records, consents, who looked."""
    return data_file(person_of(request))


@router.post(
    "/people/me/erasure",
    auth=CitizenForm(),
    response={200: Erasure, **WRITE_REFUSALS},
    summary="Erase my data",
    openapi_extra={"x-summary-zh": "注销并删除我的数据"},
)
def erase_me(request: HttpRequest, wish: Body[ErasureWish]) -> dict[str, Any]:
    """Closes the account and destroys the keys of my data; it cannot be undone."""
    return erased(request, person_of(request))


def erased(request: HttpRequest, person: int) -> dict[str, Any]:
    """Erase the person behind the session, which ends; what there was to tell."""
    done = erase(platform(), person, actor="citizen", lock_wait_s=LOCK_WAIT_S)
    logout(request)
    return done


def data_file(person: int) -> FileResponse:
    """The person's zip; on disk it has no name and is gone when it is sent."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(  # noqa: SIM115
        max_size=OWN_DATA_MEMORY_BYTES
    )
    own_data.write_own_data(platform(), person, file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename="tanhui-my-data.zip", content_type="application/zip"
    )


partner_router = Router(tags=["partners"])


@partner_router.post(
    "/{partner}/consents",
    auth=PartnerSignature(),
    response={201: ConsentReceipt, **WRITE_REFUSALS},
    summary="Forward a consent",
    openapi_extra={"x-summary-zh": "转交授权回执"},
)
def forward_consent(
    request: HttpRequest,
    partner: str,
    consent: Body[ForwardedConsent],
    idempotency: str = Header(..., alias="Idempotency-Key", description="one per receipt"),
) -> Status[dict[str, Any]]:
    """What a person said in the partner's app; the same key again gives the first receipt."""
    owner, actor = partner_of_route(request, partner)
    announced = content_sha256(request.headers.get("Content-Digest", ""))
    check_digest(announced, hashlib.sha256(request.body).digest())
    said = Said(via=actor, at=consent.at, key=f"{owner.code}/{idempotency_key(request)}")
    receipt = consents.forwarded(
        platform(),
        owner,
        consent.person,
        given=consent.given,
        scene=consent.scene,
        version=consent.text_version,
        said=said,
    )
    return Status(201, receipt)
