"""The rules of one place and day as typed answers, for one product where it has rules of its own.

    at = platform.rulesets.at(region="440000", on=day, product="PHCER")
    at.offset_cap().ratio

Every answer that law must give raises `NotFound` where nothing is written and `Conflict`
(`ruleset.value_unknown`) where the value is unknown. Where silence means "not bound" the answer
is None; unknown is never silence. `rule` in an answer says which value it was, with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tanhui.core.region import Region

from .rule_answers import (
    Deadlines,
    Discount,
    EventThresholds,
    ForestTerm,
    LocalShare,
    OffsetCap,
    PointsEarnRule,
    RecognitionDefaults,
    Share,
    VintageRule,
)
from .rule_forms import MonthDay
from .ruleset_reader import RuleValue

if TYPE_CHECKING:
    from .rulesets import Rulesets

OWN = "own"


@dataclass(frozen=True)
class RulesAt:
    """Typed answers; `rulesets.at(...)` makes one."""

    rulesets: Rulesets
    region: str
    on: date
    product: str = ""

    def value(self, key: str) -> RuleValue:
        """The rule in force; raises `NotFound` or `Conflict`."""
        return self.rulesets.value(key, region=self.region, on=self.on, product=self.product)

    def find(self, key: str) -> RuleValue | None:
        """The rule in force, or None where nothing is written; raises `Conflict` if unknown."""
        found = self.rulesets.find(key, region=self.region, on=self.on, product=self.product)
        return None if found is None else self.value(key)

    def known(self, key: str) -> RuleValue | None:
        """The rule in force, or None where nothing is written or the value is unknown: to show,
        never to act by.
        """
        found = self.rulesets.find(key, region=self.region, on=self.on, product=self.product)
        return None if found is None or found.value is None else found

    def whole(self, key: str) -> int:
        """A whole number that must be written."""
        found = self.value(key).value
        assert isinstance(found, int)
        return found

    def whole_or_none(self, key: str) -> int | None:
        """A whole number, or None where nothing is written."""
        return self.whole(key) if self.find(key) else None

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words that must be written."""
        found = self.value(key).value
        assert isinstance(found, tuple)
        return tuple(str(word) for word in found)

    def words_or_none(self, key: str) -> tuple[str, ...] | None:
        """A list of words, or None where nothing is written."""
        return self.words(key) if self.find(key) else None

    def exact(self, key: str) -> Fraction:
        """An exact number that must be written."""
        found = self.value(key).value
        assert isinstance(found, Fraction)
        return found

    # Points and issue

    def points_earn(self) -> PointsEarnRule:
        """How reductions become points."""
        rule, group = self._group("points.earn")
        return PointsEarnRule(group["per_mg"], group["points"], rule)

    def unit_mg(self) -> int:
        """Milligrams of CO2e that one unit stands for."""
        return self.whole("issue.unit_mg")

    def vintage_max_age_years(self) -> int | None:
        """The oldest vintage that may be issued, in years; None where no limit is written."""
        return self.whole_or_none("issue.vintage_max_age_years")

    def issue_not_before(self) -> date | None:
        """The first day whose reductions may be issued; None where no limit is written."""
        found = self.find("issue.not_before")
        assert found is None or isinstance(found.value, date)
        return found.value if found else None  # type: ignore[return-value]

    def exclusive_with(self) -> tuple[str, ...]:
        """The schemes under which the same reduction may not also be claimed."""
        return self.words("issue.exclusive_with")

    def quality_discount(self) -> tuple[Discount, ...]:
        """Deductions by the score of data quality, lowest score first; see `deducted`."""
        rule = self.value("quality.discount")
        return tuple(Discount(row["score_from"], row["deduct"]) for row in _rows(rule))

    def report_periods(self) -> tuple[str, ...] | None:
        """How often scenes may report: of day, month, year; None where nothing is written."""
        return self.words_or_none("scene.report_periods")

    # Offsets; `on` is a day of the compliance year

    def offset_cap(self) -> OffsetCap:
        """The most that may be offset: a ratio and what it is a ratio of."""
        rule, group = self._group("offset.cap")
        return OffsetCap(group["ratio"], group["base"], rule)

    def offset_local_share(self) -> LocalShare | None:
        """The least local share and its exception; None where no such rule is written."""
        if self.find("offset.local_share") is None:
            return None
        rule, group = self._group("offset.local_share")
        return LocalShare(
            group["ratio"], group.get("exception_ratio"), group.get("exception_for", ()), rule
        )

    def offset_total_t(self) -> int | None:
        """Tonnes that the whole region may offset in the year; None where no total is written."""
        return self.whole_or_none("offset.total_t")

    def offset_deadlines(self) -> Deadlines:
        """The days to apply and to surrender by, None where no day is written."""
        return Deadlines(self._month_day("offset.apply_by"), self._month_day("offset.surrender_by"))

    def own_boundary_forbidden(self) -> bool:
        """Whether credits from inside the firm's own boundary are refused."""
        return self.value("offset.own_boundary").value == "forbidden"

    def offset_vintage(self) -> VintageRule:
        """Which vintages may offset; `allows` answers for one."""
        rule, group = self._group("offset.vintage")
        return VintageRule(group["rule"], group.get("day"), rule)

    def offset_products(self) -> tuple[str, ...]:
        """Products accepted as offsets; `own` stands for the region's own carbon inclusion."""
        return self.words("offset.products")

    def accepts_offset(self, product: str, *, origin: str) -> bool:
        """Whether a product is accepted; `origin` is the region whose programme issued it."""
        rule = self.value("offset.products")
        accepted = self.offset_products()
        return product in accepted or (OWN in accepted and Region(rule.region).holds(origin))

    # Other uses

    def purposes(self) -> tuple[str, ...]:
        """The purposes for which units may be retired."""
        return self.words("use.purposes")

    def allows_both(self, first: str, second: str) -> bool:
        """Whether one retirement may state these two purposes."""
        pairs = self.words_or_none("use.second_purposes") or ()
        return f"{first}+{second}" in pairs or f"{second}+{first}" in pairs

    def rounds_up(self) -> bool:
        """Whether what is to be neutralised is retired in whole units, rounded up."""
        return self.value("use.round").value == "up"

    def event_thresholds(self) -> EventThresholds | None:
        """From which size on events are large; None where no such rule is written."""
        if self.find("event.thresholds") is None:
            return None
        rule, group = self._group("event.thresholds")
        return EventThresholds(**group, rule=rule)

    def event_retire_months(self) -> int:
        """Months after an event in which its units must be retired."""
        return self.whole("event.retire_within_months")

    def event_forest(self) -> ForestTerm | None:
        """The terms of neutrality by new forest; None where it does not count."""
        if self.find("event.forest") is None:
            return None
        rule, group = self._group("event.forest")
        return ForestTerm(group["within_years"], group["planted_before_years"], rule)

    def damage_price_basis(self) -> tuple[str, ...]:
        """What a price may be based on: `day`, `prev_month_mean`."""
        return self.words("damage.price_basis")

    def damage_alert_days(self) -> int:
        """Days before the deadline from which the case is listed as due."""
        return self.whole("damage.alert_days")

    def damage_resale_forbidden(self) -> bool:
        """Whether what was bought for damages may not be sold on."""
        return self.value("damage.resale").value == "forbidden"

    def damage_venue_required(self) -> bool:
        """Whether buying and retiring must happen on a regulated market."""
        found = self.find("damage.venue_required")
        return found is not None and found.value is True

    # Notices, recognition, sharing, verification

    def notice_workdays(self, what: str) -> int:
        """Working days of a notice: `project`, `owner_benefit`, `issue`, `scene`, ..."""
        return self.whole(f"notice.{what}_workdays")

    def recognition(self) -> RecognitionDefaults:
        """What holds where a bilateral agreement does not say; each None where unwritten."""
        factor = self.exact("recognition.factor") if self.find("recognition.factor") else None
        return RecognitionDefaults(
            factor,
            self.whole_or_none("recognition.cap_t"),
            self.whole_or_none("recognition.valid_months"),
        )

    def sharing(self) -> tuple[Share, ...]:
        """The default shares of proceeds, adding up to 1; empty where the parties must agree."""
        rule = self.find("sharing.default")
        return tuple(Share(row["party"], row["ratio"]) for row in _rows(rule)) if rule else ()

    def materiality(self) -> Fraction:
        """The largest misstatement, as a share, that a verifier may leave uncorrected."""
        return self.exact("verification.materiality")

    def accreditations(self) -> tuple[str, ...]:
        """Scopes a verifier must be accredited for; empty where any accreditation will do."""
        return self.words_or_none("verification.accreditations") or ()

    def _group(self, key: str) -> tuple[RuleValue, Any]:
        rule = self.value(key)
        assert isinstance(rule.value, Mapping)
        return rule, rule.value

    def _month_day(self, key: str) -> MonthDay | None:
        found = self.find(key)
        assert found is None or isinstance(found.value, MonthDay)
        return found.value if found else None  # type: ignore[return-value]


def _rows(rule: RuleValue) -> Any:
    return rule.value
