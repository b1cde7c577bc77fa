"""Matters as they are shown: the caller's list, one matter with its papers, and public notices.

What the public sees of a matter is its number, title, state, notices and public documents; the
rest is for those who may act in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tanhui.core.clock import utc_seconds
from tanhui.domain.matters import errors, queries
from tanhui.domain.matters.fields import Field
from tanhui.domain.matters.lifecycle import Lifecycle, StepRule
from tanhui.domain.matters.models import Comment, Document, Matter, Notice, Step
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import (
    AUTHORITY,
    CASE_AUTHORITY,
    EXPERT,
    OPERATOR,
    OWNER,
    VERIFIER,
)
from tanhui.engine.section import Text
from tanhui.flows.platform import Platform

from .callers import Caller, may_see, to_step
from .claim_cases import REGISTER
from .matters import answered_by, lifecycle_of, possible_steps
from .worklists import seen_by, waiting_for

Json = dict[str, Any]

ROLE_NAMES = {
    OPERATOR: Text("运营机构", "operator"),
    AUTHORITY: Text("主管部门", "authority"),
    EXPERT: Text("专家", "expert"),
    OWNER: Text("业主", "owner"),
    VERIFIER: Text("核证机构", "verifier"),
    CASE_AUTHORITY: Text("办案机关", "case authority"),
    REGISTER: Text("登记簿", "the register itself"),
}


def visible(platform: Platform, caller: Caller, number: str) -> Matter:
    """The matter, if its papers are for the caller; raises NotFound."""
    matter = queries.get(number)
    if not may_see(caller, matter):
        raise errors.matter_unknown(number)
    return matter


def page_of(
    platform: Platform,
    caller: Caller,
    *,
    wanted: Mapping[str, Any],
    after: int | None,
    limit: int,
) -> Json:
    """A page of the matters that are for the caller, newest first: {items, next}.

    `wanted` has kind, state, region, q; `after` is the last one's id of the page before.
    """
    rows = queries.search(**wanted).filter(seen_by(caller, platform.lifecycles))
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found: list[Matter] = []
    for matter in rows.iterator(chunk_size=limit * 2):
        if may_see(caller, matter):
            found.append(matter)
            if len(found) > limit:
                break
    shown = found[:limit]
    following = shown[-1].pk if len(found) > limit else None
    return {"items": [summary(platform, one) for one in shown], "next": following}


def summary(platform: Platform, matter: Matter) -> Json:
    """What anybody may know of a matter."""
    lifecycle = lifecycle_of(platform, matter.kind)
    return {
        "number": matter.number,
        "kind": matter.kind,
        "kind_name": _text(lifecycle.title),
        "region": matter.region,
        "title": matter.title,
        "state": matter.state,
        "state_name": _text(lifecycle.states[matter.state]),
        "organisation": matter.organisation,
        "parent": matter.parent.number if matter.parent else "",
        "is_demo": matter.is_demo,
        "opened_at": utc_seconds(matter.opened_at),
        "changed_at": utc_seconds(matter.changed_at),
    }


def whole(platform: Platform, caller: Caller, number: str) -> Json:
    """A matter with its papers, and the steps that the caller may take now; raises NotFound."""
    matter = visible(platform, caller, number)
    owner = matter.organisation
    body = organisations.get(owner) if owner is not None else None
    steps = Step.objects.filter(matter=matter).order_by("pk")
    return summary(platform, matter) | {
        "organisation_zh": body.name_zh if body is not None else "",
        "organisation_en": body.name_en if body is not None else "",
        "data": matter.data,
        "steps": [_step(one, lifecycle_of(platform, matter.kind)) for one in steps],
        "documents": [document(one) for one in matter.documents.order_by("pk")],
        "notices": [
            notice(one) | {"may_answer": _may_answer(platform, caller, one)}
            for one in matter.notices.order_by("pk")
        ],
        "children": [summary(platform, one) for one in matter.children.order_by("pk")],
        "possible": [_rule(one) for one in own_steps(platform, caller, matter)],
    }


def facts(platform: Platform, matter: Matter, said: Mapping[str, Any] | None = None) -> list[Json]:
    """What was said in the fields: {key, type, name_zh, name_en, unit, value, rows, heads}.

    Of everything said in the matter, or of `said` alone; a choice's value is its words, and an
    organisation's its name with the number.
    """
    given = matter.data if said is None else said
    found = []
    for key, field in _fields(platform, matter).items():  # stored JSON keeps no order of its own
        if key not in given:
            continue
        value = given[key]
        name = field.name
        shown: Json = {"key": key, "type": field.type, "name_zh": name.zh, "name_en": name.en}
        shown["unit"] = field.unit
        if isinstance(value, list):
            shown["heads"] = [_head(one) for one in field.columns]
            shown["rows"] = [
                [_named(one, row.get(one.key, "")) for one in field.columns] for row in value
            ]
        else:
            shown["value"] = _named(field, value)
        found.append(shown)
    return found


def kept(platform: Platform, matter: Matter) -> Json:
    """What steps worked out and kept in the matter, beside what was said in its fields."""
    known = _fields(platform, matter)
    return {key: value for key, value in matter.data.items() if key not in known}


def choice_words(platform: Platform, kind: str) -> dict[str, dict[str, Json]]:
    """The words of every choice of a kind's fields and columns: {key: {value: {zh, en}}}."""
    rules = lifecycle_of(platform, kind)
    fields = [one for rule in (rules.opens, *rules.steps.values()) for one in rule.fields]
    fields += [column for one in fields for column in one.columns]
    return {
        one.key: {choice.value: _text(choice.name) for choice in one.choices}
        for one in fields
        if one.choices
    }


def _fields(platform: Platform, matter: Matter) -> dict[str, Field]:
    rules = lifecycle_of(platform, matter.kind)
    found: dict[str, Field] = {}
    for rule in (rules.opens, *rules.steps.values()):
        for one in rule.fields:
            found.setdefault(one.key, one)  # a later step may ask again, for a correction
    return found


def _head(column: Field) -> Json:
    unit = f" ({column.unit})" if column.unit else ""
    return {"zh": column.name.zh + unit, "en": column.name.en + unit}


def _named(field: Field, value: Any) -> Any:
    """The value; a choice in words, and an organisation's number with its name, as {zh, en}."""
    if field.type == "choice":
        return next((_text(one.name) for one in field.choices if one.value == value), value)
    if field.type != "organisation" or not isinstance(value, int):
        return value
    own = organisations.get(value)
    return {"zh": f"{own.name_zh} ({value})", "en": f"{own.name_en} ({value})"}


def own_steps(platform: Platform, caller: Caller, matter: Matter) -> list[StepRule]:
    """The steps that the state allows and one of the caller's roles may take."""
    found = []
    for rule in possible_steps(platform, matter):
        try:
            to_step(caller, rule.verb, rule.by, matter)
        except errors.NotYours:
            continue
        found.append(rule)
    return found


def to_do(platform: Platform, caller: Caller, *, limit: int) -> list[Json]:
    """Matters in which the caller can take a step now, those that waited longest first."""
    found = []
    rows = queries.search().filter(waiting_for(caller, platform.lifecycles)).order_by("changed_at")
    for matter in rows.iterator(chunk_size=limit * 2):
        if may_see(caller, matter) and own_steps(platform, caller, matter):
            found.append(summary(platform, matter))
            if len(found) == limit:
                break
    return found


def notice(given: Notice) -> Json:
    """A notice with what was said to it; names as their authors gave them, no contacts."""
    return {
        "notice": given.pk,
        "verb": given.verb,
        "opened_on": given.opened_on.isoformat(),
        "last_day": given.last_day.isoformat(),
        "workdays": given.workdays,
        "rule": given.rule,
        "comments": _comments(given.comments.order_by("pk")),
    }


def document(given: Document) -> Json:
    """A document's card."""
    return {
        "document": given.pk,
        "kind": given.kind,
        "name": given.name,
        "sha256": given.sha256,
        "size": given.size,
        "media_type": given.media_type,
        "is_public": given.is_public,
        "at": utc_seconds(given.at),
    }


def lifecycle(given: Lifecycle) -> Json:
    """A kind's states and steps, as the docs and the forms show them."""
    return {
        "kind": given.kind,
        "title": _text(given.title),
        "parent": given.parent,
        "opens": _rule(given.opens),
        "states": {name: _text(text) for name, text in given.states.items()},
        "steps": [_rule(step) for step in given.steps.values()],
    }


def _may_answer(platform: Platform, caller: Caller, given: Notice) -> bool:
    by = answered_by(platform, given.matter, given.verb)
    try:
        to_step(caller, "answer", by, given.matter)
    except errors.NotYours:
        return False
    return True


def _comments(rows: Iterable[Comment]) -> list[Json]:
    return [
        {
            "comment": one.pk,
            "author": one.author,
            "text": one.text,
            "is_objection": one.is_objection,
            "at": utc_seconds(one.at),
            "reply": one.reply,
        }
        for one in rows
    ]


def _step(given: Step, lifecycle: Lifecycle) -> Json:
    rule = lifecycle.steps.get(given.verb, lifecycle.opens)
    return {
        "verb": given.verb,
        "name": _text(rule.name),
        "from": given.state_before,
        "to": given.state_after,
        "is_proposal": given.is_proposal,
        "role": given.role,
        "role_name": _text(ROLE_NAMES.get(given.role, Text(given.role, given.role))),
        "user": given.user,
        "note": given.note,
        "data": given.data,
        "result": given.result,
        "at": utc_seconds(given.at),
        "act": given.journal_id,
    }


def _rule(given: StepRule) -> Json:
    return {
        "verb": given.verb,
        "name": _text(given.name),
        "from": list(given.sources),
        "to": given.to,
        "by": list(given.by),
        "people": given.people,
        "notice": given.notice,
        "documents": list(given.documents),
        "when": {key: list(words) for key, words in given.when},
        "final": given.is_final,
        "fields": [
            {
                "key": one.key,
                "type": one.type,
                "name": _text(one.name),
                "required": one.is_required,
                "unit": one.unit,
            }
            for one in given.fields
        ],
    }


def _text(given: Text) -> Json:
    return {"zh": given.zh, "en": given.en}
