"""After a person has left, no byte of their clear data is anywhere: searched, file by file.

Database files (with the write-ahead log, after VACUUM and CHECKPOINT), evidence, public log, every
other file of the installation, and a copy of it all made before, without the keys, as a backup is
once the key store's own cycle has passed.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psycopg
import pytest
from tests.web.serving import Site, served
from tests.web.signed import a_request, signed_get
from tests.web.small_city import PARTNER, csv_text, ride

SECRET = "SZT9X7QERASEME"
REF = f"card:{SECRET}"
MALFORMED = f"{SECRET}-NOT-A-NUMBER"
CLEAR = (SECRET, "2024-10-26T07:13:37", "2024-10-26T07:51:49")
ROWS = [
    ride(81, 26, person=REF, started_at=CLEAR[1] + "+08:00", ended_at=CLEAR[2] + "+08:00"),
    ride(82, 27, person=REF, distance_km=MALFORMED),
    ride(83, 26, person="card:2"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(tmp_path_factory.mktemp("erasure-home")) as running:
        yield running


def forms(text: str) -> set[bytes]:
    """A text as it may lie in a file: plain, in hex, in base64 at each of three places."""
    raw = text.encode()
    coded = {base64.b64encode(b"\0" * gap + raw)[4 if gap else 0 : -4] for gap in range(3)}
    return {raw, text.encode("utf-16-le"), raw.hex().encode(), raw.hex().upper().encode(), *coded}


def found_in(folder: Path) -> list[str]:
    """Files below the folder in which any of the clear texts stands, parquet opened as well."""
    wanted = set().union(*(forms(text) for text in CLEAR))
    told = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data += pl.read_parquet(path).write_csv().encode()
        if any(each in data for each in wanted):
            told.append(path.relative_to(folder).as_posix())
    return told


def database_files(site: Site) -> Path:
    """The server's data folder, with everything written out and what is dead cleaned."""
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM")
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0])


def test_no_byte_of_the_person_is_left_in_clear(site: Site, tmp_path: Path) -> None:
    sent = a_request(site, csv_text(ROWS).encode(), name="october.csv").send(site)
    assert sent.json["counts"] == {"credited": 2, "rejected": 1}
    lines = f"/api/v1/partners/{PARTNER}/batches/{sent.json['batch']}/quarantine"
    assert MALFORMED in signed_get(site, lines).text  # until then the partner may read its row
    home = Path(site.environment["TANHUI_HOME"])
    copy = shutil.copytree(home, tmp_path / "copy", ignore=shutil.ignore_patterns("keys"))

    site.command("person", "erase", REF, "--confirm", "--json")

    assert found_in(home) == []
    assert found_in(copy) == []
    assert found_in(database_files(site)) == []
    assert MALFORMED not in signed_get(site, lines).text
    assert json.loads(site.command("prove", "--json"))["ok"] is True
    site.command("log", "check")


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """A search that finds nothing proves nothing unless it would have found it."""
    for number, each in enumerate(sorted(forms(SECRET))):
        (tmp_path / f"{number}").write_bytes(b"\1\2" + each + b"\3")
    pl.DataFrame({"line": [f"a,{REF},b"] * 100}).write_parquet(tmp_path / "x.parquet")
    assert len(found_in(tmp_path)) == len(forms(SECRET)) + 1
