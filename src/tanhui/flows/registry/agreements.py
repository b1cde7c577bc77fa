"""Agreements of mutual recognition: proposed by one region's authority, consented to by the other.

Nobody can do both: the second person is another one, and holds the other region's appointment.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tanhui.core.errors import Conflict, Denied, InputRefused
from tanhui.core.mass import MG_PER
from tanhui.core.region import Region
from tanhui.domain.matters import errors
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import AUTHORITY

from .effects import Done, Effect, Effects, Moment


def check_propose(moment: Moment) -> None:
    """Two regions, days in order, and a factor above zero, said here or by the rule set."""
    data = moment.data
    if data["other_region"] == moment.matter.region:
        raise InputRefused(
            "agreement.one_region",
            zh="互认需要两个不同地区；请改正来源地区。",
            en="Recognition needs two regions; correct the region of origin.",
        )
    if date.fromisoformat(data["valid_from"]) >= date.fromisoformat(data["valid_to"]):
        raise InputRefused(
            "agreement.days",
            zh="协议的止日应晚于起日。",
            en="The agreement must end after it begins.",
        )
    if Fraction(_factor(moment)) <= 0:
        raise InputRefused(
            "agreement.factor",
            zh="折算系数应大于 0，如 1 或 0.95。",
            en="The factor must be above 0, such as 1 or 0.95.",
        )


def run_propose(moment: Moment) -> Done:
    """The factor and the cap that hold, from the agreement or the rule set, are kept in it."""
    kept: dict[str, object] = {"factor": _factor(moment)}
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    cap_t = rules.recognition().cap_t
    if "cap_units" not in moment.data and cap_t is not None:
        kept["cap_units"] = cap_t * MG_PER["tCO2e"] // rules.unit_mg()
    return Done(keep=kept)


def check_consent(moment: Moment) -> None:
    """Somebody of the other region, and somebody else."""
    _check_of(moment, moment.matter.data["other_region"])
    proposer = Step.objects.get(matter=moment.matter, verb="open").user
    if proposer == moment.who.user:
        raise errors.same_person()


def factor_of(agreement: Matter) -> Fraction:
    """Recognised units for each unit of the origin."""
    return Fraction(agreement.data["factor"])


def _factor(moment: Moment) -> str:
    if (said := moment.data.get("factor")) is not None:
        return str(said)
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    factor = rules.recognition().factor
    if factor is None:
        raise Conflict(
            "agreement.no_factor",
            zh="协议与规则集都没有写折算系数；请在协议中写明。",
            en="Neither the agreement nor the rule set states a factor; write it in the agreement.",
        )
    return str(factor)


def _check_of(moment: Moment, region: str) -> None:
    """The caller is an authority of that region or of one that holds it."""
    held = organisations.appointments(moment.who.user, at=moment.at)
    if not any(one.role == AUTHORITY and Region(one.region).holds(region) for one in held):
        raise _WrongRegion(
            "agreement.other_region_consents",
            zh=f"这一步由 {region} 的主管部门办理。",
            en=f"This step is for the authority of {region}.",
        )


class _WrongRegion(Denied):
    """Known to us, of the other region."""

    status = 403


EFFECTS: Effects = {
    ("agreement", "open"): Effect(check=check_propose, run=run_propose),
    ("agreement", "consent"): Effect(check=check_consent),
    ("agreement", "refuse"): Effect(check=check_consent),
}
