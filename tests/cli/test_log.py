"""`tanhui log`: publish, prove, check, rebuild, rotate, twin; refusals change nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import transaction
from tests.books.test_acts import an_act
from tests.books.translog.logs import a_key
from tests.web.test_verify_script import _run as verify_script

from tanhui.books.acts import record
from tanhui.books.translog import sm2
from tanhui.books.translog.notes import Cosigner, key_of
from tanhui.core.errors import NotFound, ProofFailed
from tanhui.domain.partners import services as partners
from tanhui.interfaces import home
from tanhui.interfaces import log as logs
from tanhui.interfaces.cli.log import log

MOMENT = datetime(2025, 6, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.TANHUI_HOME = tmp_path
    monkeypatch.setattr(home, "data_home", lambda: tmp_path)
    return tmp_path


def run(*arguments: str | Path) -> Any:
    words = [str(each) for each in (*arguments, "--json")]
    return json.loads(CliRunner().invoke(log, words, catch_exceptions=False).output)


def act(number: int) -> None:
    key = {"key": f"act/{number}"}
    with transaction.atomic():
        record(an_act(key=key["key"], request=key, at=MOMENT, public=key))


def test_an_entry_is_published_and_proven_to_a_stranger(tmp_path: Path) -> None:
    for number in range(3):
        act(number)
    assert run("publish")["2025"]["size"] == 3
    assert [entry["key"] for entry in run("show", "--last", "2")["entries"]] == ["act/1", "act/2"]
    found = run("prove", "1", "--out", tmp_path / "out")
    arguments = (found["proof"], "--entry", found["entry"], "--key", found["keys"][-1])
    assert verify_script(*arguments)[0] == 0
    assert run("check") == run("publish")


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no log of any year"):
        run("show")
    act(0)
    with pytest.raises(NotFound, match="has 1 entries, counted from 0"):
        run("prove", "1", "--out", tmp_path / "out")
    with pytest.raises(NotFound, match="There is no log of 1999"):
        run("show", "--year", "1999")


def test_lost_files_come_back_and_a_changed_one_is_found(own_home: Path) -> None:
    act(0)
    before = run("publish")
    tile = own_home / "log/2025/tile/0/000.p/1"
    good = tile.read_bytes()
    tile.write_bytes(bytes(32))
    with pytest.raises(ProofFailed):
        run("check")
    assert run("rebuild") == before
    assert tile.read_bytes() == good


def test_after_a_rotation_old_and_new_key_are_known(own_home: Path) -> None:
    act(0)
    old = run("publish")
    done = CliRunner().invoke(log, ["rotate", "--yes", "--json"], catch_exceptions=False)
    keys = json.loads(done.output)
    year = datetime.now(UTC).year
    assert run("keys")["keys"][str(year)] == [keys["old"], keys["new"]]
    entry = run("show", "--year", str(year))["entries"][-1]
    assert (entry["kind"], entry["old"], entry["new"]) == (
        logs.ROTATED,
        keys["old"],
        keys["new"],
    )
    (proof,) = (own_home / f"log/{year}").glob("key-2.tlog-proof")
    body = own_home / "entry.json"
    (body_text,) = [json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)]
    body.write_text(body_text, encoding="utf-8")
    assert verify_script(str(proof), "--entry", str(body), "--key", keys["old"])[0] == 0
    act(1)
    now = run("publish")
    assert now["2025"]["size"] == old["2025"]["size"] + 1
    found = run("prove", "1", "--year", "2025", "--out", own_home / "out")
    new_2025 = found["keys"][-1]
    assert verify_script(found["proof"], "--entry", found["entry"], "--key", new_2025)[0] == 0


@pytest.mark.skipif(not sm2.is_available(), reason="this OpenSSL has no SM2")
def test_the_twin_has_the_same_entries_and_its_root_is_logged() -> None:
    act(0)
    twin = run("twin")
    assert twin["2025"] | {"root": ""} == {"origin": "localhost/log/sm/2025", "size": 1, "root": ""}
    year = datetime.now(UTC).year
    entry = run("show", "--year", str(year))["entries"][-1]
    assert (entry["kind"], entry["root_sm3"]) == (logs.TWINNED, twin["2025"]["root"])
    checked = logs.sm_log().year(2025).check()
    assert checked is not None
    assert checked.root.hex() == twin["2025"]["root"]


def test_a_machine_without_sm_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2, "is_available", lambda: False)
    done = CliRunner().invoke(log, ["twin"])
    assert "the main log does not need it" in str(done.exception)


def test_a_rotation_killed_before_its_last_step_goes_on_with_the_same_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log already names the new key: losing it would end the log for good."""
    act(0)
    run("publish")
    keep = logs.keep_secret

    def killed(name: str, make: Any) -> bytes:
        if name == "log-2":
            raise KeyboardInterrupt
        return keep(name, make)

    monkeypatch.setattr(logs, "keep_secret", killed)
    with pytest.raises(KeyboardInterrupt):
        logs.rotate(actor="test")
    monkeypatch.setattr(logs, "keep_secret", keep)
    said = run("show", "--year", str(datetime.now(UTC).year))["entries"][-1]
    old, new = logs.rotate(actor="test")
    assert (said["old"], said["new"]) == (old, new)
    assert run("keys")["keys"][str(datetime.now(UTC).year)] == [old, new]


def test_without_a_log_the_keys_say_what_to_do() -> None:
    done = CliRunner().invoke(log, ["keys"], catch_exceptions=False)
    assert "还没有日志" in done.output
    assert run("keys") == {"keys": {}}


def test_a_witness_that_does_not_answer_is_told(settings: Any) -> None:
    """A wrong address is no success, even while no number of witnesses is asked for."""
    act(0)
    key = key_of(Cosigner("w.example/w", a_key("w"), 0))
    settings.TANHUI_WITNESSES = f"{key}@http://127.0.0.1:1/witness"
    settings.TANHUI_WITNESSES_MIN = 0
    done = CliRunner().invoke(log, ["witness", "--json"], catch_exceptions=False)
    assert done.exit_code == 1
    assert "w.example/w did not sign; check http://127.0.0.1:1/witness" in done.stderr
    settings.TANHUI_WITNESSES = ""
    done = CliRunner().invoke(log, ["witness"], catch_exceptions=False)
    assert (done.exit_code, "No witness is set" in done.stderr) == (0, True)


def test_names_of_the_demo_are_told_once_the_data_are_real(settings: Any) -> None:
    act(0)
    assert "TANHUI" not in CliRunner().invoke(log, ["publish"]).stderr
    partners.register("city-metro", name_zh="地铁", name_en="Metro")
    assert "TANHUI_LOG_NAME is still the demo's" in CliRunner().invoke(log, ["publish"]).stderr
    settings.TANHUI_LOG_NAME = "city.example/log"
    settings.TANHUI_WITNESS_LOGS = "x"
    assert logs.unnamed() == ["TANHUI_WITNESS_NAME"]
