"""What a person may have at any time: who looked at their data, and a copy of all of it.

PIPL articles 44 and 45 (access, copy, portability): a zip that opens without this platform, with
JSON for machines, CSV for people, and a page that says what each file is.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from tanhui.core.clock import utc_text
from tanhui.domain.partners import queries as partners
from tanhui.domain.viewings import queries as viewings
from tanhui.domain.viewings.models import Viewing

from .consents import overview
from .platform import Platform
from .reading import PAGE_MAX, account, records
from .registry.donations import gifts_of
from .registry.own_units import own_units

Json = dict[str, Any]

EXPLAINED = """\
碳惠：我的数据
账户 {person}，{at} 导出。

account.json    我的碳账户：减排量（毫克 CO2e）、积分、各场景、近期每日
records.json    我的每一条记录：时间、数量、状态、原因、减排量、所用方法学、来源平台
records.csv     同样的记录，可用表格软件打开（UTF-8）
units.json      哪些单位含有我的减排量：每个单位中我的部分（毫克）、状态、注销用途
gifts.json      我捐出的减排量：时间、数量（毫克）、捐给的事项、回执编号
consents.json   我给出和撤回的每一份授权，以及所同意文本的版本
viewings.json   谁查阅过我的数据：时间、身份、内容、事由

person 是随机编号，本平台不存姓名；谁是谁只有合作平台知道。
减排量单位为毫克（mg）二氧化碳当量，1 kg = 1,000,000 mg。时间为协调世界时（UTC），日期为当地日期。

Tanhui: my data
Account {person}, exported {at}.

account.json    my carbon account: reductions (milligrams of CO2e), points, scenes, recent days
records.json    each record of mine: time, quantities, status, reason, reduction, law, partner
records.csv     the same records for a spreadsheet (UTF-8)
units.json      the units that hold my reductions: my part of each (mg), its state, what it served
gifts.json      what I gave away: when, how much (mg), to which use, the receipt's number
consents.json   each consent I gave or took back, and the version of the words I agreed to
viewings.json   who looked at my data: when, as whom, at what, why

`person` is a random number; this platform keeps no name, and only the partner knows who it is.
Reductions are milligrams (mg) of CO2 equivalent, 1 kg = 1,000,000 mg. Instants are in UTC, days are
local.
"""

COLUMNS = (
    "id", "started_at", "ended_at", "day", "scene", "name_zh", "name_en", "quantities", "status",
    "reason", "reason_zh", "reason_en", "mg", "points", "methodology", "partner",
)  # fmt: skip


def who_looked(person: int) -> list[Json]:
    """Each look at the person's data by somebody else, newest first; names are not told."""
    return [_viewing(each) for each in viewings.of_person(person)]


def write_own_data(platform: Platform, person: int, file: IO[bytes]) -> None:
    """Write the zip of everything about the person into `file`."""
    every = list(_records(platform, person))
    parts = {
        "account.json": account(platform, person),
        "records.json": {"records": every},
        "units.json": {"units": own_units(platform, person).units},
        "gifts.json": {"gifts": gifts_of(platform, person)},
        "consents.json": overview(platform, person),
        "viewings.json": {"viewings": who_looked(person)},
    }
    at = utc_text(platform.clock())
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", EXPLAINED.format(person=person, at=at))
        for name, document in parts.items():
            archive.writestr(name, json.dumps(document, ensure_ascii=False, indent=1))
        archive.writestr("records.csv", "\ufeff" + _csv(every))


def _records(platform: Platform, person: int) -> Iterator[Json]:
    before: str | None = None
    while True:
        page = records(platform, person, before=before, limit=PAGE_MAX)
        yield from page["items"]
        before = page["next"]
        if before is None:
            return


def _csv(every: list[Json]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in every:
        measured = "; ".join(f"{q['name_zh']} {q['value']} {q['unit']}" for q in one["quantities"])
        writer.writerow([measured if c == "quantities" else one[c] for c in COLUMNS])
    return text.getvalue()


def _viewing(viewing: Viewing) -> Json:
    partner = None if viewing.partner_id is None else partners.by_id(viewing.partner_id)
    return {
        "at": utc_text(viewing.at),
        "viewer": viewing.viewer,
        "partner": partner.code if partner else None,
        "partner_name_zh": partner.name_zh if partner else None,
        "partner_name_en": partner.name_en if partner else None,
        "what": viewing.what,
        "why": viewing.why or None,
    }
