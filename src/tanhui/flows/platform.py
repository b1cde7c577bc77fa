"""What every flow needs to know of the installation it runs in, passed in as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tanhui import __version__
from tanhui.books.evidence_store import EvidenceStore
from tanhui.books.keystore import KeyStore
from tanhui.books.sealing import AES_256_GCM
from tanhui.core.clock import Clock, system_clock
from tanhui.core.errors import NotFound
from tanhui.core.region import CHINA, CHINA_OFFSET_MIN, Region
from tanhui.domain.matters.lifecycle import Lifecycle, load_lifecycles
from tanhui.engine.batch.run import PointsStep
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.workdays import Workdays

if TYPE_CHECKING:  # its module has tables, and what looks at law alone runs without a database
    from tanhui.books.certificates import Issuer

POINTS_EARN = "points.earn"


@dataclass(frozen=True)
class Platform:
    """Data folder, law, programme and clock of one installation.

    `region` is the GB/T 2260 code whose rule set the programme follows; `seal` names
    how new evidence is sealed, `store` is where else it is kept.
    """

    home: Path
    library: Library
    library_path: Path
    rulesets: Rulesets
    programme: str
    region: str
    identity_key: bytes
    clock: Clock = system_clock
    code_version: str = __version__
    seal: str = AES_256_GCM.name
    store: EvidenceStore | None = None
    claims_asked_per_day: int = 200_000
    """How many digests one peer may ask about in a day (docs/claims.md)."""
    issuer: Callable[[], Issuer] | None = None
    """Who signs certificates; asked for when one is made, for its key is made then too."""

    @property
    def evidence(self) -> Path:
        """Folder of the immutable batches."""
        return self.home / "evidence"

    @property
    def today(self) -> date:
        """The day in China now."""
        return (self.clock() + timedelta(minutes=CHINA_OFFSET_MIN)).date()

    @cached_property
    def lifecycles(self) -> Mapping[str, Lifecycle]:
        """The states and steps of every kind of matter."""
        return load_lifecycles(self.library_path / "lifecycles")

    @cached_property
    def workdays(self) -> Workdays:
        """The country's working days, in the years that were announced."""
        return Workdays.load(self.library_path / "calendars" / f"{CHINA}.yaml")

    @cached_property
    def people_keys(self) -> KeyStore:
        """The keys of people and batches, apart from the database and from the evidence."""
        return KeyStore(self.home / "keys" / "people")

    @cached_property
    def with_rules(self) -> dict[int, Platform]:
        """This platform with approved changes of rules, as `rules_in_force` last made it."""
        return {}

    @cached_property
    def opened_law(self) -> dict[tuple[str, str, str], Methodology]:
        """Law of earlier times, by identity, once `sealed_law.find_law` has read it."""
        return {}

    @cached_property
    def opened_rules(self) -> dict[str, Rulesets]:
        """Rule sets sealed with batches, by the batch's folder, once one was explained."""
        return {}

    @cached_property
    def points(self) -> Sequence[PointsStep]:
        """The programme's points rule from each day on which it changes (key points.earn)."""
        return points_steps(self.rulesets, self.region)

    @property
    def points_valid_years(self) -> int:
        """Years until points expire, as the rule set says today."""
        return self.rulesets.points_expiry_years(region=self.region, on=self.today)

    @property
    def nobody_days(self) -> int:
        """Days until the key of what is nobody's in a batch is destroyed, as the rule set says."""
        return self.rulesets.nobody_days(region=self.region, on=self.today)

    @property
    def people_min(self) -> int:
        """How few people a public figure may be about, as the rule set says today."""
        return self.rulesets.people_min(region=self.region, on=self.today)


def points_steps(rulesets: Rulesets, region: str) -> list[PointsStep]:
    """The points rule of a region from each day on which it changes."""
    entries = [
        entry
        for code in Region(region).lineage()
        for entry in rulesets.rules.get((code, POINTS_EARN), ())
    ]
    days = {entry.valid_from for entry in entries}
    days |= {entry.valid_to for entry in entries if entry.valid_to is not None}
    return [_points_from(rulesets, region, day) for day in sorted(days)]


def _points_from(rulesets: Rulesets, region: str, day: date) -> PointsStep:
    try:
        rule = rulesets.points_earn(region=region, on=day)
    except NotFound:
        return PointsStep(day, mg=0, points=0)
    return PointsStep(day, mg=rule.per_mg, points=rule.points)
