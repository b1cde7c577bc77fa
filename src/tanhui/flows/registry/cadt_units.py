"""Open blocks of an issue as units of the Climate Action Data Trust."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from tanhui.books.models import RETIRED, CreditBlock, Issue
from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.core.serials import SerialRange

from . import cadt_words as words
from .public_units import retirement_cards

BUFFER = "buffer"  # kind of owner that keeps a project's units against loss


def units_of_issue(blocks: QuerySet[CreditBlock], issue: Issue) -> Iterator[dict[str, Any]]:
    """What is particular to each block: serials with both ends, vintage, status and since when."""
    assert issue.first_day is not None, "units without a vintage year are left out before"
    rows = list(blocks.select_related("owner", "opened_by").order_by("serials"))
    retired = retirement_cards({row.opened_by_id for row in rows if row.state == RETIRED})
    for row in rows:
        of = SerialRange(row.serials.lower, row.serials.upper - 1)
        said = retired.get(row.opened_by_id, {}) if row.state == RETIRED else {}
        is_buffer = row.owner.owner_kind == BUFFER and row.state not in ("retired", "cancelled")
        since = row.opened_by.at + timedelta(minutes=CHINA_OFFSET_MIN)
        yield {
            "unitSerialId": str(of),
            "unitStartBlock": str(of.first),
            "unitEndBlock": str(of.last),
            "unitCount": of.units,
            "unitVintageYear": issue.first_day.year,
            "unitStatus": words.BUFFER_STATUS if is_buffer else words.UNIT_STATUS[row.state],
            "unitStatusReason": BUFFER if is_buffer else row.state,
            "unitStatusDate": since.date().isoformat(),
            "unitRetirementDetail": said.get("purpose", ""),
            "unitRetirementBeneficiary": said.get("beneficiary", ""),
        }
