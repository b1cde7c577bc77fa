"""Routes of a partner: upload a file, read receipts and the rows that were set aside."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Router
from ninja.params.functions import Header, Query
from ninja.responses import Status

from tanhui.core.errors import InputRefused, NotFound
from tanhui.domain.partners.models import Partner
from tanhui.domain.viewings.services import Viewer

from . import desk, intake
from .access import idempotency_key, own_partner
from .exports import attachment
from .limits import FILE_NAME_CHARS_MAX, PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS, WRITE_REFUSALS, QuarantinePage, Receipt, ReceiptPage
from .security import PartnerSession, PartnerSignature
from .signing import content_sha256

router = Router(tags=["partners"], auth=[PartnerSignature(), PartnerSession()])
UPLOAD_BODY = {
    "x-summary-zh": "上传文件",
    "requestBody": {
        "required": True,
        "description": "The file's bytes, as they are.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "in": "query",
            "name": "config",
            "style": "form",
            "explode": True,
            "required": False,
            "schema": {
                "type": "object",
                "patternProperties": {r"^config\.": {"type": "string"}},
                "additionalProperties": False,
            },
            "description": "Settings of the feed, each as config.<name>=<value>.",
        },
        {
            "in": "header",
            "name": "Content-Digest",
            "required": True,
            "schema": {"type": "string"},
            "description": "sha-256=:<Base64>: of the content (RFC 9530)",
        },
        {
            "in": "header",
            "name": "Signature-Input",
            "required": True,
            "schema": {"type": "string"},
            "description": "RFC 9421; see the Accept-Signature field of a 401 answer",
        },
    ],
}


def partner_of_route(request: HttpRequest, code: str) -> tuple[Partner, str]:
    """Partner and actor the route's security found, if the address is theirs."""
    partner, actor = request.auth  # type: ignore[attr-defined]
    return own_partner(partner, code), actor


def own_receipt(partner: str, batch: int) -> dict[str, Any]:
    """The receipt of a batch of this partner; raises NotFound, for another's as for none."""
    try:
        receipt: dict[str, Any] | None = desk.receipt(batch)
    except NotFound as error:
        if error.code != "batch.unknown":
            raise
        receipt = None
    if receipt is None or receipt["partner"] != partner:
        raise NotFound(
            "batch.unknown",
            zh=f"没有批次 {batch}，或不属于您。",
            en=f"There is no batch {batch}, or it is not yours.",
        )
    return receipt


@router.post(
    "/{partner}/batches",
    auth=PartnerSignature(),
    response={200: Receipt, 201: Receipt, **WRITE_REFUSALS},
    summary="Upload a file",
    openapi_extra=UPLOAD_BODY,
)
def upload_batch(
    request: HttpRequest,
    partner: str,
    feed: str = Query(..., max_length=64, description="how the file is to be read"),
    name: str = Query(..., max_length=FILE_NAME_CHARS_MAX, description="the file's name"),
    idempotency: str = Header(..., alias="Idempotency-Key", description="one per file"),
) -> Status[dict[str, Any]]:
    """Take a file; 201 with the receipt, 200 with the first receipt when it came before.

    The same Idempotency-Key with other content is a conflict (409). Nothing of a refused file
    is posted.
    """
    owner, actor = partner_of_route(request, partner)
    size = intake.announced_bytes(request)
    announced = content_sha256(request.headers.get("Content-Digest", ""))
    upload = intake.Upload(
        partner=owner.code,
        feed=feed,
        name=intake.file_name(name),
        config=_config(request),
        actor=actor,
        idempotency_key=idempotency_key(request),
    )
    with intake.stored(intake.chunks_of(request), size) as (path, found):
        intake.check_digest(announced, found)
        receipt = intake.post(path, upload)
    return Status(200 if receipt["repeated"] else 201, receipt)


@router.get(
    "/{partner}/batches",
    response={200: ReceiptPage, **REFUSALS},
    summary="Batches",
    openapi_extra={"x-summary-zh": "批次"},
)
def list_batches(
    request: HttpRequest,
    partner: str,
    before: int | None = Query(None, ge=1, le=2**62),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """Batches of the partner, newest first."""
    owner, _ = partner_of_route(request, partner)
    return desk.batches(owner.code, before=before, limit=limit)


@router.get(
    "/{partner}/batches/{int:batch}",
    response={200: Receipt, **REFUSALS},
    summary="Receipt",
    openapi_extra={"x-summary-zh": "回执"},
)
def read_receipt(request: HttpRequest, partner: str, batch: int) -> dict[str, Any]:
    """The receipt: counts that add up to the rows, reasons, methodologies, evidence."""
    owner, _ = partner_of_route(request, partner)
    return own_receipt(owner.code, batch)


@router.get(
    "/{partner}/batches/{int:batch}/quarantine",
    response={200: QuarantinePage, **REFUSALS},
    summary="Rows set aside",
    openapi_extra={"x-summary-zh": "隔离的行"},
)
def read_quarantine(
    request: HttpRequest,
    partner: str,
    batch: int,
    *,
    after_row: int = Query(0, ge=0, le=2**62),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
    reason: str | None = Query(None, max_length=128),
) -> dict[str, Any]:
    """Rejected rows with reason and original bytes."""
    owner, actor = partner_of_route(request, partner)
    own_receipt(owner.code, batch)
    viewer = Viewer(actor=actor, partner_id=owner.pk)
    return desk.quarantine(batch, viewer=viewer, after_row=after_row, limit=limit, reason=reason)


@router.get(
    "/{partner}/batches/{int:batch}/quarantine.csv",
    response={**REFUSALS},
    summary="Rows set aside, as CSV",
    openapi_extra={
        "x-summary-zh": "隔离的行（CSV）",
        "responses": {200: {"description": "OK", "content": {"text/csv": {}}}},
    },
)
def download_quarantine(request: HttpRequest, partner: str, batch: int) -> StreamingHttpResponse:
    """Columns row, reason, reason_zh, reason_en, line_base64."""
    owner, actor = partner_of_route(request, partner)
    own_receipt(owner.code, batch)
    viewer = Viewer(actor=actor, partner_id=owner.pk)
    return attachment(desk.quarantine_file(batch, viewer=viewer), f"quarantine-{batch}.csv")


def _config(request: HttpRequest) -> dict[str, str]:
    """`config.*` of the query; a parameter twice or of another name is refused."""
    for name, values in request.GET.lists():
        known = name in {"feed", "name"} or name.startswith(intake.CONFIG_PREFIX)
        if not known or len(values) != 1:
            raise InputRefused(
                "upload.parameter_unknown",
                zh=f"查询参数“{name[:64]}”未知或重复；可用：feed、name、config.*。",
                en=f"The query parameter '{name[:64]}' is unknown or given twice; there are "
                "feed, name and config.*.",
            )
    return intake.feed_config(
        (name.removeprefix(intake.CONFIG_PREFIX), str(value))
        for name, value in request.GET.items()
        if name.startswith(intake.CONFIG_PREFIX)
    )
