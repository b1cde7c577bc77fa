"""Routes of donation drives: a signed-in person gives grams, everybody sees what came together."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Body, Router, Schema
from ninja.responses import Status
from pydantic import Field

from tanhui.flows.registry import donations, drives
from tanhui.flows.registry.callers import may_see

from ..platform import platform
from .access import caller_of, idempotency_key
from .people import person_of
from .schemas import REFUSALS, WRITE_REFUSALS
from .security import CitizenForm

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
    "/uses/{number}/donations",
    auth=None,
    response={200: Drive, **REFUSALS},
    summary="A donation drive",
    openapi_extra={"x-summary-zh": "捐赠池"},
)
def show(request: HttpRequest, number: str) -> dict[str, Any]:
    """What citizens gave to a use, and the units formed of it; nobody is named."""
    caller = caller_of(request)
    matter = drives.drive_matter(number, is_open=False)
    is_public = caller is None or not may_see(caller, matter)
    return drives.drive_of(platform(), number, is_public=is_public)
