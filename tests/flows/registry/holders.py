"""Units to use in tests: issued to organisations with what rules of use ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import count
from typing import Any

from django.db import transaction
from tests.flows.registry.offices import Office, a_caller, a_key
from tests.flows.registry.test_matters import refused

from tanhui.books import serials
from tanhui.books.acts import Act, record
from tanhui.books.models import CreditBlock, Issue
from tanhui.books.serial_proofs import issued_and_standing
from tanhui.books.serials import Origin
from tanhui.core.errors import TanhuiError
from tanhui.core.serials import SerialRange, write_serials
from tanhui.domain.organisations.models import Organisation
from tanhui.engine.ruleset_reader import RuleValue
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.section import Text
from tanhui.flows.registry.callers import Caller
from tanhui.flows.retirement import account_of, asset_of

_TURN = count(1)
ORIGIN = Origin(
    region="420100",
    product="WHCER",
    first_day=date(2023, 1, 1),
    last_day=date(2023, 12, 31),
)
RULES: dict[str, Any] = {
    "issue.unit_mg": 10**9,
    "use.purposes": (
        *("offset", "event", "organisation", "product"),
        *("damage", "donation", "voluntary"),
    ),
    "use.second_purposes": ("damage+event",),
    "use.round": "up",
    "event.retire_within_months": 12,
    "damage.price_basis": ("day", "prev_month_mean"),
    "damage.alert_days": 7,
    "damage.resale": "forbidden",
    "offset.cap": {"ratio": Fraction(1, 10), "base": "emissions"},
    "offset.own_boundary": "forbidden",
    "offset.vintage": {"rule": "any"},
    "offset.products": ("own",),
}


def an_office(**rules: Any) -> Office:
    """An office whose region has test rules, with changes: dots of keys written as `__`."""
    office = Office()
    known = RULES | {key.replace("__", "."): value for key, value in rules.items()}
    found = {("420100", key): a_rule(value) for key, value in known.items()}
    given = dict(office.platform.rulesets.rules) | found
    office.platform = replace(
        office.platform, rulesets=Rulesets(given), region="420100", clock=lambda: office.now
    )
    return office


def a_rule(value: Any, *, region: str = "420100") -> tuple[RuleValue, ...]:
    """One value of a test rule for every day; None is unknown."""
    return (
        RuleValue(
            value=value,
            source="test",
            source_url=None,
            tag="template",
            valid_from=date(2014, 1, 1),
            valid_to=None,
            region=region,
            note=None,
            supplier=None if value is not None else Text("某局", "the bureau"),
        ),
    )


def ruled(office: Office, region: str, **rules: Any) -> None:
    """Rules of a region in place of the library's; dots of keys written as `__`."""
    found = dict(office.platform.rulesets.rules)
    for name, value in rules.items():
        found[region, name.replace("__", ".")] = a_rule(value, region=region)
    office.platform = replace(office.platform, rulesets=Rulesets(found))


def units_for(
    office: Office, organisation: Organisation, units: int, **changes: Any
) -> SerialRange:
    """Units issued to an organisation; region, product, first_day and last_day may be given."""
    number = next(_TURN)
    with transaction.atomic():
        at = datetime(2025, 1, 1, tzinfo=UTC)
        act = Act(verb="test.issued", actor="test", at=at, key=a_key(), request={"n": number})
        return serials.issue(
            journal=record(act).journal,
            asset=asset_of(office.platform),
            batch=f"test-{number}",
            units=units,
            owner=account_of(office.platform, organisation.pk),
            origin=replace(ORIGIN, **changes),
        ).serials


def standing(office: Office, organisation: Organisation) -> dict[str, str]:
    """The serials of an organisation by state."""
    found: dict[str, list[SerialRange]] = {}
    for block in serials.open_blocks(account_of(office.platform, organisation.pk)):
        found.setdefault(block.state, []).append(block.serials)
    return {state: write_serials(parts) for state, parts in found.items()}


def units_by_state(office: Office, organisation: Organisation) -> dict[str, int]:
    """How many units of an organisation stand in each state."""
    found: dict[str, int] = {}
    for block in serials.open_blocks(account_of(office.platform, organisation.pk)):
        found[block.state] = found.get(block.state, 0) + block.serials.units
    return found


def check_books() -> None:
    """Every issue is tiled by its open blocks."""
    issued, held, broken = issued_and_standing()
    assert (issued, broken) == (held, [])


def blocks() -> list[str]:
    """Every block as text, for what a refusal must leave alone."""
    rows = CreditBlock.objects.order_by("pk").values_list("serials", "owner", "state", "closed_by")
    return [*map(repr, rows), str(Issue.objects.count())]


def unchanged(kind: type[TanhuiError], code: str, act: Callable[[], object]) -> TanhuiError:
    """The act is refused with that code, and neither matters, log nor any unit has changed."""
    before = blocks()
    error = refused(kind, code, act)
    assert blocks() == before
    return error


def owner_of(organisation: Organisation) -> Caller:
    """Somebody who acts for an organisation, always the same."""
    if organisation.pk not in _OWNERS:
        _OWNERS[organisation.pk] = a_caller("owner", organisation=organisation)
    return _OWNERS[organisation.pk]


_OWNERS: dict[int, Caller] = {}
