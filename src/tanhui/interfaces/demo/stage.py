"""The stage of the demo's registry: organisations, officials, a clock, and short ways to act.

Everything goes through the doors that everybody uses (`open_matter`, `take_step`, `hand_in`), as
the people who play and on the days the story tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.models import User

from tanhui.books.models import Journal
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations import queries, services
from tanhui.domain.organisations.models import VERIFIER_BODY, Organisation
from tanhui.flows.platform import Platform
from tanhui.flows.registry import papers
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.matters import OpenRequest, StepRequest, open_matter, take_step

from .offices import OFFICIALS, ORGANISATIONS, DemoOrganisation

ACTOR = "demo"
BEGINNING = datetime(2024, 1, 2, 1, 0, tzinfo=UTC)
ACCREDITED = (date(2024, 1, 1), date(2034, 1, 1))
WORDS = "演示文件，由程序生成，不是真实材料。 Demo document, generated, not real."


def organisation(given: DemoOrganisation) -> Organisation:
    """The organisation, registered when it is not there yet."""
    key = f"demo/organisation/{given.key}"
    known = Journal.objects.filter(idempotency_key=key).first()
    if known is not None:
        return queries.by_journal(known.pk)
    made = services.register(
        services.Registration(
            name_zh=given.name_zh,
            name_en=given.name_en,
            kind=given.kind,
            region=given.region,
            is_demo=True,
        ),
        actor=ACTOR,
        at=BEGINNING,
        key=key,
    )
    if given.kind == VERIFIER_BODY:
        first, end = ACCREDITED
        services.accredit(
            made,
            number=f"演示资质-{given.key}",
            issuer="演示发证机关",
            valid_from=first,
            valid_to=end,
            actor=ACTOR,
            at=BEGINNING,
        )
    return made


@dataclass
class Stage:
    """A platform at a moment that the story moves on, with everybody who plays."""

    base: Platform
    now: datetime = BEGINNING
    bodies: dict[str, int] = field(default_factory=dict)
    people: dict[str, Caller] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.platform = replace(self.base, clock=lambda: self.now)
        self.bodies = {one.key: organisation(one).pk for one in ORGANISATIONS}
        for one in OFFICIALS:
            user = User.objects.get(username=one.username)
            held = queries.appointments(user.pk, at=datetime.now(UTC))
            self.people[one.username.removeprefix("demo-")] = Caller(user.pk, tuple(held))

    def on(self, day: str | date) -> None:
        """Move on to ten in the morning of a day, in China."""
        whole = date.fromisoformat(day) if isinstance(day, str) else day
        self.now = datetime(whole.year, whole.month, whole.day, 2, tzinfo=UTC)

    def open(
        self, who: str, kind: str, title: str, data: Mapping[str, Any], **about: Any
    ) -> Matter:
        """A matter; `of` names its organisation, `region` its place, `parent` the one above."""
        of = about.pop("of", None)
        asked = OpenRequest(
            kind=kind,
            title=title,
            data=data,
            organisation=self.bodies[of] if of else None,
            key=f"demo/{title}",
            **about,
        )
        return open_matter(self.platform, self.people[who], asked).matter

    def step(self, who: str, matter: Matter, verb: str, **data: Any) -> Step:
        """A step, or its proposal."""
        asked = StepRequest(verb=verb, data=data, key=f"demo/{matter.number}/{verb}/{self.now}")
        return take_step(self.platform, self.people[who], matter.number, asked)

    def both(self, matter: Matter, verb: str, **data: Any) -> Step:
        """A step that two officials of the authority take."""
        self.step("authority", matter, verb, **data)
        return self.step("authority-2", matter, verb, **data)

    def paper(self, who: str, matter: Matter, *kinds: str) -> None:
        """Public documents that say they are demo, one of each kind."""
        for kind in kinds:
            content = f"{WORDS}\n{kind} / {matter.number}\n".encode()
            self.hand_in(who, matter, kind, f"演示-{kind}.txt", content)

    def hand_in(self, who: str, matter: Matter, kind: str, name: str, content: bytes) -> str:
        """A public document; returns its SHA-256."""
        paper = papers.Paper(
            kind=kind,
            name=name,
            media_type="text/csv" if name.endswith(".csv") else "text/plain",
            content=content,
            is_public=True,
        )
        key = f"demo/{kind}"
        papers.hand_in(self.platform, self.people[who], matter.number, paper, key=key)
        return hashlib.sha256(content).hexdigest()
