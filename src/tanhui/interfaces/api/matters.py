"""Routes of matters: open one, take a step, hand in documents, comment on a public notice.

For log-ins that were appointed to a role. A write carries the session's CSRF token and an
`Idempotency-Key`, and the same key gives the first answer.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Form, Router, Schema, UploadedFile
from ninja.params.functions import Query
from ninja.responses import Status
from pydantic import Field

from tanhui.domain.matters import errors
from tanhui.domain.matters.models import Document, Notice, Step
from tanhui.flows.registry import kept, matters, papers, public_matters, reading
from tanhui.flows.registry.callers import Caller
from tanhui.interfaces import acting
from tanhui.interfaces.platform import platform

from . import commenting
from .access import idempotency_key
from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS, WRITE_REFUSALS, Problem
from .security import AppointedForm, AppointedSession

router = Router(tags=["matters"], auth=AppointedSession())
Json = dict[str, Any]
READ = {200: Json, **REFUSALS, 403: Problem}
WRITE = {200: Json, 201: Json, **WRITE_REFUSALS, 403: Problem}


class NewMatter(Schema):
    """A matter to open; the fields of `data` are the kind's, see GET /matters/kinds."""

    kind: str = Field(max_length=32)
    region: str = Field(max_length=6)
    title: str = Field(max_length=200)
    organisation: int | None = None
    parent: str = Field("", max_length=40)
    data: Json = Field(default_factory=dict)


class NewStep(Schema):
    """A step to take."""

    verb: str = Field(max_length=32)
    data: Json = Field(default_factory=dict)
    note: str = Field("", max_length=2_000)


class NewComment(Schema):
    """What somebody says to a public notice; `contact` is never shown."""

    author: str = Field(max_length=80)
    contact: str = Field("", max_length=120)
    text: str = Field(max_length=2_000)
    is_objection: bool = False


class Reply(Schema):
    """The answer to a comment."""

    reply: str = Field(max_length=2_000)


def caller_of(request: HttpRequest) -> Caller:
    """Who the route's security found."""
    found: Caller = request.auth[0]  # type: ignore[attr-defined]
    return found


@router.get(
    "/matters/kinds",
    auth=None,
    response=READ,
    summary="Kinds of matters",
    openapi_extra={"x-summary-zh": "事项目录"},
)
def kinds(request: HttpRequest) -> Json:
    """Every lifecycle: states, steps, who takes them, fields, documents, notices."""
    return {"items": [reading.lifecycle(one) for one in platform().lifecycles.values()]}


@router.get(
    "/matters", response=READ, summary="Matters", openapi_extra={"x-summary-zh": "事项列表"}
)
def list_matters(
    request: HttpRequest,
    *,
    kind: str = Query("", max_length=32),
    state: str = Query("", max_length=32),
    region: str = Query("", max_length=6),
    q: str = Query("", max_length=80),
    after: int | None = Query(None, ge=1),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> Json:
    """Those that are for the caller, newest first."""
    wanted = {"kind": kind, "state": state, "region": region, "q": q}
    return reading.page_of(platform(), caller_of(request), wanted=wanted, after=after, limit=limit)


@router.post(
    "/matters",
    auth=AppointedForm(),
    response=WRITE,
    summary="Open a matter",
    openapi_extra={"x-summary-zh": "新建事项"},
)
def open_matter(request: HttpRequest, given: Body[NewMatter]) -> Status[Json]:
    """Open a matter; 201, with the steps that are possible now."""
    key = idempotency_key(request)
    asked = matters.OpenRequest(**given.model_dump(), key=key)
    step = acting.open_matter(caller_of(request), asked)
    return Status(201, _answer(request, step))


@router.get(
    "/matters/{number}",
    response=READ,
    summary="A matter",
    openapi_extra={"x-summary-zh": "事项"},
)
def show(request: HttpRequest, number: str) -> Json:
    """A matter with its papers, for those who may act in it."""
    return reading.whole(platform(), caller_of(request), number)


@router.post(
    "/matters/{number}/steps",
    auth=AppointedForm(),
    response=WRITE,
    summary="Take a step",
    openapi_extra={"x-summary-zh": "办理"},
)
def take_step(request: HttpRequest, number: str, given: Body[NewStep]) -> Status[Json]:
    """Take a step, or propose it where a second person must agree."""
    asked = matters.StepRequest(**given.model_dump(), key=idempotency_key(request))
    step = acting.take_step(caller_of(request), number, asked)
    return Status(201, _answer(request, step))


@router.post(
    "/matters/{number}/documents",
    auth=AppointedForm(),
    response=WRITE,
    summary="Hand in a document",
    openapi_extra={"x-summary-zh": "提交材料"},
)
def hand_in(
    request: HttpRequest,
    number: str,
    *,
    file: File[UploadedFile],
    kind: Form[str],
    is_public: Form[bool] = False,
) -> Status[Json]:
    """Keep a document of the matter; the same bytes are kept once."""
    paper = papers.Paper(
        kind=kind,
        name=file.name or "",
        media_type=file.content_type or "application/octet-stream",
        content=file.read(papers.DOCUMENT_BYTES_MAX + 1),
        is_public=is_public,
    )
    key = idempotency_key(request)
    card = papers.hand_in(platform(), caller_of(request), number, paper, key=key)
    return Status(201, reading.document(card))


@router.get(
    "/matters/{number}/documents/{int:document}",
    response=READ,
    summary="A document",
    openapi_extra={"x-summary-zh": "材料"},
)
def fetch(request: HttpRequest, number: str, document: int) -> HttpResponse:
    """The bytes, as a download."""
    matter = reading.visible(platform(), caller_of(request), number)
    found = Document.objects.filter(pk=document, matter=matter).first()
    if found is None:
        raise errors.document_unknown()
    return as_download(found)


@router.get(
    "/notices",
    auth=None,
    response=READ,
    summary="Open public notices",
    openapi_extra={"x-summary-zh": "公示"},
)
def notices(request: HttpRequest) -> Json:
    """The notices that take comments today."""
    found = public_matters.notices(platform(), open_now=True)[:PAGE_ROWS_MAX]
    return {"items": public_matters.notice_cards(platform(), found)}


@router.post(
    "/notices/{int:notice}/comments",
    auth=None,
    response=WRITE,
    summary="Comment on a notice",
    openapi_extra={"x-summary-zh": "提出意见"},
)
def comment(request: HttpRequest, notice: int, given: Body[NewComment]) -> Status[Json]:
    """Anybody may comment while the notice is open."""
    found = Notice.objects.filter(pk=notice).first()
    if found is None:
        raise errors.notice_unknown(notice)
    said = commenting.comment(request, found, **given.model_dump())
    return Status(201, {"comment": said.pk})


@router.post(
    "/notices/comments/{int:comment}/reply",
    auth=AppointedForm(),
    response=WRITE,
    summary="Answer a comment",
    openapi_extra={"x-summary-zh": "答复意见"},
)
def reply(request: HttpRequest, comment: int, given: Body[Reply]) -> Status[Json]:
    """Answer a comment; an objection holds the matter up until then."""
    matters.answer_comment(platform(), caller_of(request), comment, given.reply)
    return Status(200, {"comment": comment})


def as_download(document: Document) -> HttpResponse:
    """The bytes of a document, which no browser may run."""
    content = kept.content_of(platform(), document)
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{document.sha256[:16]}"'
    return answer


def _answer(request: HttpRequest, step: Step) -> Json:
    """The matter as it stands, and what this step brought about."""
    now = reading.whole(platform(), caller_of(request), step.matter.number)
    return now | {"is_proposal": step.is_proposal, "result": step.result}
