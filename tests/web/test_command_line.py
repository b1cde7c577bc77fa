"""The operator's door: what cannot be is refused in a sentence, and foreign text stays text."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tanhui.core.errors import InputRefused, NotFound
from tanhui.interfaces.cli import look

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("records", ["0", "-1", "201", "x"])
def test_the_number_of_records_has_limits(records: str) -> None:
    done = CliRunner().invoke(look.account, ["card:1", "--records", records])
    assert done.exit_code == 2
    assert "--records" in done.output


@pytest.mark.parametrize("person", ["9" * 5_000, "9" * 19, "card:nobody"])
def test_an_unknown_person_is_told(person: str) -> None:
    done = CliRunner().invoke(look.account, [person])
    assert isinstance(done.exception, (NotFound, InputRefused))
