"""The auditor's script (audit.py): a log against its past, and a certificate down to a ride.

Run as a stranger runs it, beside verify.py, on a folder with a log's files.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.books.translog.logs import SIGNER, a_key, a_log, entries
from tests.web.test_verify_script import KEY, SCRIPT, a_ride_proof

from tanhui.books.credentials import multikey, sign
from tanhui.books.translog.folder import LogFolder
from tanhui.core.canonical import canonical_json

AUDIT = SCRIPT.with_name("audit.py")
ISSUER = a_key("registry")


def audit(*arguments: object) -> tuple[int, str]:
    words = [str(each) for each in arguments]
    command = [sys.executable, "-S", str(AUDIT), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def log(tmp_path: Path) -> LogFolder:
    found = a_log(tmp_path / "log")
    found.publish(entries, 300, SIGNER)
    return found


def test_it_is_short_and_needs_verify_alone() -> None:
    text = AUDIT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    imported = {line.split()[1] for line in text.splitlines() if line.startswith("import ")}
    assert {name.split(".")[0] for name in imported} - {"verify"} <= sys.stdlib_module_names


@pytest.mark.parametrize("size", [300, 301, 511, 513])
def test_a_log_that_only_grew_holds(log: LogFolder, tmp_path: Path, size: int) -> None:
    saved = tmp_path / "saved"
    saved.write_text(log.note() or "")
    log.publish(entries, size, SIGNER)
    code, text = audit("consistency", saved, log.folder, "--key", KEY)
    assert (code, text.splitlines()[0]) == (0, "成立 HOLDS")
    assert f"300 → {size}" in text


def test_another_history_is_told_whoever_signed_it(log: LogFolder, tmp_path: Path) -> None:
    """One entry differs, everything is signed: only the comparison shows it."""
    other = a_log(tmp_path / "other")
    changed = [*entries(0, 6), b'{"changed":1}', *entries(7, 301)]
    other.publish(lambda first, end: changed[first:end], 301, SIGNER)
    code, text = audit("consistency", log.folder, other.folder, "--key", KEY)
    assert code == 1
    assert "two histories" in text


def test_a_changed_byte_of_the_copy_is_found(log: LogFolder) -> None:
    tile = log.folder / "tile/entries/000"
    data = bytearray(tile.read_bytes())
    data[100] ^= 1
    tile.chmod(0o644)
    tile.write_bytes(data)
    code, text = audit("consistency", log.folder, log.folder, "--key", KEY)
    assert (code, "do not fit its checkpoint" in text) == (1, True)


def test_what_cannot_be_compared_says_why(log: LogFolder, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.write_text(log.note() or "")
    smaller = a_log(tmp_path / "smaller")
    smaller.publish(entries, 5, SIGNER)
    for files, told in (
        ([saved, smaller.folder], "give the newer one last"),
        ([saved, tmp_path / "nothing"], "give the folder or address"),
        ([saved], "consistency OLD LOG"),
    ):
        code, text = audit("consistency", *files, "--key", KEY)
        assert (code, told in text) == (2, True), text
    assert audit("consistency", saved, log.folder)[0] == 2


def a_certificate(**changes: str) -> dict[str, Any]:
    said = {"units": "2", "mass_mg": "2000", "serials": "3-4", "asset": "unit:t"}
    said |= {"purpose": "p", "beneficiary": "b", "act": "9"} | changes
    narrative = "\n".join(f"{name}={value}" for name, value in said.items())
    subject = {"achievement": {"criteria": {"narrative": narrative}}}
    document = {"@context": ["x"], "id": "c", "issuer": "i", "credentialSubject": subject}
    return sign(document, ISSUER, method="m", created=datetime(2026, 1, 1, tzinfo=UTC))


class Trail:
    """A log with a ride's batch, the issue from it and the retirement; and their files."""

    def __init__(self, folder: Path, **issue: Any) -> None:
        self.folder = folder
        ride = a_ride_proof(folder / "first")
        batch = json.loads(ride["entry"]) | {"digest": "d1"}
        ride["entry"] = canonical_json(batch).decode()
        common = {"asset": "unit:t", "unit_mg": "1000"}
        issued = {"kind": "registry.units.issued", "act": "8", "batch": "B", "units": 20}
        issued |= {"serials": ["1-20"], "from": ["1:d1"]} | common | issue
        retired = {"kind": "registry.units.retired", "act": "9", "units": 2, "serials": ["3-4"]}
        retired |= {"beneficiary": "b", "purpose": "p"} | common
        self.acts = [batch, issued, retired]
        self.ride = ride

    def write(self, certificate: dict[str, Any], *more: dict[str, Any]) -> list[Path]:
        """The credential, the ride's proof and the folder of the log."""
        bodies = [canonical_json(act) for act in [*self.acts, *more]]
        log = a_log(self.folder / "log")
        log.publish(lambda first, end: bodies[first:end], len(bodies), SIGNER)
        ride = self.ride | {"log_proof": log.proof(0)}
        files = [self.folder / "credential.json", self.folder / "ride.json"]
        for file, value in zip(files, (certificate, ride), strict=True):
            file.write_text(json.dumps(value), encoding="utf-8")
        return [*files, log.folder]

    def told(self, certificate: dict[str, Any], *more: dict[str, Any]) -> tuple[int, str]:
        """What audit.py says of them."""
        return audit(
            "links", *self.write(certificate, *more), "--key", KEY, "--key", multikey(ISSUER)
        )


def a_pool_trail(folder: Path) -> Trail:
    """The same as matters write it: issued by a pool, retired by a use."""
    trail = Trail(folder)
    _, issued, retired = trail.acts
    for name in ("batch", "from"):
        del issued[name]
    issued |= {"kind": "registry.pool.issue", "matter": "L-1", "serials": "1-20"}
    issued |= {"slices": ["7:2024-10:d7", "1:2024-10:d1"]}
    retired |= {"kind": "registry.use.retire", "matter": "U-1"}
    return trail


def test_a_ride_is_followed_from_the_certificate(tmp_path: Path) -> None:
    code, text = Trail(tmp_path).told(a_certificate())
    assert code == 0, text
    for line in ("retirement: act 9, 3-4", "issue: B", "batch of the record: 1", "392000 mg"):
        assert line in text


def test_a_pool_used_through_the_register_is_followed_too(tmp_path: Path) -> None:
    """The acts of a matter name kind, serials and batches in their own way."""
    code, text = a_pool_trail(tmp_path).told(a_certificate())
    assert code == 0, text
    for line in ("retirement: act 9, 3-4", "issue: L-1", "batch of the record: 1"):
        assert line in text


def test_a_pool_of_too_many_batches_to_name_accuses_nobody(tmp_path: Path) -> None:
    trail = a_pool_trail(tmp_path)
    del trail.acts[1]["slices"]
    trail.acts[1]["slices_sha256"] = "00"
    code, text = trail.told(a_certificate())
    assert (code, "too many batches" in text) == (2, True), text


def test_units_of_a_project_came_from_no_ride(tmp_path: Path) -> None:
    trail = Trail(tmp_path)
    del trail.acts[1]["from"]
    code, text = trail.told(a_certificate())
    assert (code, "were not issued from batch 1" in text) == (1, True), text


BROKEN = pytest.mark.parametrize(
    ("issue", "certificate", "told"),
    [
        ({"from": ["2:d1"]}, {}, "these units were not issued from batch 1"),
        ({"from": ["1:d2"]}, {}, "these units were not issued from batch 1"),
        ({"serials": ["1-3"]}, {}, "the issue of these units is not in the LOGs"),
        ({}, {"units": "3"}, "the certificate says other"),
        ({}, {"serials": "3-5"}, "the certificate says other"),
        ({}, {"mass_mg": "3000"}, "the certificate says other"),
        ({}, {"act": "7"}, "act 7 is not in the LOGs"),
    ],
)


@BROKEN
def test_a_broken_link_is_named(
    tmp_path: Path, issue: dict[str, Any], certificate: dict[str, str], told: str
) -> None:
    code, text = Trail(tmp_path, **issue).told(a_certificate(**certificate))
    assert (code, told in text) == (1, True), text


def test_units_retired_twice_are_told(tmp_path: Path) -> None:
    trail = Trail(tmp_path)
    again = trail.acts[2] | {"act": "11", "serials": ["4-4"], "units": 1}
    code, text = trail.told(a_certificate(), again)
    assert (code, "retired twice" in text) == (1, True)
