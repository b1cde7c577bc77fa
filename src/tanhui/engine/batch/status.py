"""Every row of a partner's file ends with exactly one of these statuses (engine.md section 3)."""

from __future__ import annotations

from enum import IntEnum


class Status(IntEnum):
    """The number is what the result files hold; the name is what people and receipts see."""

    CREDITED = 0
    PARTLY_CAPPED = 1
    CAPPED = 2
    DUPLICATE = 3
    OVERLAPPING = 4
    NOT_APPLICABLE = 5
    NO_PARAMETER = 6
    NO_CONSENT = 7
    REJECTED = 8
    PAIRED = 9
    WAITING = 10

    @property
    def label(self) -> str:
        """
        >>> Status.PARTLY_CAPPED.label
        'partly_capped'
        """
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> Status:
        """The status with this label.

        >>> Status.of("paired")
        <Status.PAIRED: 9>
        """
        return cls[label.upper()]


OCCUPYING = frozenset({Status.CREDITED, Status.PARTLY_CAPPED, Status.CAPPED})
"""Events that happened and were quantified: they hold their place in time against overlaps."""


class Detail(IntEnum):
    """What a result row's `detail` says next to its status; clauses count up from CLAUSE.

    A capped row without detail met a cap in mg per day; the others name the cap that decided.
    """

    NONE = 0
    OTHER_PAYLOAD = 1
    TARGET_UNKNOWN = 2
    TARGET_ALREADY_CORRECTED = 3
    EXCLUDED = 4  # overlapping: another scene of the person was first in the period
    MONTH_CAP = 5
    YEAR_CAP = 6
    DAY_EVENTS = 7
    MONTH_EVENTS = 8
    YEAR_EVENTS = 9
    CLAUSE = 10
    LAPSED = 253
    HISTORY_SHORT = 254
    NEGATIVE = 255


CAP_DETAILS: dict[tuple[str, bool], Detail] = {
    ("day", False): Detail.NONE,
    ("month", False): Detail.MONTH_CAP,
    ("year", False): Detail.YEAR_CAP,
    ("day", True): Detail.DAY_EVENTS,
    ("month", True): Detail.MONTH_EVENTS,
    ("year", True): Detail.YEAR_EVENTS,
}
"""(period, counts events) of a cap -> what a row that it cut says."""

STANDING = OCCUPYING | {Status.NOT_APPLICABLE, Status.NO_PARAMETER}
"""With excluded ones: records of their own, where the methodology reads own history."""
