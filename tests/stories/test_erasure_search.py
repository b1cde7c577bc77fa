"""After a person has left, no byte of their clear data is anywhere: searched, file by file.

Database files (with dead rows and the write-ahead log), evidence, public log, the server's own
log, every other file of the installation, and the backups made before: of the data as they are, of
the keys after the next `tanhui backup keys`. Every key that is left anywhere is tried on every
sealed piece, and the old backup is restored: nothing leads to the person there either. What was
proven before stays provable.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.stories.machine import Machine
from tests.stories.searching import forms, found_in
from tests.web.asking import Caller
from tests.web.serving import PROJECT, Site, own_database, served
from tests.web.signed import a_request, signed_get
from tests.web.small_city import PARTNER, csv_text, ride
from tests.web.test_verify_script import _run as verify_script

from tanhui.books.keystore import KEY_BYTES, KeyStore
from tanhui.books.sealing import SEALERS, Sealer
from tanhui.core.errors import ProofFailed
from tanhui.domain.citizens.links import _names
from tanhui.domain.citizens.references import LOG_IN, digest_of, log_in_digest

SECRET = "SZT9X7QERASEME"
REF = f"card:{SECRET}"
NAME = "王小明-13871234567"
MALFORMED = f"{SECRET}-NOT-A-NUMBER"
CLEAR = (SECRET, NAME, "2024-10-26T07:13:37", "2024-10-26T07:51:49", "0017.317")
WANTED = set().union(*(forms(text) for text in CLEAR))
ROWS = [
    ride(
        81,
        26,
        person=REF,
        distance_km=CLEAR[4],
        started_at=CLEAR[2] + "+08:00",
        ended_at=CLEAR[3] + "+08:00",
    ),
    ride(82, 27, person=REF, distance_km=MALFORMED),
    ride(83, 26, person="card:2"),
]


@dataclass(frozen=True)
class Left:
    """What stands after the person has left: the installation and every copy of it."""

    site: Site
    batch: int
    home: Path
    copy: Path  # of the folder without the keys, made before
    data: Path  # `tanhui backup`, made before
    vault: Path  # `tanhui backup keys`, made before and again after
    proofs: dict[str, Path]  # of one ride each, made before
    keys: set[bytes]  # the person's, all destroyed


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder = tmp_path_factory.mktemp("erasure")
    with served(folder / "home") as site:
        sent = a_request(site, csv_text(ROWS).encode(), name="october.csv").send(site)
        assert sent.json["counts"] == {"credited": 2, "rejected": 1}
        _use_the_log_in(site)
        batch, home = sent.json["batch"], Path(site.environment["TANHUI_HOME"])
        proofs = {}
        for row in (1, 3):
            proofs[f"{batch}-{row}"] = folder / f"ride-{row}.json"
            site.command("evidence", "prove-ride", f"{batch}-{row}", "--out",
                         str(folder / f"ride-{row}.json"))  # fmt: skip
        lines = f"/api/v1/partners/{PARTNER}/batches/{batch}/quarantine"
        assert MALFORMED in signed_get(site, lines).text  # until then the partner may read its row
        copy = shutil.copytree(home, folder / "copy", ignore=shutil.ignore_patterns("keys"))
        site.command("backup", str(folder / "data"))
        site.command("backup", "keys", str(folder / "vault"))
        keys = _keys_of_the_person(site, home)
        assert found_in(folder / "vault", keys), "the copy of the keys could open everything"

        site.command("person", "erase", REF, "--confirm")
        site.command("backup", "keys", str(folder / "vault"))

        assert MALFORMED not in signed_get(site, lines).text
        yield Left(site, batch, home, copy, folder / "data", folder / "vault", proofs, keys)


def _use_the_log_in(site: Site) -> None:
    """Made at the counter, used once rightly and once wrongly, so that logs and sessions see it."""
    made = json.loads(site.command("person", "log-in", REF, NAME, "--json"))
    for password, status in (("wrong", 422), (made["password"], 302)):
        caller = Caller(site.url)
        form = {"username": NAME, "password": password}
        assert caller.post_form("/sign-in", form, page="/sign-in").status == status
    assert caller.get("/account").status == 200


def _keys_of_the_person(site: Site, home: Path) -> set[bytes]:
    """The key of the data and those of both links, as they are before the erasure."""
    number = int(json.loads(site.command("account", REF, "--json"))["person"])
    secret = (home / "keys/identity.key").read_bytes()
    digests = [digest_of(REF, key=secret), log_in_digest(NAME, key=secret)]
    names = _names(np.array(digests, dtype="S32")).tolist()
    found = KeyStore(home / "keys/links").find(names) | KeyStore(home / "keys/people").find(
        [number]
    )
    assert len(found) == 3, LOG_IN
    return set(found.values())


def database_files(address: str) -> Path:
    """The server's data folder with everything written out; nothing cleaned beforehand."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0])


def test_no_byte_of_the_person_is_left_in_clear(left: Left) -> None:
    for folder in (left.home, left.copy, left.data, left.vault):
        assert found_in(folder, WANTED) == []
    assert found_in(database_files(left.site.environment["DATABASE_URL"]), WANTED) == []


def test_no_key_of_the_person_is_left(left: Left) -> None:
    for folder in (left.home, left.copy, left.data, left.vault):
        assert found_in(folder, left.keys) == []


def test_no_key_that_is_left_opens_a_line_of_the_person(left: Left) -> None:
    held = _every_key(left.home / "keys") | _every_key(left.vault)
    opened = b"\n".join(
        text for path in left.data.glob("evidence/*/source.sealed") for text in _opened(path, held)
    )
    assert b"card:2" in opened, "the keys of others open their lines, in the same backup"
    assert not [each for each in WANTED if each in opened]


def test_the_books_and_every_proof_of_before_hold(left: Left) -> None:
    assert json.loads(left.site.command("prove", "--json"))["ok"] is True
    left.site.command("log", "check")
    left.site.command("evidence", "verify", str(left.batch))
    ((_, keys),) = json.loads(left.site.command("log", "keys", "--json"))["keys"].items()
    for path in left.proofs.values():
        code, text = verify_script(str(path), "--key", keys[-1])
        assert (code, text.splitlines()[0]) == (0, "成立 HOLDS")


def test_the_old_backup_restored_shows_nothing_of_the_person(left: Left, tmp_path: Path) -> None:
    with own_database(f"test_erased_{os.getpid()}") as database:
        old = Machine(tmp_path / "home", database, PROJECT / "library")
        assert old.do("restore", left.data, "--keys", left.vault)["ok"]
        code, answer = old.ask("account", REF)
        assert (code, answer["error"]) == (1, "account.unknown")
        assert old.do("account", "card:2")["person"]
        assert old.do("prove")["ok"]
        assert found_in(old.home, WANTED | left.keys) == []
        assert found_in(database_files(database), WANTED | left.keys) == []
        found = old.rows(f"SELECT count(*) FROM citizens_identity WHERE scheme = '{LOG_IN}'")
        assert found == [(3,)], "the digest of the log-in is there, and leads to nobody"


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing proves nothing unless it would have found it."""
    for number, each in enumerate(sorted(WANTED)):
        (tmp_path / f"{number}").write_bytes(b"\1\2" + each + b"\3")
    secret = SECRET.encode()
    pq.write_table(pa.table({"line": [b"a," + secret] * 100}), tmp_path / "x.sealed")
    (tmp_path / "x.copy.gz").write_bytes(gzip.compress(b"1\t\\\\x" + secret.hex().encode()))
    with pa.output_stream(tmp_path / "x.zst", compression="zstd") as packed:
        packed.write(secret * 100)
    assert len(found_in(tmp_path, WANTED)) == len(WANTED) + 3


def _every_key(folder: Path) -> set[bytes]:
    """Every 32 bytes that are a key: secrets, and each record of each store."""
    found = {path.read_bytes() for path in folder.rglob("*.key")}
    for path in folder.rglob("*.keys"):
        data, record = path.read_bytes(), 8 + KEY_BYTES
        found |= {data[at + 8 : at + record] for at in range(0, len(data), record)}
    return {key for key in found if len(key) == KEY_BYTES and any(key)}


def _opened(path: Path, keys: set[bytes]) -> Iterator[bytes]:
    """What any of the keys opens in a sealed file."""
    how = SEALERS[pq.read_schema(path).metadata[b"tanhui.seal"].decode()]
    with pq.ParquetFile(path) as kept:
        for block in range(kept.num_row_groups):
            for sealed in kept.read_row_group(block, ["sealed"])["sealed"].to_pylist():
                for batch in range(1, 10):
                    yield from _tries(how, keys, sealed, b"source %d %d" % (batch, block))


def _tries(how: Sealer, keys: set[bytes], sealed: bytes, context: bytes) -> Iterator[bytes]:
    for key in keys:
        try:
            yield how.open(key, sealed, context)
        except ProofFailed:
            continue
