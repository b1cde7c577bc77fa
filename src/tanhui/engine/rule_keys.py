"""Every rule this version reads: its key, its names, the form of its value, what silence means.

A key that is not here is refused in a rule file, so a slip never leaves a rule unread. Where no
rule set says anything (`silence`), some rules simply do not bind; all others must be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .rule_forms import Day, DayOfYear, Exact, Form, Group, Table, Whole, Word, Words, Yes
from .section import Text

TEMPLATES = "inclusion.templates"
PEOPLE_MIN = "privacy.people_min"
NOBODY_DAYS = "privacy.nobody_days"

LIFECYCLES: Mapping[str, Text] = {
    "methodology": Text("方法学", "methodologies"),
    "project": Text("减排项目", "projects"),
    "monitoring": Text("监测与签发", "monitoring and issuance"),
    "scene": Text("减排场景", "scenes"),
    "pool": Text("归集签发", "pools"),
    "use": Text("使用与注销", "uses"),
    "damage": Text("损害赔偿", "damage cases"),
    "recognition": Text("跨区域互认", "recognition"),
    "recall": Text("追回", "recalls"),
    "claim_conflict": Text("重复申报争议", "conflicts of claims"),
    "rule_change": Text("规则变更", "changes of rules"),
}
NOTICES: Mapping[str, Text] = {
    "methodology": Text("方法学公示", "a methodology's public notice"),
    "owner_benefit": Text("申报前利益分配公示", "the benefit-split notice before applying"),
    "project": Text("立项公示", "a project's public notice"),
    "issue": Text("签发前公示", "the notice before issuance"),
    "scene": Text("场景公示", "a scene's public notice"),
}
PURPOSES = (
    *("offset", "event", "organisation", "product"),
    *("damage", "donation", "voluntary"),
)
BASES = ("quota", "emissions", "shortfall", "initial_quota")
OTHER_SCHEMES = ("ets", "local_ets", "ccer", "gec", "green_power", "other_region")
PARTIES = ("owner", "village", "household", "platform", "citizen", "public_fund")
PLACES = ("poor_village", "old_base_area", "minority_area")
VINTAGE_RULES = ("any", "not_before", "not_after_compliance_year")
ACCREDITATIONS = ("project", "scene", "behaviour", "organisation", "event", "product")
PERIODS = ("day", "month", "year")
_T_MAX = 10**12
_RATIO = Exact(0, 1)


@dataclass(frozen=True)
class Rule:
    """One key: its names in both languages, and the form of its value.

    `silence` tells what it means that no rule set says anything; without it the rule must be
    written wherever it is asked for.
    """

    name: Text
    form: Form
    silence: Text | None = None


def _rule(zh: str, en: str, form: Form, *, silence: tuple[str, str] | None = None) -> Rule:
    return Rule(Text(zh, en), form, Text(*silence) if silence else None)


_NO_LIMIT = ("没有规定时不受此限", "does not bind where nothing is written")
_NONE = ("没有规定时一步不省", "no step is left out where nothing is written")

_POINTS = {
    "points.earn": _rule(
        "减排量换积分",
        "points for reductions",
        Group({"per_mg": Whole(1, 10**15, "mg"), "points": Whole(1, 10**15)}),
    ),
    "points.expiry_years": _rule("积分有效期（年）", "years until points lapse", Whole(1, 10)),
    TEMPLATES: _rule(
        "准许按模板公式计入（不得签发）的方法学",
        "templates that may count inclusion amounts and are never issued",
        Words(),
        silence=("没有规定时不得按模板计入", "no template counts where nothing is written"),
    ),
    PEOPLE_MIN: _rule(
        "公开数字至少涉及的人数", "fewest people in a public figure", Whole(2, 1_000_000)
    ),
    NOBODY_DAYS: _rule(
        "无主原始行与整份原文件的密钥保留天数",
        "days until the key of lines of nobody and of whole files is destroyed",
        Whole(1, 36_525),
    ),
}

_ISSUE = {
    "issue.unit_mg": _rule(
        "一个签发单位的质量（毫克）", "mass of one issued unit (mg)", Whole(1, 10**15, "mg")
    ),
    "issue.vintage_max_age_years": _rule(
        "减排量签发时最长年限（年）",
        "oldest vintage that may be issued (years)",
        Whole(1, 100),
        silence=_NO_LIMIT,
    ),
    "issue.not_before": _rule(
        "减排量最早产生日期", "earliest day of a reduction", Day(), silence=_NO_LIMIT
    ),
    "issue.exclusive_with": _rule(
        "不得重复申报的机制", "schemes that exclude each other", Words(OTHER_SCHEMES)
    ),
    "quality.discount": _rule(
        "按数据质量得分的扣减",
        "deduction by the score of data quality",
        Table(Group({"score_from": Whole(0, 100), "deduct": _RATIO})),
    ),
    "scene.report_periods": _rule(
        "场景数据报送周期", "how often scenes report", Words(PERIODS), silence=_NO_LIMIT
    ),
    "verification.materiality": _rule(
        "核证的实质性偏差上限", "largest misstatement a verifier may leave", _RATIO
    ),
    "verification.accreditations": _rule(
        "核证机构须具备的认可范围",
        "scopes a verifier must be accredited for",
        Words(ACCREDITATIONS),
        silence=("没有规定时只须认可有效", "any accreditation in force will do"),
    ),
    "review.experts": _rule("每次评审抽取的专家人数", "experts drawn for a review", Whole(1, 99)),
    "review.pass_score": _rule(
        "评审通过的最低平均分", "lowest mean score that passes a review", Whole(0, 100)
    ),
}

_USES = {
    "offset.cap": _rule(
        "配额清缴抵销上限",
        "most that may be offset",
        Group({"ratio": _RATIO, "base": Word(BASES)}),
    ),
    "offset.local_share": _rule(
        "抵销中本地减排量的最低比例",
        "least local share of what is offset",
        Group({"ratio": _RATIO}, {"exception_ratio": _RATIO, "exception_for": Words(PLACES)}),
        silence=_NO_LIMIT,
    ),
    "offset.total_t": _rule(
        "全区域年度抵销总量（吨）",
        "offsets of the whole region in a year (t)",
        Whole(0, _T_MAX, "t"),
        silence=_NO_LIMIT,
    ),
    "offset.apply_by": _rule(
        "抵销申请截止日", "last day to apply for offsets", DayOfYear(), silence=_NO_LIMIT
    ),
    "offset.surrender_by": _rule(
        "清缴截止日", "last day to surrender", DayOfYear(), silence=_NO_LIMIT
    ),
    "offset.own_boundary": _rule(
        "来自本企业边界内的减排量",
        "credits from inside the firm's own boundary",
        Word(("forbidden", "allowed")),
    ),
    "offset.vintage": _rule(
        "可抵销减排量的产生年份",
        "vintages that may offset",
        Group({"rule": Word(VINTAGE_RULES)}, {"day": Day()}),
    ),
    "offset.products": _rule(
        "可用于抵销的产品（own 为本地碳普惠减排量）",
        "products accepted as offsets (own: the region's own)",
        Words(may_be_empty=True, example="CCER, own"),
    ),
    "use.purposes": _rule("准许的注销用途", "purposes of retirement allowed", Words(PURPOSES)),
    "use.second_purposes": _rule(
        "一次注销可同时写明的两个用途",
        "pairs of purposes that one retirement may state",
        Words(example="damage+event"),
        silence=("没有规定时只能写一个用途", "one purpose only where nothing is written"),
    ),
    "use.round": _rule("注销吨数取整", "rounding of tonnes retired", Word(("up",))),
    "event.thresholds": _rule(
        "大型活动的标准",
        "what makes an event large",
        Group(
            {
                "show_people": Whole(1, _T_MAX),
                "sport_people": Whole(1, _T_MAX),
                "meeting_people": Whole(1, _T_MAX),
                "expo_visits": Whole(1, _T_MAX),
                "expo_m2": Whole(1, _T_MAX, "m2"),
            }
        ),
        silence=("没有规定时不分大小", "events are not told apart where nothing is written"),
    ),
    "event.retire_within_months": _rule(
        "活动结束后注销期限（月）", "months after an event to retire in", Whole(1, 120)
    ),
    "event.forest": _rule(
        "以新造林中和的期限（年）",
        "terms of neutrality by new forest (years)",
        Group({"within_years": Whole(1, 100), "planted_before_years": Whole(0, 100)}),
        silence=("没有规定时不接受新造林", "new forest does not count where nothing is written"),
    ),
    "damage.price_basis": _rule(
        "以碳代偿的计价依据",
        "price basis of damage compensation",
        Words(("day", "prev_month_mean")),
    ),
    "damage.alert_days": _rule(
        "履行期限前几天提醒", "days before the deadline to alert", Whole(0, 366)
    ),
    "damage.resale": _rule(
        "为赔偿购买的减排量再出售", "resale of what was bought for damages", Word(("forbidden",))
    ),
    "damage.venue_required": _rule(
        "须在规范的碳市场平台购买和注销",
        "buying and retiring on a regulated market only",
        Yes(),
        silence=("没有规定时不限平台", "any platform where nothing is written"),
    ),
}

_SHARING = {
    "recognition.factor": _rule(
        "互认折算系数",
        "units recognised for each unit of the origin",
        Exact(0, 1000),
        silence=("没有规定时由双边协议写明", "the agreement states it where nothing is written"),
    ),
    "recognition.cap_t": _rule(
        "互认总量上限（吨）",
        "most that is recognised (t)",
        Whole(0, _T_MAX, "t"),
        silence=_NO_LIMIT,
    ),
    "recognition.valid_months": _rule(
        "互认有效期（月）", "months a recognition holds", Whole(1, 1200), silence=_NO_LIMIT
    ),
    "sharing.default": _rule(
        "收益默认分配比例",
        "shares of proceeds where nothing else is agreed",
        Table(Group({"party": Word(PARTIES), "ratio": _RATIO})),
        silence=("没有规定时由参与方约定", "the parties agree where nothing is written"),
    ),
}

_TERMS = {
    **{
        f"lifecycle.{kind}.skip": Rule(
            Text(f"{name.zh}省去的步骤", f"steps left out of {name.en}"),
            Words(may_be_empty=True, example="assess"),
            Text(*_NONE),
        )
        for kind, name in LIFECYCLES.items()
    },
    **{
        f"notice.{what}_workdays": Rule(
            Text(f"{name.zh}（工作日）", f"working days of {name.en}"), Whole(1, 366)
        )
        for what, name in NOTICES.items()
    },
    "notice.rule_change_days": _rule(
        "规则变更公示（天）", "days of the notice before rules change", Whole(1, 366)
    ),
    "notice.mediation_days": _rule(
        "调解协议公告（天）", "days that a mediation text is published", Whole(1, 366)
    ),
}

RULES: Mapping[str, Rule] = {**_POINTS, **_ISSUE, **_USES, **_SHARING, **_TERMS}
