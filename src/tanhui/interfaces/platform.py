"""The installation as one value, built once per process from the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache

from django.conf import settings

from tanhui.books.evidence_store import EvidenceStore
from tanhui.core.clock import Clock, system_clock
from tanhui.engine.batch.landing import Feed
from tanhui.engine.batch.validate import quantity_columns
from tanhui.flows.platform import Platform
from tanhui.flows.rules_in_force import in_force

from .certificates.issuer import issuer
from .checked_law import checked_law
from .feeds import Surroundings, open_feed
from .home import data_home, secret

_CLOCK: ContextVar[Clock] = ContextVar("clock", default=system_clock)


def now() -> datetime:
    """The platform's time: the system's, unless a story of earlier days is being told."""
    return _CLOCK.get()()


@contextmanager
def clock_set_to(clock: Clock) -> Iterator[None]:
    """Let this thread's platform go by another clock (the cases, in a scratch installation)."""
    token = _CLOCK.set(clock)
    try:
        yield
    finally:
        _CLOCK.reset(token)


def platform() -> Platform:
    """The installation with the rules in force at this moment: ask once for each piece of work."""
    return in_force(installed())


@lru_cache(maxsize=1)
def installed() -> Platform:
    """Data folder, law and programme as installed, without the changes of rules approved since:
    for work that reads no rule. Raises LibraryBroken when the law has mistakes.
    """
    key = secret("identity")
    library = checked_law(settings.TANHUI_LIBRARY, home=data_home(), key=key)
    return Platform(
        home=settings.TANHUI_HOME,
        library=library,
        library_path=settings.TANHUI_LIBRARY,
        rulesets=library.rulesets,
        programme=settings.TANHUI_PROGRAMME,
        region=settings.TANHUI_REGION,
        identity_key=key,
        seal=settings.TANHUI_SEAL,
        claims_asked_per_day=settings.TANHUI_CLAIMS_PER_DAY,
        store=EvidenceStore.at(address) if (address := settings.TANHUI_EVIDENCE_STORE) else None,
        clock=now,
        issuer=issuer,
    )


def feed_of(name: str, config: Mapping[str, str]) -> Feed:
    """The feed `name` as this installation's law and directory make it; raises as open_feed."""
    law = installed()
    around = Surroundings(
        quantities=quantity_columns(law.library),
        directory=law.library_path / "directory",
        secret=secret("identity"),
    )
    return open_feed(name, config, around=around)
