"""What law was applied first stands in the log, once each."""

from __future__ import annotations

import pytest

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.flows.applied_law import METHODOLOGY, RULESET, log_applied_law
from tanhui.interfaces.platform import platform

NAMED = {"code": "wuhan-metro", "version": "1", "digest": "ab" * 32}


@pytest.mark.django_db
def test_each_version_is_logged_once() -> None:
    files = len(platform().rulesets.texts)
    assert log_applied_law(platform(), [NAMED], actor="test") == 1 + files
    assert log_applied_law(platform(), [NAMED], actor="other") == 0
    changed = NAMED | {"digest": "cd" * 32}
    assert log_applied_law(platform(), [NAMED, changed], actor="test") == 1
    facts = [read_json(bytes(entry.body)) for entry in LogEntry.objects.order_by("id")]
    assert [fact["kind"] for fact in facts] == [METHODOLOGY, *[RULESET] * files, METHODOLOGY]
    assert facts[-1]["digest"] == "cd" * 32
