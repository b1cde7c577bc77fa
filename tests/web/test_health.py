"""The operator's monitoring asks one address."""

from __future__ import annotations

from tests.web.asking import Caller

import tanhui


def test_health_says_that_the_database_answers(caller: Caller) -> None:
    answer = caller.get("/api/v1/health")
    assert answer.status == 200
    assert answer.json == {"status": "ok", "version": tanhui.__version__}
