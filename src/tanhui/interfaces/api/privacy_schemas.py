"""Shapes of answers about a person's own rights: consents, looks, data."""

from __future__ import annotations

from typing import Literal

from ninja import Schema
from pydantic import AwareDatetime, Field


class ConsentText(Schema):
    """The words a person agrees to."""

    version: str
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    sha256: str = Field(description="of both languages, each followed by a line feed")
    evidence: str


class ConsentReceipt(Schema):
    """One answer: given or withdrawn, for one scene or all, one partner or all (null)."""

    id: str
    at: str
    given: bool
    purpose: str
    scene: str | None
    name_zh: str | None
    name_en: str | None
    partner: str | None
    partner_name_zh: str | None
    partner_name_en: str | None
    text_version: str
    text_sha256: str
    via: str = Field(description="citizen: the person here; key: through a partner's app")


class PartnerConsent(Schema):
    """What stands for one partner, all scenes."""

    partner: str
    name_zh: str
    name_en: str
    basis: Literal["contract", "receipt"]
    contract: str | None
    answer: bool | None
    stands: bool


class SceneConsent(Schema):
    """What was last said of one scene, all partners."""

    scene: str
    name_zh: str
    name_en: str
    answer: bool | None


class Mandate(Schema):
    """Whether units may be issued from what was counted."""

    text: ConsentText
    answer: bool | None
    partners: list[PartnerConsent]


class Consents(Schema):
    """What a person allows: of all answers that cover a record, the last one holds."""

    text: ConsentText
    answer: bool | None
    partners: list[PartnerConsent]
    scenes: list[SceneConsent]
    issuing: Mandate
    receipts: list[ConsentReceipt]


class ConsentAnswer(Schema):
    """What a person says now."""

    given: bool
    scene: str = Field("", max_length=64, description="empty for every scene")
    partner: str = Field("", max_length=40, description="empty for every partner")
    purpose: Literal["account", "issuing"] = Field(
        "account", description="counting, or issuing units from what was counted"
    )


class ForwardedConsent(Schema):
    """What a person said in a partner's app, about that partner's own records."""

    person: str = Field(max_length=300, description="the reference used in the partner's files")
    given: bool
    scene: str = Field("", max_length=64, description="empty for every scene")
    text_version: str = Field(max_length=32)
    at: AwareDatetime = Field(description="when the person said it, with its zone")


class Viewing(Schema):
    """Somebody else looked at the person's data."""

    at: str
    viewer: Literal["operator", "partner"]
    partner: str | None
    partner_name_zh: str | None
    partner_name_en: str | None
    what: str
    why: str | None


class Viewings(Schema):
    """Every look, newest first."""

    viewings: list[Viewing]


class ErasureWish(Schema):
    """The one confirmation: it cannot be undone."""

    confirm: Literal[True] = Field(description="true: erase my personal data, for good")


class Erasure(Schema):
    """What was done."""

    erased_at: str
    points_lapsed: int
