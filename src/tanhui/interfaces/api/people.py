"""Routes of the signed-in person: own account, own records, own results."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Router
from ninja.params.functions import Query

from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.flows.registry import donations
from tanhui.flows.registry.own_units import own_units
from tanhui.flows.registry.pool_trace import serials_of_row
from tanhui.interfaces.platform import platform

from . import desk
from .exports import records_csv
from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .schemas import REFUSALS, CarbonAccount, Explanation, Problem, RecordPage
from .security import CitizenSession
from .serial_schemas import OwnUnits, ResultSerials

router = Router(tags=["people"], auth=CitizenSession())
ABSENT = {"batch.unknown", "result.unknown"}


def person_of(request: HttpRequest) -> int:
    """The person the route's security found."""
    person: int = request.auth[0]  # type: ignore[attr-defined]
    return person


def own_proof(person: int, result: str) -> bytes:
    """The file that proves a record of this person; raises NotFound as `own_explanation`."""
    try:
        proof = desk.proof(result, person)
    except NotFound as error:
        if error.code not in ABSENT:
            raise
        raise _not_yours(result) from error
    return json.dumps(proof, ensure_ascii=False, indent=1).encode()


def _not_yours(result: str) -> NotFound:
    return NotFound(
        "result.unknown",
        zh=f"没有记录 {result}，或不属于您。",
        en=f"There is no result {result}, or it is not yours.",
    )


def own_explanation(person: int | None, result: str) -> dict[str, Any]:
    """The explanation of a result of this person; raises NotFound.

    Another's result, a row that became no record and one that does not exist answer alike.
    """
    try:
        explained: dict[str, Any] | None = desk.explanation(result)
    except NotFound as error:
        if error.code not in ABSENT:
            raise
        explained = None
    if person is None or explained is None or explained["person"] != str(person):
        raise _not_yours(result)
    return explained


@router.get(
    "/people/me/account",
    response={200: CarbonAccount, **REFUSALS},
    summary="My account",
    openapi_extra={"x-summary-zh": "我的碳账户"},
)
def my_account(request: HttpRequest) -> dict[str, Any]:
    """Balance, points and when they end, scenes, the last active days."""
    return desk.account(person_of(request))


@router.get(
    "/people/me/records",
    response={200: RecordPage, **REFUSALS},
    summary="My records",
    openapi_extra={"x-summary-zh": "我的记录"},
)
def my_records(
    request: HttpRequest,
    *,
    scene: str | None = Query(None, max_length=64),
    status: str | None = Query(None, max_length=32),
    day_from: Annotated[date | None, Query(None)] = None,
    day_to: Annotated[date | None, Query(None)] = None,
    before: str | None = Query(None, max_length=64),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """Records newest first, by scene, status and day."""
    return desk.records(
        person_of(request),
        scene=scene,
        status=status,
        day_from=day_from.isoformat() if day_from else None,
        day_to=day_to.isoformat() if day_to else None,
        before=before,
        limit=limit,
    )


@router.get(
    "/people/me/records.csv",
    response={**REFUSALS},
    summary="My records as CSV",
    openapi_extra={
        "x-summary-zh": "我的记录（CSV）",
        "responses": {200: {"description": "OK", "content": {"text/csv": {}}}},
    },
)
def my_records_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every record of mine as one CSV (UTF-8 with byte order mark)."""
    return records_csv(person_of(request))


@router.get(
    "/results/{result}",
    response={200: Explanation, **REFUSALS},
    summary="Explain",
    openapi_extra={"x-summary-zh": "解释一个结果"},
)
def explain_result(request: HttpRequest, result: str) -> dict[str, Any] | HttpResponse:
    """Formula, factors with source and date, this row's arithmetic, cap, points, evidence."""
    return own_explanation(person_of(request), result)


def own_serials(person: int, result: str) -> dict[str, Any]:
    """The serials that hold a record of this person; raises NotFound as `own_explanation`."""
    own_explanation(person, result)
    return serials_of_row(platform(), ResultId.parse(result))


@router.get(
    "/people/me/units",
    response={200: OwnUnits, **REFUSALS},
    summary="My units",
    openapi_extra={"x-summary-zh": "哪些单位含有我的减排量"},
)
def my_units(
    request: HttpRequest,
    *,
    offset: int = Query(0, ge=0),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """The units that hold my reductions, my exact part of each, and what was given away."""
    person = person_of(request)
    found, figures = own_units(platform(), person), donations.figures(platform(), person)
    shown = found.units[offset : offset + limit]
    return {
        "credited_mg": str(figures.credited_mg),
        "used_mg": str(figures.used_mg),
        "given_mg": str(figures.given_mg),
        "free_mg": str(figures.free_mg),
        "made_good_mg": str(found.made_good_mg),
        "total": len(found.units),
        "units": [one | {"mg": str(one["mg"]), "unit_mg": str(one["unit_mg"])} for one in shown],
    }


@router.get(
    "/results/{result}/serials",
    response={200: ResultSerials, **REFUSALS},
    summary="Serials",
    openapi_extra={"x-summary-zh": "我的减排量进入了哪些单位"},
)
def serials_of_result(request: HttpRequest, result: str) -> dict[str, Any]:
    """The units that hold a record of mine, how much of each, and what waits for the next pool."""
    return own_serials(person_of(request), result)


@router.get(
    "/results/{result}/proof",
    response={**REFUSALS, 410: Problem},
    summary="Prove",
    openapi_extra={
        "x-summary-zh": "下载记录的证明",
        "responses": {200: {"description": "OK", "content": {"application/json": {}}}},
    },
)
def prove_result(request: HttpRequest, result: str) -> HttpResponse:
    """My proof of one record, to be checked offline with verify.py or on /verify: the row, what
    opens it, its place in the batch, and the batch's entry in the public log.
    """
    answer = HttpResponse(own_proof(person_of(request), result), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="tanhui-proof-{result}.json"'
    return answer
