"""Shapes of the API's answers (mg, points and counts are whole numbers; times ISO 8601)."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field

INCLUSION_ONLY = "true: equations of a template; counted and rewarded, never issued as credits"


class Problem(Schema):
    """RFC 9457 problem document."""

    type: str = Field(examples=["urn:tanhui:problem:signature.stale"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["signature.stale"])
    zh: str
    en: str
    values: dict[str, Any]
    instance: str
    request_id: str


REFUSALS = dict.fromkeys((400, 401, 404, 405, 422, 500), Problem)
WRITE_REFUSALS = REFUSALS | dict.fromkeys((409, 411, 413, 503), Problem)
"""What any address may answer instead, whatever it does."""


class SourceFile(Schema):
    """The file as the partner sent it."""

    name: str
    sha256: str
    bytes: int


class ReasonCount(Schema):
    """How many rows ended for one reason."""

    status: str
    reason: str
    zh: str
    en: str
    rows: int


class MethodologyUsed(Schema):
    """A methodology that decided rows of a batch."""

    code: str
    version: str
    digest: str
    title_zh: str
    title_en: str
    evidence: str
    inclusion_only: bool = Field(description=INCLUSION_ONLY)


class EvidenceFile(Schema):
    """A file of the batch's evidence."""

    name: str
    sha256: str
    bytes: int


class ReceiptShort(Schema):
    """One batch in a list."""

    batch: int
    public_id: str
    partner: str
    feed: str
    source: SourceFile
    received_at: str
    rows: int
    counts: dict[str, int] = Field(description="status -> rows; adds up to `rows`")
    mg_credited: int
    mg_reversed: int
    points: int
    people: int
    first_day: str | None
    last_day: str | None
    digest: str


class ShareAmounts(Schema):
    """What a recipient received of a batch, and what corrections took back."""

    credited: int
    reversed: int


class Receipt(ReceiptShort):
    """What became of every row of a file."""

    config: dict[str, str]
    reasons: list[ReasonCount]
    methodologies: list[MethodologyUsed]
    files: list[EvidenceFile]
    notes: dict[str, Any] = Field(description="what the feed noticed about the file")
    shares: dict[str, ShareAmounts] | None = Field(
        description="person, platform, operator; null when all is the persons'"
    )
    repeated: bool = Field(False, description="true when this file or key was received before")


class ReceiptPage(Schema):
    """Batches, newest first; `next` goes into `before`."""

    items: list[ReceiptShort]
    next: int | None


class QuarantinedRow(Schema):
    """A row that was set aside; `line` is Base64 of the original bytes, null once the key that
    opens them was destroyed.
    """

    row: int
    reason: str
    zh: str
    en: str
    line: str | None
    text: str


class QuarantinePage(Schema):
    """Rows set aside, by row number; `next` goes into `after_row`."""

    items: list[QuarantinedRow]
    total: int
    next: int | None


class Balance(Schema):
    """What a person has."""

    mg: int
    points: int


class PointsExpiring(Schema):
    """Points that end on a day."""

    on: str
    points: int


class SceneTotal(Schema):
    """One scene's part of the balance."""

    scene: str
    name_zh: str
    name_en: str
    mg: int
    events: int
    points: int


class DayTotal(Schema):
    """Credited mass of one day."""

    day: str
    mg: int


class CarbonAccount(Schema):
    """A person's carbon account; `person` is a text, it may pass 2^53."""

    person: str
    is_demo: bool
    programme: str
    balance: Balance
    points_expiring: list[PointsExpiring]
    scenes: list[SceneTotal]
    days: list[DayTotal]
    first_day: str | None
    last_day: str | None


class Quantity(Schema):
    """One quantity of a record, value as exact decimal text."""

    name_zh: str
    name_en: str
    value: str
    unit: str


class ClaimDays(Schema):
    """The days on which a record could be claimed; both ends belong."""

    first_day: str
    last_day: str


class CarbonRecord(Schema):
    """One record of a person and what became of it."""

    id: str
    batch: int
    row: int
    scene: str
    name_zh: str
    name_en: str
    day: str
    started_at: str
    ended_at: str
    quantities: list[Quantity]
    status: str
    reason: str | None
    reason_zh: str | None
    reason_en: str | None
    related: str | None
    mg: int
    mg_before: int
    shares: dict[str, int] = Field(description="mg of person, platform and operator")
    claim: ClaimDays | None
    points: int
    methodology: str | None
    evidence: str | None
    inclusion_only: bool | None = Field(description=INCLUSION_ONLY)
    partner: str
    partner_name_zh: str
    partner_name_en: str


class Health(Schema):
    """The process and its database answer."""

    status: str
    version: str


class RecordPage(Schema):
    """Records, newest first; `next` goes into `before`."""

    items: list[CarbonRecord]
    next: str | None


class CapUse(Schema):
    """How the daily cap met this record."""

    max_mg: int
    quantified_mg: int
    credited_mg: int
    cut_mg: int
    source: str
    evidence: str


class CapUser(Schema):
    """An earlier record that counts against a cap."""

    id: str
    day: str
    scene: str
    mg: int


class CapOfRecord(Schema):
    """One cap and its period, what earlier records had used, what was left and what it cut.

    `used` and `left` are milligrams, or events for a cap in events; `used_by` holds at most the
    last hundred of `used_records`; `decided` marks the cap that cut this record.
    """

    per: str
    scenes: list[str]
    max_mg: int | None
    max_events: int | None
    first_day: str
    last_day: str
    used: int
    used_records: int
    used_by: list[CapUser]
    left: int
    before_mg: int
    allowed_mg: int
    cut_mg: int
    decided: bool
    source: str
    evidence: str


class ShareOfRecord(Schema):
    """What a recipient received of a record, and by which share."""

    share: str
    mg: int


class PointsEarned(Schema):
    """The dated points rule that held on the record's day, and what it gave."""

    per_mg: int
    points_per_step: int
    credited_mg: int
    steps: int
    left_over_mg: int
    points: int
    valid_from: str
    source: str
    evidence: str


class Answer(Schema):
    """Everything that settling a record decided; `quantities` are counts of each field's step."""

    status: str
    reason: str
    related: str | None
    quantities: list[int]
    before_caps_mg: int
    after_caps_mg: int
    caps_one_by_one_mg: int
    person_mg: int
    platform_mg: int
    operator_mg: int
    points: int


class Difference(Schema):
    """A part of the answer that came out otherwise than it is stored."""

    of: str
    stored: Any
    recomputed: Any


class Explanation(Schema):
    """Where one number comes from, and whether computing it again gives it again."""

    id: str
    record: CarbonRecord
    explanation: dict[str, Any] | None = Field(
        description="methodology, formula, inputs, parameters, tables (the step of each value that "
        "goes by steps), history, group, applies, steps, rounding"
    )
    cap: CapUse | None
    caps: list[CapOfRecord]
    allocation: dict[str, ShareOfRecord] | None
    points: PointsEarned | None
    batch: ReceiptShort
    recomputed_mg: int
    stored_mg: int
    recomputed: Answer
    stored: Answer
    differences: list[Difference]
    matches: bool


class StatisticsFigures(Schema):
    """What a group came to."""

    events: int
    mg: int
    points: int
    people: int | None


class StatisticsGroup(StatisticsFigures):
    """One scene, region or month; groups of few people together have none."""

    scene: str | None = None
    region: str | None = None
    month: str | None = None
    name_zh: str
    name_en: str
    share_events: str
    share_mg: str


class Statistics(Schema):
    """Shares in per cent that add up to 100.00, as text; months are those of the records."""

    by: list[str]
    first: str | None = Field(alias="from")
    last: str | None = Field(alias="to")
    people_min: int | None
    is_demo: bool
    groups: list[StatisticsGroup]
    total: StatisticsFigures
