"""One stored record settled again: the person's earlier records as they stood when it arrived, then
the plain rules of one person (`engine.batch.sequential`) over this one.

Everything comes from the evidence: the records, the law and the points rule sealed with the batch,
and the time of arrival. So every part of an answer is computed a second time, by other code than
the arrays that settled the batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from tanhui.books.models import Batch
from tanhui.core.ids import ResultId
from tanhui.core.period import day_number, local_day
from tanhui.engine.batch.cap_steps import CapStep, cap_steps
from tanhui.engine.batch.events import QUANTITIES
from tanhui.engine.batch.laws import Law, law_of
from tanhui.engine.batch.run import PointsStep
from tanhui.engine.batch.sequential import Event, settle_person
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.methodology import CODE_NO_PARAMETER, CODE_QUANTIFIED, Methodology
from tanhui.engine.rulesets import Rulesets

from .platform import Platform
from .records import StoredRecord, records_until
from .sealed_law import LAW_FOLDER, RULESETS_FOLDER

WITHOUT_LAW = Law(scene=-1, exclusive=False)
NO_POINTS = PointsStep(date.min, mg=0, points=0)


@dataclass(frozen=True)
class Settling:
    """The record's answer as the rules give it again, and how its caps came to it."""

    event: Event
    caps: tuple[CapStep, ...]
    scenes: Mapping[int, str]
    """Names of the scenes as its events number them."""


@dataclass
class _Numbers:
    """Scenes and laws as the events of one person number them."""

    scenes: dict[str, int] = field(default_factory=dict)
    laws: dict[tuple[str, str, str], Law] = field(default_factory=dict)

    def law(self, method: Methodology | None) -> Law:
        """The law of a methodology, once."""
        if method is None:
            return WITHOUT_LAW
        if method.identity not in self.laws:
            form = compile_form(method) if method.history else None
            self.laws[method.identity] = law_of(method, form, self.scenes)
        return self.laws[method.identity]

    def event(self, record: StoredRecord) -> Event:
        """The record before any answer."""
        one = record.event
        corrects = one["corrects_hi"], one["corrects_lo"]
        return Event(
            batch=record.batch.seq,
            row=one["row"],
            key=(one["key_hi"], one["key_lo"]),
            payload=one["payload"],
            scene=self.scenes.setdefault(record.scene, len(self.scenes)),
            start=one["start"],
            end=one["end"],
            day=one["day"],
            law=self.law(record.methodology),
            cell=one["cell"],
            counts=[one.get(name, 0) for name in QUANTITIES],
            corrects=corrects if any(corrects) else None,
        )

    def answered(self, record: StoredRecord, *, before: ResultId) -> Event:
        """The record with its stored answer, as it stood when `before` arrived."""
        event, answer = self.event(record), record.result
        event.status, event.detail = record.status, answer["detail"]
        event.mg, event.points, event.shares = answer["mg"], answer["points"], record.shares
        event.is_reversed = record.reversed_by is not None and record.reversed_by < before
        return event


def settle_again(
    platform: Platform, record: StoredRecord, explanation: Mapping[str, int] | None
) -> Settling:
    """Settle the record after the person's earlier ones; `explanation` is the engine's of it."""
    *before, _ = records_until(platform, record)
    numbers = _Numbers()
    earlier = [numbers.answered(each, before=record.id) for each in before]
    event = numbers.event(record)
    if explanation is None:
        event.code = CODE_NO_PARAMETER
    elif event.law.observes:
        event.code = CODE_QUANTIFIED  # asked in its turn, once its history is known
    else:
        event.code, event.quantified = explanation["code"], explanation["mg"]
    method = record.methodology
    event.is_lapsed = method is not None and _has_lapsed(event, method, record.batch)
    step = _points_step(law_of_batch(platform, record.batch).points, event.day)
    event.mg_per_step, event.points_per_step = step.mg, step.points
    settle_person(earlier, [event])
    caps = () if method is None else cap_steps(method.caps, event, earlier, numbers.scenes)
    names = {number: name for name, number in numbers.scenes.items()}
    return Settling(event, tuple(caps), names)


def law_of_batch(platform: Platform, batch: Batch) -> Platform:
    """The platform with the rule set sealed with the batch; older evidence has none sealed, and is
    explained with today's.
    """
    folder = platform.evidence / batch.uri / LAW_FOLDER / RULESETS_FOLDER
    if not folder.is_dir():
        return platform
    opened = platform.opened_rules
    if batch.uri not in opened:
        opened[batch.uri] = Rulesets.load(folder)
    return replace(platform, rulesets=opened[batch.uri])


def _has_lapsed(event: Event, method: Methodology, batch: Batch) -> bool:
    if event.law.claim_days is None:
        return False
    received_ms = int(batch.received_at.timestamp() * 1000)
    return event.day < local_day(received_ms, method.offset_min) - event.law.claim_days


def _points_step(steps: Sequence[PointsStep], day: int) -> PointsStep:
    """The rule that holds on a day number; before the first one there are no points."""
    known = [step for step in steps if day_number(step.first) <= day]
    return max(known, key=lambda step: step.first, default=NO_POINTS)
