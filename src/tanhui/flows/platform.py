"""What every flow needs to know of the installation it runs in, passed in as one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tanhui import __version__
from tanhui.core.clock import Clock, system_clock
from tanhui.engine.batch.run import PointsStep
from tanhui.engine.library import Library
from tanhui.engine.rulesets import Rulesets


@dataclass(frozen=True)
class Platform:
    """Data folder, law, programme and clock of one installation.

    `region` is the GB/T 2260 code whose rule set the programme follows.
    """

    home: Path
    library: Library
    rulesets: Rulesets
    programme: str
    region: str
    identity_key: bytes
    clock: Clock = system_clock
    code_version: str = __version__

    @property
    def evidence(self) -> Path:
        """Folder of the immutable batches."""
        return self.home / "evidence"

    @cached_property
    def points(self) -> Sequence[PointsStep]:
        """The programme's points rule, every dated version of it (key points.earn)."""
        return [
            PointsStep(rule.valid_from, int(rule.value["per_mg"]), int(rule.value["points"]))
            for rule in self.rulesets.history("points.earn", region=self.region)
        ]

    @cached_property
    def points_valid_years(self) -> int:
        """Years until points expire, as the rule set says today (key points.expiry_years)."""
        today = self.clock().date()
        rule = self.rulesets.value("points.expiry_years", region=self.region, on=today)
        return int(rule.value)
