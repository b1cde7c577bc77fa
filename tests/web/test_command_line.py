"""The operator's door: what cannot be is refused in a sentence, and foreign text stays text."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tanhui.core.errors import InputRefused, NotFound
from tanhui.interfaces.cli import intake, look, output

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


FOREIGN = "[/x] [red]a[/red] [x"


def test_foreign_text_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(FOREIGN, [FOREIGN], [[FOREIGN]])
    assert capsys.readouterr().out.count(FOREIGN) == 3


def test_an_error_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        output.fail(InputRefused("file.missing", zh=f"没有“{FOREIGN}”", en=f"no '{FOREIGN}'"))
    shown = capsys.readouterr().err
    assert f"没有“{FOREIGN}”" in shown
    assert f"no '{FOREIGN}'" in shown


def test_a_receipt_and_an_explanation_show_foreign_text_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = {"batch": 1, "partner": FOREIGN, "repeated": False, "rows": 0, "reasons": []}
    receipt |= {"source": {"name": FOREIGN}, "counts": {}, "digest": FOREIGN, "people": 0}
    intake.show_receipt(receipt | {"mg_credited": 0, "mg_reversed": 0, "points": 0})
    assert capsys.readouterr().out.count(FOREIGN) == 3
    words = {"day": FOREIGN, "name_zh": FOREIGN, "name_en": FOREIGN, "reason_zh": FOREIGN}
    explained = {
        "id": "1-1",
        "person": "7",
        "record": words | {"status": "credited", "mg": 0, "points": 0},
        "explanation": None,
        "caps": [],
        "points": None,
        "differences": [],
        "matches": True,
        "stored_mg": 0,
        "recomputed_mg": 0,
    }
    looks: list[tuple[int, str, str]] = []
    monkeypatch.setattr(look, "explain_result", lambda _platform, _result: explained)
    monkeypatch.setattr(look, "note_look", lambda *noted: looks.append(noted))
    shown = CliRunner().invoke(look.explain, ["1-1"]).output
    assert "".join(shown.split()).count("".join(FOREIGN.split())) == 4
    assert looks == [(7, "explanation", "")]


def test_text_that_cannot_be_encoded_does_not_break_a_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.show_json({"name": "b\udcff"})
    assert json.loads(capsys.readouterr().out) == {"name": "b?"}
