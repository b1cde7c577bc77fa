"""Projects up to their registration: methodology, benefit split, promise, crediting period.

Serves lifecycle `project` (library/lifecycles/project.yaml): 粤环发〔2022〕4号 on the notice of the
benefit split before applying, and the promise not to claim the same reduction anywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.engine.project.nouns import ProjectMethodology

from .effects import Done, Effect, Effects, Moment
from .project_claims import check_claims, claim, release
from .project_law import check_usable, chosen, freeze
from .project_units import replace_loss
from .stated import estimates

KIND = "project"
REGISTERED, ENDED = "registered", "ended"
HUNDRED = Decimal(100)


def _check_open(moment: Moment) -> None:
    _law(moment)
    if moment.matter.organisation is None:
        raise InputRefused(
            "project.owner_missing",
            zh="项目须有业主；请写明业主机构的编号。",
            en="A project has an owner; give the number of its organisation.",
        )
    if len({"latitude", "longitude"} & moment.data.keys()) == 1:
        raise InputRefused(
            "project.place_half",
            zh="经度与纬度应一起填写，或都不填。",
            en="Give latitude and longitude together, or neither.",
        )


def _open(moment: Moment) -> Done:
    law = _law(moment)
    return Done(keep={"methodology_version": law.version, "shape": law.shape})


def _check_disclosure(moment: Moment) -> None:
    """Each party once, and their shares are 100 % exactly."""
    shares: list[Mapping[str, Any]] = moment.data["shares"]
    parties = [row["party"] for row in shares]
    total = sum((Decimal(row["percent"]) for row in shares), Decimal(0))
    positive = all(Decimal(row["percent"]) > 0 for row in shares)
    if total != HUNDRED or len(set(parties)) != len(parties) or not positive:
        raise InputRefused(
            "project.shares.not_whole",
            zh=f"利益分配合计 {total}%，应恰为 100%，各方一行且大于零；请改正。",
            en=f"The shares add up to {total} %; they must be 100 % exactly, one positive row for "
            "each party.",
        )


def _disclosed(moment: Moment) -> Done:
    return Done(public={"shares": moment.data["shares"]})


def _check_application(moment: Moment) -> None:
    if moment.data["no_double_claim"] is not True:
        raise InputRefused(
            "project.promise_missing",
            zh="申报须承诺未在其他机制重复申报；不能承诺的项目不得申报。",
            en="An application promises that nothing is claimed under another scheme; without the "
            "promise the project cannot apply.",
        )
    _check_answers(_law(moment), moment.said("answers") or [])
    estimates(moment, _law(moment))
    check_claims(moment)


def _applied(moment: Moment) -> Done:
    """What was promised: the schemes of the region's rule, which somebody must have supplied; and
    what was stated beside what the methodology gives.
    """
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    held = estimates(moment, _law(moment))
    kept = {"promised_schemes": list(rules.exclusive_with())} | ({"held": held} if held else {})
    return Done(result=kept, keep=kept)


def _check_answers(law: ProjectMethodology, answers: list[Mapping[str, Any]]) -> None:
    """Every question of the methodology is answered once, and as it wants."""
    given = {row["question"]: row["answer"] for row in answers}
    wanted = {question.id: question for question in law.applicability}
    if given.keys() != wanted.keys() or len(given) != len(answers):
        names = ", ".join(wanted) or "-"
        raise InputRefused(
            "project.answers_incomplete",
            zh=f"请逐一答复方法学 {law.code} 的适用条件，每题一行：{names}。",
            en=f"Answer each applicability question of {law.code} once: {names}.",
        )
    for name, question in wanted.items():
        if given[name] != question.wants:
            raise Conflict(
                "project.not_applicable",
                zh=f"不符合方法学的适用条件：{question.text.zh}",
                en=f"The methodology does not apply: {question.text.en}",
                question=name,
            )


def _check_registration(moment: Moment) -> None:
    check_usable(_law(moment), moment.matter, on=moment.today)
    check_claims(moment)
    first, end = _day(moment, "credited_from"), _day(moment, "credited_to")
    if not _day(moment, "started_on") <= first < end:
        raise InputRefused(
            "project.crediting_period",
            zh="计入期应不早于投运日，且止日晚于起日；请改正。",
            en="Crediting begins on or after the start of operation and ends after it begins; "
            "correct the days.",
        )


def _register(moment: Moment) -> Done:
    kept = freeze(moment, _law(moment)) | {"registered_on": moment.today.isoformat()}
    claim(moment)
    named = ("methodology_version", "methodology_digest", "methodology_sha256")
    held = {"held": moment.matter.data["held"]} if "held" in moment.matter.data else {}
    return Done(
        result=held,
        keep=kept,
        public=held
        | {name: kept[name] for name in named}
        | {"methodology": moment.said("methodology")}
        | {name: moment.data[name] for name in ("credited_from", "credited_to")},
    )


def _released(moment: Moment) -> Done:
    release(moment)
    return Done()


def _check_loss(moment: Moment) -> None:
    if Decimal(moment.data["loss_t"]) <= 0:
        raise InputRefused(
            "project.loss_positive",
            zh="逆转量应大于零吨；请改正。",
            en="A loss is more than zero tonnes; correct it.",
        )


def _reverse(moment: Moment) -> Done:
    """A loss found between periods: made good at once, or refused with what is missing."""
    loss_mg = int((Decimal(moment.data["loss_t"]) * 10**9).to_integral_value("ROUND_UP"))
    done = replace_loss(moment, moment.matter, loss_mg=loss_mg)
    return Done(result=done.said, keep=done.keep, public=done.said)


def is_crediting(project: Matter) -> bool:
    """Whether periods of the project may be opened and issued."""
    return project.state in (REGISTERED, ENDED)


def _law(moment: Moment) -> ProjectMethodology:
    code = moment.said("methodology")
    return chosen(moment.platform, moment.matter, code, on=moment.today)


def _day(moment: Moment, key: str) -> date:
    return date.fromisoformat(moment.said(key))


EFFECTS: Effects = {
    (KIND, "open"): Effect(check=_check_open, run=_open),
    (KIND, "disclose"): Effect(check=_check_disclosure, run=_disclosed),
    (KIND, "apply"): Effect(check=_check_application, run=_applied),
    (KIND, "register"): Effect(check=_check_registration, run=_register),
    (KIND, "reject"): Effect(run=_released),
    (KIND, "withdraw"): Effect(run=_released),
    (KIND, "reverse"): Effect(check=_check_loss, run=_reverse),
}
