"""The one door of every matter: open it, take a step, and all that goes with it or nothing.

A step is refused unless the caller's role, the state, the fields, the documents and the public
notices allow it. Where two people are needed, the first one's words are a proposal and the second,
who must say the same, takes the step. State, effect, act and log entry share one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tanhui.books.acts import Act, Recorded, disclose, record
from tanhui.core.canonical import canonical_json
from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.domain.claims.errors import ClaimedTwice
from tanhui.domain.matters import errors, queries, services
from tanhui.domain.matters.fields import TEXT_CHARS_MAX, Field, checked
from tanhui.domain.matters.lifecycle import Lifecycle, StepRule
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.matters.services import Beginning, Taken, Who
from tanhui.domain.organisations import queries as organisations
from tanhui.engine.names import name_of
from tanhui.flows.platform import Platform

from .all_effects import effect_of
from .callers import Caller, may_see, may_still, to_open, to_step
from .claim_cases import refused
from .effects import Moment

TITLE_CHARS_MAX = 200
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class OpenRequest:
    """A new matter: its kind and place, for which organisation, under which other matter."""

    kind: str
    region: str
    title: str
    organisation: int | None = None
    parent: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str


@dataclass(frozen=True, kw_only=True)
class StepRequest:
    """One step: its verb, what is said in its fields, and a note for the file."""

    verb: str
    data: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    key: str


def today(platform: Platform) -> date:
    """The day in China now."""
    return platform.today


def lifecycle_of(platform: Platform, kind: str) -> Lifecycle:
    """The lifecycle of a kind; raises NotFound."""
    found = platform.lifecycles.get(kind)
    if found is None:
        raise errors.kind_unknown(kind)
    return found


def possible_steps(platform: Platform, matter: Matter) -> list[StepRule]:
    """The steps that the matter's state and what it is for allow in its region today."""
    lifecycle = lifecycle_of(platform, matter.kind)
    skipped = platform.rulesets.skipped_steps(matter.kind, region=matter.region, on=today(platform))
    return lifecycle.steps_in(matter.state, data=matter.data, skipped=skipped)


def open_matter(platform: Platform, caller: Caller, request: OpenRequest) -> Step:
    """Open a matter; the same key gives the first one. Raises Denied, InputRefused, NotFound.

    What another claims already is refused, and the refusal names the case of that conflict.
    """
    try:
        return _open(platform, caller, request)
    except ClaimedTwice as error:
        raise refused(platform, error) from None


def take_step(platform: Platform, caller: Caller, number: str, request: StepRequest) -> Step:
    """Take a step, or propose it where two people are needed; the same key gives the first answer.

    Raises Denied, Conflict, InputRefused, NotFound, or what the step's effect refuses; then
    nothing has changed, but that a claim which another holds already has a case of conflict.
    """
    try:
        return _take(platform, caller, number, request)
    except ClaimedTwice as error:
        raise refused(platform, error) from None


def answer_comment(platform: Platform, caller: Caller, comment: int, reply: str) -> None:
    """Answer once what somebody said to a notice, by whoever may give such a notice."""
    said = queries.comment(comment)
    matter = said.notice.matter
    if not may_see(caller, matter):
        raise errors.matter_unknown(matter.number)
    to_step(caller, "answer", answered_by(platform, matter, said.notice.verb), matter)
    at = platform.clock()
    with transaction.atomic():
        if services.answer(comment, reply, user=caller.user, at=at):
            request = {"matter": matter.number, "comment": comment, "reply": reply.strip()}
            record(
                Act(
                    verb="registry.comment.answered",
                    actor=caller.actor,
                    at=at,
                    key=f"comment/{comment}/answered",
                    request=request,
                    detail={"matter": matter.number, "comment": comment},
                )
            )


def answered_by(platform: Platform, matter: Matter, verb: str) -> tuple[str, ...]:
    """The roles that answer for a notice: those that take the step which gives it."""
    lifecycle = lifecycle_of(platform, matter.kind)
    return lifecycle.steps.get(verb, lifecycle.opens).by


def _open(platform: Platform, caller: Caller, request: OpenRequest) -> Step:
    lifecycle = lifecycle_of(platform, request.kind)
    region = Region(request.region).code
    _check_text(request.title, TITLE_CHARS_MAX)
    who = to_open(caller, lifecycle.opens.by, region=region, organisation=request.organisation)
    said = {
        "kind": request.kind,
        "region": region,
        "title": request.title,
        "organisation": request.organisation,
        "parent": request.parent,
        "data": dict(request.data),
    }
    with transaction.atomic():
        act = _act(platform, caller, f"{request.kind}.open", said, key=request.key)
        recorded = record(act)
        if not recorded.is_new:
            return queries.step_of(recorded.journal)
        parent = services.lock(request.parent) if lifecycle.parent else None
        if parent is not None and parent.kind != lifecycle.parent:
            raise errors.matter_unknown(request.parent)
        if parent is not None and parent.region != region:
            raise errors.other_region(parent.number, parent.region)
        owner = request.organisation
        matter = services.begin(
            Beginning(
                kind=request.kind,
                letter=lifecycle.letter,
                region=region,
                title=request.title.strip(),
                state=lifecycle.opens.to,
                organisation=owner,
                parent=parent,
                data={},
                is_demo=_is_demo(owner, who.organisation),
            ),
            at=act.at,
        )
        asked = StepRequest(verb="open", data=request.data, key=request.key)
        return _carry_out(platform, matter, lifecycle.opens, asked, who, act=act, done=recorded)


def _take(platform: Platform, caller: Caller, number: str, request: StepRequest) -> Step:
    if len(request.note) > TEXT_CHARS_MAX:
        _check_text(request.note, TEXT_CHARS_MAX)
    with transaction.atomic():
        matter = services.lock(number)
        rule = _rule(platform, matter, request)
        who = to_step(caller, request.verb, rule.by, matter)
        said = {
            "matter": number,
            "verb": request.verb,
            "data": dict(request.data),
            "note": request.note,
        }
        act = _act(platform, caller, f"{matter.kind}.{rule.verb}", said, key=request.key)
        recorded = record(act)
        if not recorded.is_new:
            return queries.step_of(recorded.journal)
        _check_state(platform, matter, rule)
        return _carry_out(platform, matter, rule, request, who, act=act, done=recorded)


def _rule(platform: Platform, matter: Matter, request: StepRequest) -> StepRule:
    rule = lifecycle_of(platform, matter.kind).steps.get(request.verb)
    if rule is None:
        possible = [step.verb for step in possible_steps(platform, matter)]
        raise errors.step_forbidden(request.verb[:40], matter.state, possible)
    return rule


def _check_state(platform: Platform, matter: Matter, rule: StepRule) -> None:
    possible = possible_steps(platform, matter)
    if rule not in possible:
        raise errors.step_forbidden(rule.verb, matter.state, [step.verb for step in possible])
    if missing := set(rule.documents) - queries.document_kinds(matter):
        raise errors.documents_missing(
            {kind: name_of(kind, platform.library_path, "documents") for kind in sorted(missing)}
        )
    if rule.waits_for_notice:
        if notice := queries.open_notice(matter, today=today(platform)):
            raise errors.notice_open(notice.last_day)
        if count := queries.open_objections(matter):
            raise errors.objection_open(count)


def _carry_out(
    platform: Platform,
    matter: Matter,
    rule: StepRule,
    request: StepRequest,
    who: Who,
    *,
    act: Act,
    done: Recorded,
) -> Step:
    """Write the step and its effect under the act; or its proposal, if somebody must agree."""
    data = checked(rule.fields, request.data)
    _check_organisations(rule.fields, data)
    moment = Moment(
        platform=platform,
        matter=matter,
        verb=rule.verb,
        data=data,
        who=who,
        at=act.at,
        today=today(platform),
        journal=done.journal,
    )
    effect = effect_of(matter.kind, rule.verb)
    effect.check(moment)
    is_proposal = rule.people > 1 and not _is_seconded(matter, rule, data, who, at=act.at)
    taken = Taken(
        verb=rule.verb,
        state_after=matter.state if is_proposal else rule.to,
        note=request.note.strip(),
        data=data,
        is_proposal=is_proposal,
    )
    step = services.write_step(matter, taken, who=who, at=act.at, journal=done.journal)
    if is_proposal:
        return step
    brought = effect.run(moment)
    if brought.keep:
        services.keep(matter, brought.keep)
    if brought.result:
        services.note_result(step, brought.result)
    if rule.notice:
        _give_notice(platform, matter, rule)
    if rule.is_public:
        said = {"matter": matter.number, "state": matter.state, "title": matter.title}
        mark = {"is_demo": True} if matter.is_demo else {}
        disclose(act, done, {**said, **mark, "region": matter.region, **brought.public})
    return step


def _is_demo(*numbers: int | None) -> bool:
    """Whether the matter's organisation, or the one its opener acts for, is made up."""
    return any(organisations.get(one).is_demo for one in numbers if one is not None)


def _check_organisations(fields: Iterable[Field], data: Mapping[str, Any]) -> None:
    """Every organisation that is named is registered; raises NotFound."""
    for each in fields:
        said = data.get(each.key)
        if each.type == "organisation" and said is not None:
            organisations.get(said)
        for row in said or () if each.type == "table" else ():
            _check_organisations(each.columns, row)


def _is_seconded(
    matter: Matter, rule: StepRule, data: Mapping[str, Any], who: Who, *, at: datetime
) -> bool:
    """Whether somebody else proposed just this; raises Conflict for the same person or words.

    Whoever proposed may propose otherwise: the last proposal is the one that counts, as long as
    its author may still take the step.
    """
    proposal = queries.proposal(matter, rule.verb)
    if proposal is None or not may_still(proposal, rule.by, at=at):
        return False
    is_same, is_own = proposal.data == dict(data), proposal.user == who.user
    if is_own and is_same:
        raise errors.same_person()
    if not (is_own or is_same):
        raise errors.proposal_differs()
    return not is_own


def _give_notice(platform: Platform, matter: Matter, rule: StepRule) -> None:
    first = today(platform)
    product = (matter.parent or matter).data.get("product", "")
    term = platform.rulesets.notice_workdays(
        rule.notice, region=matter.region, on=first, product=product
    )
    assert isinstance(term.value, int)
    last = platform.workdays.after(first, term.value)
    if not rule.notice.endswith("_workdays"):  # calendar days, of which one at least is worked
        last = max(first + timedelta(days=term.value), platform.workdays.after(first, 1))
    services.give_notice(
        matter,
        rule.verb,
        opened_on=first,
        last_day=last,
        workdays=platform.workdays.between(first + _A_DAY, last + _A_DAY),
        rule=f"{rule.notice}/{term.region}@{term.valid_from}",
    )


def _act(
    platform: Platform, caller: Caller, verb: str, said: Mapping[str, Any], *, key: str
) -> Act:
    whose = hashlib.sha256(f"{caller.user}/{key}".encode()).hexdigest()
    try:
        canonical_json(said)
    except (ValueError, RecursionError):
        raise errors.data_unreadable() from None
    return Act(
        verb=f"registry.{verb}",
        actor=caller.actor,
        at=platform.clock(),
        key=f"matter/{whose}",
        request=said,
        detail={name: said[name] for name in ("matter", "verb", "kind") if name in said},
    )


def _check_text(text: str, chars_max: int) -> None:
    if not (0 < len(text.strip()) <= chars_max and text.isprintable()):
        raise InputRefused(
            "matter.title_malformed",
            zh=f"名称或备注应为 1 至 {chars_max} 个可见字符；请改正。",
            en=f"A title or note has 1 to {chars_max} printable characters; correct it.",
        )
