"""A look is noted once per person, told newest first, and cannot be made unseen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from tanhui.domain.viewings.models import OPERATOR, PARTNER, Viewing
from tanhui.domain.viewings.queries import of_person
from tanhui.domain.viewings.services import WHY_CHARS_MAX, Viewer, note

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_each_person_shown_is_noted_once() -> None:
    member = Viewer(actor="user:7", partner_id=3, why="x" * 500)
    assert note([5, 6, 5], "rows", viewer=member, at=NOW) == 2
    note([5], "account", viewer=Viewer(actor="operator:zhou"), at=NOW)
    told = [(one.viewer, one.partner_id, one.what, len(one.why)) for one in of_person(5)]
    assert told == [(OPERATOR, None, "account", 0), (PARTNER, 3, "rows", WHY_CHARS_MAX)]
    assert len(of_person(6)) == 1
    assert note([], "rows", viewer=member, at=NOW) == 0


def test_a_look_cannot_be_made_unseen() -> None:
    note([5], "account", viewer=Viewer(actor="operator:zhou"), at=NOW)
    for change in (Viewing.objects.all().delete, lambda: Viewing.objects.update(why="other")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert len(of_person(5)) == 1
