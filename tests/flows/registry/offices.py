"""Factories for the registry's tests: organisations, people with roles, a clock that can be set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model

from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import queries, services
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.platform import Platform
from tanhui.flows.registry import papers
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.matters import OpenRequest, StepRequest, open_matter, take_step
from tanhui.interfaces.platform import platform as installed

MOMENT = datetime(2025, 3, 3, 2, 0, tzinfo=UTC)  # a Monday morning in China
_TURN = count(1)


@dataclass
class Office:
    """A platform at a moment that the test moves on, and short ways to act on it."""

    now: datetime = MOMENT
    region: str = "420100"
    platform: Platform = field(init=False)

    def __post_init__(self) -> None:
        self.platform = replace(installed(), clock=lambda: self.now)

    def wait(self, days: int) -> None:
        """Let days go by."""
        self.now += timedelta(days=days)

    def open(self, caller: Caller, kind: str, **changes: Any) -> Matter:
        """A matter opened by the caller."""
        given = {"region": self.region, "title": "测试事项", "key": a_key()} | changes
        return open_matter(self.platform, caller, OpenRequest(kind=kind, **given)).matter

    def step(self, caller: Caller, matter: Matter, verb: str, **changes: Any) -> Step:
        """A step taken by the caller."""
        asked = StepRequest(verb=verb, **({"key": a_key()} | changes))
        return take_step(self.platform, caller, matter.number, asked)

    def paper(self, caller: Caller, matter: Matter, *kinds: str) -> None:
        """Documents handed in, one of each kind."""
        for kind in kinds:
            content = f"{kind} of {matter.number}".encode()
            paper = papers.Paper(
                kind=kind,
                name=f"{kind}.pdf",
                media_type="application/pdf",
                content=content,
                is_public=False,
            )
            papers.hand_in(self.platform, caller, matter.number, paper, key=a_key())


def a_key() -> str:
    """A new idempotency key."""
    return f"key-{next(_TURN):08d}"


def an_organisation(kind: str = "enterprise", **changes: Any) -> Organisation:
    """A registered organisation; `name_zh` and the rest may be given."""
    number = next(_TURN)
    given = {
        "name_zh": f"测试机构{number}",
        "name_en": f"Test organisation {number}",
        "kind": kind,
        "region": "420100",
    } | changes
    registration = services.Registration(**given)
    return services.register(registration, actor="test", at=MOMENT, key=a_key())


def a_caller(
    role: str, *, region: str = "420100", organisation: Organisation | None = None
) -> Caller:
    """A new log-in appointed to one role."""
    user = get_user_model().objects.create_user(f"{role}-{next(_TURN)}")
    start = MOMENT - timedelta(days=365)
    services.appoint(user.pk, role, region=region, organisation=organisation, at=start)
    return Caller(user.pk, tuple(queries.appointments(user.pk, at=MOMENT)))
