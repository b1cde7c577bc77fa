"""`tanhui serve` starts its workers fresh: what took the demo city in does not survive a fork."""

from __future__ import annotations

import multiprocessing

import granian
import pytest
from click.testing import CliRunner

from tanhui.interfaces.api import intake
from tanhui.interfaces.cli import log
from tanhui.interfaces.cli.serve import serve


def test_workers_are_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    before, found = multiprocessing.get_start_method(allow_none=True), []
    monkeypatch.setattr(intake, "sweep_uploads", lambda: None)
    monkeypatch.setattr(log, "warn_of_names", lambda: None)
    monkeypatch.setattr(
        granian.Granian, "serve", lambda self: found.append(multiprocessing.get_start_method())
    )
    try:
        CliRunner().invoke(serve, ["--port", "0"], catch_exceptions=False)
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert found == ["spawn"]
