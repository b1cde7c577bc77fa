"""The demo city's register: two solar projects, pooled rides, three retirements, open business.

The story is played once, in one transaction: a start that is killed on the way leaves nothing of
it, and the next one plays it whole. Its days are fixed, but for the project that is under public
notice on the day of the first start. Project, verifiers and events are made up; methodology,
factors and rules are the library's own.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.db import transaction

from tanhui.core.errors import NotFound
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.platform import Platform

from ..log import publish_quietly
from .cast import METRO
from .month import REGION
from .offices import HONGSHAN, WUCHANG
from .stage import Stage

_problems = logging.getLogger(__name__)

LAW = "wuhan-pv"
GENERATION_MWH = {2024: "986.4", 2025: "1012.7"}
CREDITING = {"credited_from": "2024-01-01", "credited_to": "2034-01-01"}
EVENT = "演示马拉松碳中和"
RIDES_MONTH = "2024-10"


def is_played() -> bool:
    """Whether this installation has the demo's register."""
    return Matter.objects.filter(is_demo=True, kind="use", title=EVENT).exists()


def certificate() -> str:
    """The token of the certificate of the demo's event, '' before it is played."""
    found = Matter.objects.filter(is_demo=True, kind="use", title=EVENT).order_by("pk").first()
    return str(found.data.get("certificate", "")) if found is not None else ""


def play(platform: Platform) -> None:
    """Play the story unless it was played; the demo city and its log-ins must be there."""
    if is_played():
        return
    with transaction.atomic():
        Organisation.objects.select_for_update().filter(is_demo=True).first()
        if is_played():
            return
        stage = Stage(platform)
        _methodology(stage)
        solar = _registered(stage)
        _pooled(stage)
        _issued(stage, solar)
        _retired(stage)
        _open_business(stage, solar)
        _under_notice(stage)
    publish_quietly()


def _registered(stage: Stage) -> Matter:
    """A solar roof from its first draft to its registration."""
    stage.on("2024-09-02")
    project = stage.open(
        "owner",
        "project",
        "演示光伏公司厂房屋顶 900 千瓦",
        {
            "methodology": LAW,
            "summary": "演示：厂房屋顶分布式光伏，自发自用，余电上网。",
            "started_on": "2023-12-15",
            "latitude": "30.553",
            "longitude": "114.343",
        },
        of="solar",
        region=WUCHANG,
    )
    stage.paper("owner", project, "owner_authority", "application_form", "design_document")
    shares = [
        {"party": stage.bodies["solar"], "percent": "80"},
        {"party": stage.bodies["village"], "percent": "20"},
    ]
    stage.step("owner", project, "disclose", shares=shares)
    stage.on("2024-09-30")
    meter = {"kind": "meter", "identifier": "演示电表-0001"}
    stage.step("owner", project, "apply", no_double_claim=True, assets=[meter])
    stage.on("2024-10-14")
    stage.paper("authority", project, "assessment_opinion")
    stage.step("authority", project, "assess")
    stage.step("authority", project, "give_notice")
    stage.on("2024-11-04")
    stage.both(project, "register", **CREDITING, product="演示")
    return project


def _issued(stage: Stage, project: Matter) -> None:
    """Its first year: data, a verifier by lot, a finding and its answer, notice, units."""
    stage.on("2025-01-13")
    period = _reported(stage, project, 2024)
    stage.on("2025-01-20")
    drawn = stage.step("authority", period, "engage").result["verifier"]
    verifier = "verifier" if int(drawn) == stage.bodies["verifier"] else "verifier-2"
    stage.step(verifier, period, "plan_sampling", method="核对电表照片与结算单", size=1)
    finding = {"number": 1, "kind": "clarification", "text": "12 月结算单缺盖章页，请补。"}
    stage.step(verifier, period, "raise_findings", findings=[finding])
    stage.on("2025-02-10")
    answer = {"number": 1, "text": "已补，见附件。"}
    stage.step("owner", period, "respond", answers=[answer])
    stage.on("2025-02-17")
    statement = "演示核证声明：数据与重算结果一致。 Demo statement: data and result agree.\n"
    digest = stage.hand_in(
        verifier, period, "verification_statement", "演示核证声明.txt", statement.encode()
    )
    period.refresh_from_db()
    stage.step(
        verifier,
        period,
        "opine",
        statement_sha256=digest,
        result_hash=period.data["result_hash"],
    )
    stage.step("authority", period, "give_notice")
    stage.on("2025-03-10")
    unit_mg = stage.platform.rulesets.unit_mg(region=WUCHANG, on=stage.platform.today)
    issuable_mg = int(period.data["totals"]["issuable_mg"])
    stage.both(period, "issue", units=issuable_mg // unit_mg)


def _reported(stage: Stage, project: Matter, year: int) -> Matter:
    """A year's monitoring with its table of data, worked out."""
    period = stage.open(
        "owner",
        "monitoring",
        f"{year} 年监测期（演示）",
        {"first_year": year, "last_year": year},
        of="solar",
        region=WUCHANG,
        parent=project.number,
    )
    rows = (
        "input,at,value,unit,source",
        f"generation,{year},{GENERATION_MWH[year]},MWh,演示结算单",
        f"auxiliary,{year},1.2,MWh,演示电表",
        "capacity,,900,kW,演示铭牌",
        "price,,60,CNY/tCO2e,演示",
    )
    table = "".join(f"{row}\n" for row in rows).encode()
    digest = stage.hand_in("owner", period, "monitoring_data", "演示监测数据.csv", table)
    stage.step("owner", period, "report", data_sha256=digest)
    return period


def _pooled(stage: Stage) -> None:
    """The citizens' metro rides of October 2024, gathered into units."""
    stage.on("2024-11-11")
    pool = _gathered(stage, "metro", "2024 年 10 月地铁减排量汇集（演示）")
    stage.paper("authority", pool, "assessment_opinion")
    grounds = "演示：抽样比对闸机与清算数据，无折减。"
    stage.step("authority", pool, "assess", discount_percent="0", grounds=grounds)
    stage.step("authority", pool, "give_notice")
    stage.on("2024-12-02")
    stage.both(pool, "issue")


def _gathered(stage: Stage, scene: str, title: str) -> Matter:
    data = {"scene": scene, "partner": METRO.code, "first_month": RIDES_MONTH}
    data["last_month"] = RIDES_MONTH
    return stage.open("operator", "pool", title, data, of="pooling", region=REGION)


def _retired(stage: Stage) -> None:
    """An event with pooled rides, a bank branch with solar units, a voluntary retirement."""
    stage.on("2025-03-17")
    event = stage.open(
        "buyer",
        "use",
        EVENT,
        {
            "purpose": "event",
            "beneficiary": "演示马拉松",
            "object": "演示马拉松 2025",
            "period_from": "2025-04-12",
            "period_to": "2025-04-13",
        },
        of="marathon",
        region=REGION,
    )
    stage.paper("buyer", event, "neutrality_plan", "emissions_report")
    measures = "演示：公交接驳，不发一次性水瓶，奖牌用回收金属。"
    stage.step(
        "buyer",
        event,
        "plan",
        event_kind="sport",
        attendance=5000,
        expected_t="60",
        measures=measures,
    )
    stage.on("2025-04-21")
    stage.step("buyer", event, "calculate", ended_on="2025-04-13", inventory=_EVENT_INVENTORY)
    _sold(stage, event, "pooling", yuan_a_unit=40)
    stage.step("buyer", event, "retire")
    stage.on("2025-05-12")
    branch = stage.open(
        "buyer",
        "use",
        "演示银行网点 2024 年碳中和",
        {
            "purpose": "organisation",
            "beneficiary": "演示银行网点",
            "object": "营业网点（演示）",
            "period_from": "2024-01-01",
            "period_to": "2024-12-31",
        },
        of="branch",
        region=WUCHANG,
    )
    stage.paper("buyer", branch, "emissions_report")
    stage.step("buyer", branch, "calculate", inventory=_BRANCH_INVENTORY)
    _sold(stage, branch, "owner", yuan_a_unit=60)
    stage.step("buyer", branch, "retire")
    stage.on("2025-06-05")
    own = stage.open(
        "pooling",
        "use",
        "演示环境日自愿注销",
        {"purpose": "voluntary", "beneficiary": "演示城市全体乘客"},
        of="pooling",
        region=REGION,
    )
    stage.step("pooling", own, "retire", units=5)


def _sold(stage: Stage, use: Matter, seller: str, *, yuan_a_unit: int) -> None:
    """Sell a use the units that its inventory takes."""
    use.refresh_from_db()
    units = use.data["calculated"]["units"]
    offer = {
        "receiver": use.organisation,
        "reason": "sale",
        "units": units,
        "price_yuan": str(units * yuan_a_unit),
    }
    of = "solar" if seller == "owner" else seller
    title = f"出让 {units} 个单位（演示）"
    sale = stage.open(seller, "transfer", title, offer, of=of, region=REGION)
    stage.step("buyer", sale, "accept")


def _methodology(stage: Stage) -> None:
    """A methodology that waits for its expert's scores."""
    stage.on("2024-08-05")
    proposal = stage.open(
        "owner",
        "methodology",
        "演示方法学：屋顶光伏加储能",
        {
            "summary": "演示申报，没有正文。",
            "shape": "S1",
            "authors": [{"name": "演示光伏公司"}],
        },
        of="solar",
        region=REGION,
    )
    stage.paper("owner", proposal, "application_form", "design_document")
    stage.step("authority", proposal, "accept")
    stage.step("authority", proposal, "draw_experts", count=1)


def _open_business(stage: Stage, solar: Matter) -> None:
    """What waits for somebody: a year to verify, a pool to assess, offers, gifts, a damage case."""
    stage.on("2026-01-19")
    period = _reported(stage, solar, 2025)
    stage.step("authority", period, "engage", verifier=stage.bodies["verifier"])
    _gathered(stage, "bus", "2024 年 10 月公交减排量汇集（演示）")
    offer = {"receiver": stage.bodies["marathon"], "reason": "sale", "price_yuan": "1200"}
    offer["units"] = "20"
    stage.open("owner", "transfer", "待接受的 20 个单位（演示）", offer, of="solar", region=REGION)
    _asks_for_gifts(stage)
    case = {"case_number": "演示-1", "party_kind": "organisation", "party": "演示当事人"}
    facts = {"facts": "演示：没有真实案件。"}
    stage.open("court", "damage", "演示损害赔偿案", case | facts, region=REGION)


def _asks_for_gifts(stage: Stage) -> None:
    """A use that residents may give their grams to."""
    said = {"purpose": "donation", "beneficiary": "演示社区", "object": "演示社区步道"}
    title = "演示社区步道（接受减排量捐赠）"
    data = said | {"takes_gifts": True}
    stage.open("pooling", "use", title, data, of="pooling", region=REGION)


def _under_notice(stage: Stage) -> None:
    """A second project whose public notice opens on the day of the first start.

    In a year whose holidays the library does not know yet no notice can be given; then there is
    no such project, and the log of the process says why.
    """
    try:
        with transaction.atomic():
            _give_notice(stage, stage.base.today)
    except NotFound as error:
        if error.code != "calendar.year_unknown":
            raise
        _problems.warning("%s %s", error.zh, error.en)


def _give_notice(stage: Stage, today: date) -> None:
    stage.on(today - timedelta(days=42))
    project = stage.open(
        "owner",
        "project",
        "演示产业园停车场光伏 400 千瓦",
        {
            "methodology": LAW,
            "summary": "演示：停车场顶棚光伏，供园区用电。",
            "started_on": "2026-01-15",
            "latitude": "30.502",
            "longitude": "114.431",
        },
        of="park",
        region=HONGSHAN,
    )
    stage.paper("owner", project, "owner_authority", "application_form", "design_document")
    shares = [{"party": stage.bodies["park"], "percent": "100"}]
    stage.step("owner", project, "disclose", shares=shares)
    stage.on(today - timedelta(days=14))
    meter = {"kind": "meter", "identifier": "演示电表-0002"}
    stage.step("owner", project, "apply", no_double_claim=True, assets=[meter])
    stage.paper("authority", project, "assessment_opinion")
    stage.step("authority", project, "assess")
    stage.now = stage.base.clock()
    stage.step("authority", project, "give_notice")


_EVENT_INVENTORY = [
    {
        "category": "venue_energy",
        "what": "起终点与补给站用电（演示）",
        "activity": "21000",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2023,
        "region": "420000",
        "source": "演示电费单",
    },
    {
        "category": "reported",
        "what": "参赛者交通、住宿与餐饮（演示核算报告）",
        "activity": "51.6",
        "unit": "t",
        "factor": "1",
        "factor_unit": "tCO2e/t",
        "source": "演示核算报告",
    },
]
_BRANCH_INVENTORY = [
    {
        "category": "venue_energy",
        "what": "网点全年用电（演示）",
        "activity": "40000",
        "unit": "kWh",
        "table": "cn-grid-average",
        "year": 2023,
        "region": "420000",
        "source": "演示电费单",
    },
]
