"""Refusals of what another claims: nothing changed but that a case of the conflict stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tanhui.books.models import CreditBlock, Journal, LogEntry
from tanhui.core.errors import Conflict
from tanhui.domain.claims.models import Claim
from tanhui.domain.matters.models import Comment, Document, Matter, Notice, Step
from tanhui.flows.registry.claim_cases import KIND


def but_cases() -> tuple[Any, ...]:
    """Everything that a refused claim leaves alone."""
    rows = Matter.objects.exclude(kind=KIND).order_by("pk")
    return (
        Journal.objects.exclude(verb=f"registry.{KIND}.open").count(),
        Step.objects.exclude(matter__kind=KIND).count(),
        Document.objects.exclude(matter__kind=KIND).count(),
        [table.objects.count() for table in (Notice, Comment, LogEntry, CreditBlock)],
        [repr(row) for row in rows.values_list("number", "state", "data")],
        sorted(Claim.objects.values_list("kind", "scheme", "holder", "withdrawn_by")),
    )


def doubled(code: str, act: Callable[[], object]) -> tuple[Conflict, Matter]:
    """The act is refused with that code and names its case; nothing else has changed."""
    before = but_cases()
    with pytest.raises(Conflict) as error:
        act()
    assert error.value.code == code
    assert but_cases() == before
    case = Matter.objects.get(kind=KIND, number=error.value.values["case"])
    assert error.value.values["page"] == f"/desk/matters/{case.number}"
    assert case.number in error.value.zh
    assert case.number in error.value.en
    return error.value, case
