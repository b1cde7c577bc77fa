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
    """What a result row's `detail` says next to its status; clauses count up from CLAUSE."""

    NONE = 0
    OTHER_PAYLOAD = 1
    TARGET_UNKNOWN = 2
    TARGET_ALREADY_CORRECTED = 3
    CLAUSE = 10
    NEGATIVE = 255
