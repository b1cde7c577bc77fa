"""What a step brings about, beside the matter's new state.

An effect belongs to one step of one kind. `check` may refuse before a step is proposed or taken;
`run` does the work, in the step's own transaction, and says what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tanhui.domain.matters.models import Matter
from tanhui.domain.matters.services import Who
from tanhui.flows.platform import Platform


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The step as its effect sees it: the locked matter as it stands, and what is said now.

    `journal` is the act under which units, transfers and entries are written (0 in `check`).
    """

    platform: Platform
    matter: Matter
    verb: str
    data: Mapping[str, Any]
    who: Who
    at: datetime
    today: date
    journal: int = 0

    def said(self, key: str) -> Any:
        """What this step, or an earlier one, said in a field; None when nobody did."""
        return self.data.get(key, self.matter.data.get(key))


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of a step. `keep` is added to the matter's data, `public` to the log entry."""

    result: Mapping[str, Any] = field(default_factory=dict)
    keep: Mapping[str, Any] = field(default_factory=dict)
    public: Mapping[str, Any] = field(default_factory=dict)


def _nothing(_moment: Moment) -> None:
    return None


def _no_work(_moment: Moment) -> Done:
    return Done()


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`check` raises an error of ours; `run` returns what was done."""

    check: Callable[[Moment], None] = _nothing
    run: Callable[[Moment], Done] = _no_work


Effects = Mapping[tuple[str, str], Effect]
"""By kind and verb; the verb of a matter's opening is `open`."""
