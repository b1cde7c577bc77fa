"""Routes of donation drives: a signed-in person gives grams, everybody sees what came together."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router, Schema
from ninja.params.functions import Query
from ninja.responses import Status
from pydantic import Field

from tanhui.flows.registry import donations, drives
from tanhui.flows.registry.callers import may_see

from ..platform import platform
from .access import caller_of, idempotency_key
from .limits import PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from .people import person_of
from .schemas import REFUSALS, WRITE_REFUSALS
from .security import CitizenForm, CitizenSession

router = Router(tags=["people"])
MG_MAX = 2**53 - 1


class Donation(Schema):
    """Grams for a use, in mg; `organisation` is the donor's own inside the use's group."""

    use: str = Field(max_length=40)
    mg: int = Field(ge=1, le=MG_MAX, strict=True)
    organisation: int | None = Field(None, ge=1, le=MG_MAX)


class DonationDone(Schema):
    """What was given, and what the person can still give; mg as text."""

    use: str
    mg: str
    free_mg: str
    receipt: str = Field(description="names the gift under `/people/me/donations`")


class Words(Schema):
    """A name in both languages."""

    zh: str
    en: str


class Gift(Schema):
    """What I gave, and what became of it; `certificate` names the one of the retired use."""

    receipt: str
    at: str
    mg: str
    use: str
    title: str
    beneficiary: str
    is_open: bool
    state: str
    state_name: Words
    certificate: str
    organisation: str


class GiftPage(Schema):
    """My gifts, the newest first."""

    items: list[Gift]
    total: int


class DriveShare(Schema):
    """Donations of one organisation's people; without a name those of small groups together."""

    organisation: int | None
    name: str
    mg: str


class Drive(Schema):
    """What a drive collected; `mg`, `donors` and `formable_units` are null while donors are fewer
    than `people_min`, except for whoever handles the use."""

    use: str
    is_open: bool = Field(description="whether it takes gifts now")
    people_min: int
    mg: str | None
    donors: int | None
    formed_units: int
    formable_units: int | None
    ranking: list[DriveShare]


@router.post(
    "/people/me/donations",
    auth=CitizenForm(),
    response={201: DonationDone, **WRITE_REFUSALS},
    summary="Donate reductions",
    openapi_extra={"x-summary-zh": "捐出减排量"},
)
def donate(request: HttpRequest, given: Body[Donation]) -> Status[dict[str, Any]]:
    """Give grams to a use that is not retired yet; they cannot be given twice or taken back."""
    done = donations.donate_grams(
        platform(), person_of(request), **given.model_dump(), key=idempotency_key(request)
    )
    return Status(201, done)


@router.get(
    "/people/me/donations",
    auth=CitizenSession(),
    response={200: GiftPage, **REFUSALS},
    summary="My gifts",
    openapi_extra={"x-summary-zh": "我的捐赠"},
)
def my_gifts(
    request: HttpRequest,
    *,
    offset: int = Query(0, ge=0),
    limit: int = Query(PAGE_ROWS_DEFAULT, ge=1, le=PAGE_ROWS_MAX),
) -> dict[str, Any]:
    """What I gave to uses, with the certificate of those that are retired."""
    found = donations.gifts_of(platform(), person_of(request))
    shown = found[offset : offset + limit]
    return {"items": [one | {"mg": str(one["mg"])} for one in shown], "total": len(found)}


@router.get(
    "/uses/{number}/donations",
    auth=None,
    response={200: Drive, **REFUSALS},
    summary="A donation drive",
    openapi_extra={"x-summary-zh": "捐赠池"},
)
def show(request: HttpRequest, number: str) -> dict[str, Any]:
    """What citizens gave to a use, and the units formed of it; nobody is named."""
    caller = caller_of(request)
    matter = drives.drive_matter(number)
    is_public = caller is None or not may_see(caller, matter)
    return drives.drive_of(platform(), number, is_public=is_public)
