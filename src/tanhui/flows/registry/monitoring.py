"""A project's monitoring period: data, report, verification, notice, issuance or replacement.

Serves lifecycle `monitoring`. Periods of a project follow each other without a gap and never
overlap; what is verified is recomputed on the frozen methodology, and what two people issue is
exactly what the period nets with what the project carried, never more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tanhui.core.draws import drawn
from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import VERIFIER

from .effects import Done, Effect, Effects, Moment
from .findings import check_material, left_text, raised
from .monitoring_reports import check_data, recomputed, report_of, vintages_of, work_out
from .project_claims import claim_period, release
from .project_units import check_ages, issue, plan_of, replace_loss
from .projects import is_crediting
from .stated import reported as stated_figures
from .verifiers import check_verifier, draw_verifier, seed

KIND = "monitoring"
OVER = ("rejected", "withdrawn")
STATEMENT = "verification_statement"


def project_of(moment: Moment, *, lock: bool = False) -> Matter:
    """The project of the period, which may be credited now; raises Conflict otherwise."""
    above = moment.matter.parent
    assert above is not None, "the lifecycle names a parent"
    project = services.lock(above.number) if lock else Matter.objects.get(pk=above.pk)
    if not is_crediting(project):
        raise Conflict(
            "monitoring.project_not_registered",
            zh=f"项目 {project.number} 的状态是 {project.state}，不在计入之中；"
            "登记后，或恢复之后再办理。",
            en=f"The project {project.number} is {project.state} and not being credited; come back "
            "when it is registered or resumed.",
            state=project.state,
        )
    return project


def _check_open(moment: Moment) -> None:
    """Whole past years inside the crediting period, following the periods before."""
    project = project_of(moment)
    if moment.matter.organisation != project.organisation:
        raise InputRefused(
            "monitoring.owner_differs",
            zh="监测期应由项目业主提出；请改用业主机构。",
            en="A monitoring period is its project's owner's; name that organisation.",
        )
    first, last = moment.data["first_year"], moment.data["last_year"]
    start = date.fromisoformat(project.data["credited_from"]).year
    end = date.fromisoformat(project.data["credited_to"])
    if not start <= first <= last < moment.today.year or date(last, 1, 1) >= end:
        raise InputRefused(
            "monitoring.period_outside",
            zh=f"监测期 {first}–{last} 应为计入期（{project.data['credited_from']} 起，"
            f"{project.data['credited_to']} 止）之内、已经结束的年份；请改正。",
            en=f"The period {first}-{last} must be years that are over, within the crediting from "
            f"{project.data['credited_from']} up to {project.data['credited_to']}.",
        )
    before = _years_before(project, but=moment.matter.pk)
    if any(not (last < low or high < first) for low, high in before):
        raise Conflict(
            "monitoring.period_overlaps",
            zh=f"监测期 {first}–{last} 与已有的监测期重叠；同一年只能监测一次。",
            en=f"The period {first}-{last} overlaps another of the project; a year is monitored "
            "once.",
        )
    wanted = max((high + 1 for _, high in before), default=start)
    if first != wanted:
        raise Conflict(
            "monitoring.period_gap",
            zh=f"监测期应自 {wanted} 年起连续，不得留空；请改为 {wanted} 年起。",
            en=f"Periods follow each other without a gap: this one begins in {wanted}.",
            first_year=wanted,
        )


def _years_before(project: Matter, *, but: int) -> list[tuple[int, int]]:
    rows = Matter.objects.filter(kind=KIND, parent=project).exclude(state__in=OVER)
    return [
        (data["first_year"], data["last_year"])
        for data in rows.exclude(pk=but).values_list("data", flat=True)
    ]


def _check_report(moment: Moment) -> None:
    check_data(moment, project_of(moment))


def _report(moment: Moment) -> Done:
    project, data = project_of(moment), moment.matter.data
    claim_period(moment, project, range(data["first_year"], data["last_year"] + 1))
    kept = _held(moment, project, work_out(moment, project))
    named = [name for name in ("report_sha256", "result_hash", "held") if name in kept]
    public = {name: kept[name] for name in named} | {"data_sha256": moment.said("data_sha256")}
    return Done(result=kept, keep=kept, public=public)


def _held(moment: Moment, project: Matter, kept: dict[str, Any]) -> dict[str, Any]:
    """The report's figures, and beside them what the project stated for the years."""
    held = stated_figures(moment, project, kept["vintages"])
    return kept | ({"held": held} if held else {})


def _check_engage(moment: Moment) -> None:
    named = moment.data.get("verifier")
    if named is not None:
        check_verifier(named, project_of(moment), scopes=_scopes(moment), on=moment.today)


def _engage(moment: Moment) -> Done:
    """The verifier named, or drawn by lot from the log entry of the report."""
    project = project_of(moment)
    named = moment.data.get("verifier")
    if named is None:
        draw = draw_verifier(moment.matter, project, scopes=_scopes(moment), on=moment.today)
        number, said = int(draw.chosen[0]), draw.said
    else:
        number, said = named, {"verifier": str(named), "named": True}
    services.assign(moment.matter, VERIFIER, organisation=number, why=said, at=moment.at)
    return Done(result=said, keep={"verifier": number}, public=said)


def _check_still_free(moment: Moment) -> None:
    """What an engaged verifier does, it may still do today."""
    assert moment.who.organisation is not None, "a verifier acts for its body"
    project, number = project_of(moment), moment.who.organisation
    check_verifier(number, project, scopes=_scopes(moment), on=moment.today)


def _scopes(moment: Moment) -> tuple[str, ...]:
    """The scopes that the region asks of a verifier beside the project's own field."""
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    return rules.accreditations()


def _plan_sampling(moment: Moment) -> Done:
    """The data points to look at, by lot from the log entry of the engagement."""
    points = [
        f"{row['symbol']}[{','.join(value['at'])}]"
        for row in report_of(moment.platform, moment.matter)["inputs"]
        for value in row["values"]
    ]
    act, lot = seed(moment.matter, "engage", "sampling")
    said = {
        "seed_act": str(act),
        "seed": lot,
        "points": len(points),
        "sample": drawn(lot, points, max(1, moment.data["size"])),
    }
    return Done(result=said, keep={"sample": said["sample"]}, public=said)


def _check_response(moment: Moment) -> None:
    """Every finding of the last list is answered; corrected data are read before they count."""
    asked = {row["number"] for row in moment.matter.data["findings"]}
    answered = {row["number"] for row in moment.data["answers"]}
    if asked != answered:
        raise InputRefused(
            "monitoring.findings_open",
            zh=f"还有未答复或不存在的核证发现：{sorted(asked ^ answered)}；请逐条答复。",
            en=f"Findings without an answer, or answers without a finding: "
            f"{sorted(asked ^ answered)}; answer each.",
        )
    check_data(moment, project_of(moment))


def _respond(moment: Moment) -> Done:
    project = project_of(moment)
    kept = _held(moment, project, work_out(moment, project))
    return Done(result=kept, keep=kept)


def _check_opinion(moment: Moment) -> None:
    """The verifier's own result is the report's, and the statement is one that was handed in."""
    _check_still_free(moment)
    if not moment.matter.data.get("sample"):
        raise Conflict(
            "monitoring.sampling_missing",
            zh="核证须先有抽样方案；请先办理 plan_sampling。",
            en="A verification has a sampling plan; take plan_sampling first.",
        )
    statement = moment.data["statement_sha256"]
    if not moment.matter.documents.filter(kind=STATEMENT, sha256=statement).exists():
        raise InputRefused(
            "monitoring.statement_unknown",
            zh="没有收到该 SHA-256 的核证声明；请上传后按文件的 SHA-256 填写。",
            en="No verification statement with that SHA-256 was handed in; hand it in and name its "
            "SHA-256.",
        )
    again = recomputed(moment, project_of(moment))
    if moment.data["result_hash"] != again["result_hash"]:
        raise Conflict(
            "monitoring.result_differs",
            zh="您重算的 result_hash 与报告不符；请核对数据与方法学版本，或提出核证发现。",
            en="The result_hash of your own run differs from the report's; check data and version, "
            "or raise a finding.",
            expected=again["result_hash"],
        )
    check_material(moment, project_of(moment))


def _opine(moment: Moment) -> Done:
    assert moment.who.organisation is not None, "a verifier acts for its body"
    body = organisations.get(moment.who.organisation)
    held = organisations.accreditation(
        body.pk, field=project_of(moment).data["shape"], on=moment.today
    )
    assert held is not None, "checked just before"
    said = {
        "verifier": str(body.pk),
        "verifier_name": body.name_zh,
        "accreditation": held.number,
        "statement_sha256": moment.data["statement_sha256"],
        "result_hash": moment.data["result_hash"],
        "uncorrected_percent": left_text(moment),
    }
    return Done(result=said, keep={"statement_sha256": said["statement_sha256"]}, public=said)


def _check_issue(moment: Moment) -> None:
    project = project_of(moment)
    plan = plan_of(moment.platform, project, vintages_of(moment.matter))
    check_ages(moment, project, plan)
    if plan.loss_mg:
        raise Conflict(
            "monitoring.loss_first",
            zh=f"本期净损失 {plan.loss_mg} 毫克，没有可签发的单位；请办理补偿（replace）。",
            en=f"The period lost {plan.loss_mg} mg on the whole and issues nothing; replace the "
            "loss.",
        )
    asked = moment.data["units"]
    if asked != plan.units:
        raise Conflict(
            "monitoring.units_above_net" if asked > plan.units else "monitoring.units_differ",
            zh=f"本期连同结转可签发 {plan.units} 个单位（含缓冲），提出的是 {asked} 个；请改正。",
            en=f"The period with what was carried gives {plan.units} units, the buffer's among "
            f"them; {asked} were asked for.",
            units=plan.units,
        )


def _issue(moment: Moment) -> Done:
    project = project_of(moment, lock=True)
    _check_issue(moment)
    plan = plan_of(moment.platform, project, vintages_of(moment.matter))
    done = issue(moment, project, plan, proof=_proof(moment.matter))
    services.keep(project, done.keep)
    return Done(result=done.said, keep={"issued": done.said["issued"]}, public=done.said)


def _proof(matter: Matter) -> dict[str, str]:
    """What a log entry of units points to."""
    named = ("result_hash", "statement_sha256", "report_sha256")
    return {name: matter.data[name] for name in named}


def _check_replace(moment: Moment) -> None:
    plan = plan_of(moment.platform, project_of(moment), vintages_of(moment.matter))
    if not plan.loss_mg:
        raise Conflict(
            "monitoring.no_loss",
            zh="本期没有净损失，无需补偿；请办理签发（issue）。",
            en="The period lost nothing on the whole; issue its units instead.",
        )


def _replace(moment: Moment) -> Done:
    project = project_of(moment, lock=True)
    plan = plan_of(moment.platform, project, vintages_of(moment.matter))
    kept_back = issue(moment, project, plan, proof=_proof(moment.matter))  # years that gained
    services.keep(project, kept_back.keep)
    done = replace_loss(moment, project, loss_mg=plan.loss_mg)
    services.keep(project, done.keep)
    said = {**kept_back.said, **done.said}
    return Done(result=said, public=said)


def history(matter: Matter, verb: str) -> list[Mapping[str, Any]]:
    """What was said in every step of a verb, oldest first: all findings, all answers."""
    rows = Step.objects.filter(matter=matter, verb=verb, is_proposal=False).order_by("pk")
    return list(rows.values_list("data", flat=True))


def _ended(moment: Moment) -> Done:
    release(moment)
    return Done()


EFFECTS: Effects = {
    (KIND, "open"): Effect(check=_check_open),
    (KIND, "report"): Effect(check=_check_report, run=_report),
    (KIND, "engage"): Effect(check=_check_engage, run=_engage),
    (KIND, "plan_sampling"): Effect(check=_check_still_free, run=_plan_sampling),
    (KIND, "raise_findings"): Effect(check=_check_still_free, run=raised),
    (KIND, "respond"): Effect(check=_check_response, run=_respond),
    (KIND, "opine"): Effect(check=_check_opinion, run=_opine),
    (KIND, "refuse"): Effect(run=_ended),
    (KIND, "reject"): Effect(run=_ended),
    (KIND, "withdraw"): Effect(run=_ended),
    (KIND, "issue"): Effect(check=_check_issue, run=_issue),
    (KIND, "replace"): Effect(check=_check_replace, run=_replace),
}
