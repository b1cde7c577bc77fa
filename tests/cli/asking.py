"""`tanhui` asked in this process, without a database: what it printed and how it ended."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from tanhui.core.errors import TanhuiError
from tanhui.interfaces.cli.methodology import methodology


def ask(*arguments: str) -> tuple[int, Any]:
    """Exit code and document of `tanhui methodology ... --json`."""
    done = CliRunner().invoke(methodology, [*arguments, "--json"], catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, json.loads(done.stdout)


def refused(*arguments: str) -> TanhuiError:
    """The error of ours that the command ends with."""
    done = CliRunner().invoke(methodology, [*arguments, "--json"])
    assert isinstance(done.exception, TanhuiError), done.output
    return done.exception


def printed(*arguments: str) -> str:
    """What a person reads; the command must succeed."""
    done = CliRunner().invoke(methodology, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output
