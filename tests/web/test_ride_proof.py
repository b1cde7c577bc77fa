"""The auditor's path of one ride: the citizen downloads the proof, a stranger checks it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.web.asking import Caller
from tests.web.serving import Site
from tests.web.small_city import CITIZEN, MEMBER, STRANGER
from tests.web.test_verify_script import _run as verify_script

PROOF = "/api/v1/results/1-1/proof"


@pytest.fixture
def citizen(signed_in: Callable[[str], Caller]) -> Caller:
    return signed_in(CITIZEN)


def test_a_citizen_downloads_a_proof_that_a_stranger_checks(
    citizen: Caller, tmp_path: Path
) -> None:
    assert f'href="{PROOF}"' in citizen.get("/account/records/1-1").text
    answer = citizen.get(PROOF)
    assert answer.headers["content-disposition"] == 'attachment; filename="tanhui-proof-1-1.json"'
    held = tmp_path / "proof.json"
    held.write_bytes(answer.content)
    ((_, keys),) = citizen.get("/log/keys").json["keys"].items()
    code, text = verify_script(str(held), "--key", keys[-1])
    assert (code, text.splitlines()[0]) == (0, "成立 HOLDS")
    shown = citizen.get("/api/v1/results/1-1").json
    row = answer.json["row"]
    assert (row["id"], row["quantified"]) == ("1-1", str(shown["stored_mg"]))
    assert row["mg"] in text
    held.write_text(json.dumps(answer.json | {"row": row | {"mg": "999999999"}}))
    code, text = verify_script(str(held), "--key", keys[-1])
    assert (code, "DOES NOT HOLD" in text) == (1, True)


def test_nobody_else_gets_it(signed_in: Callable[[str], Caller], caller: Caller) -> None:
    assert caller.get(PROOF).status == 401
    for username in (STRANGER, MEMBER):
        answer = signed_in(username).get(PROOF)
        assert answer.status in {401, 404}
        assert "opening" not in answer.text


def test_the_operator_writes_the_same_proof(site: Site, citizen: Caller, tmp_path: Path) -> None:
    path = tmp_path / "ride.json"
    told = json.loads(site.command("evidence", "prove-ride", "1-1", "--out", str(path), "--json"))
    proof, own = json.loads(path.read_text()), citizen.get(PROOF).json
    assert (proof["opening"], proof["row"]) == (own["opening"], own["row"])
    code, _ = verify_script(str(path), "--key", told["keys"][-1])
    assert code == 0
