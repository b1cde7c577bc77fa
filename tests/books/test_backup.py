"""Copies: what a manifest names is compared, half a backup is none, a load is all or nothing."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from tests.books.postings import a_total, post

from tanhui.books.backup import files, keys, tables
from tanhui.books.keystore import KeyStore
from tanhui.books.manifest import FileDigest
from tanhui.core.errors import Conflict, InputRefused, NotFound, ProofFailed


def a_backup(folder: Path, name: str = "one") -> list[FileDigest]:
    with files.making(folder, name) as staged:
        (staged / "part").write_bytes(b"content")
        digest = files.digest_of(staged / "part", f"{name}/part")
        files.write_manifest(staged, {"files": [vars(digest)]})
    return [digest]


def test_a_backup_that_was_not_finished_is_none(tmp_path: Path) -> None:
    def killed() -> None:
        with files.making(tmp_path, "one") as staged:
            files.write_manifest(staged, {"files": []})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert files.names(tmp_path) == []
    with pytest.raises(NotFound, match="There is no backup"):
        files.choose(tmp_path, None)
    a_backup(tmp_path, "two")
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["two"]


def test_every_flipped_byte_of_a_backup_is_found(tmp_path: Path) -> None:
    named = a_backup(tmp_path)
    for path in files.files_below(tmp_path):
        good = path.read_bytes()
        for at in range(len(good)):
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
            with pytest.raises(InputRefused, match="is not whole"):
                files.check(tmp_path, [FileDigest(**each) for each in _manifest(tmp_path)])
        path.write_bytes(good)
    assert files.check(tmp_path, named) == 1


def _manifest(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = files.read_manifest(folder / "one")["files"]
    return found


def test_a_manifest_cannot_name_what_lies_outside(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    outside = files.digest_of(tmp_path / "secret", "../secret")
    (tmp_path / "backup").mkdir()
    with pytest.raises(InputRefused, match="outside"):
        files.check(tmp_path / "backup", [outside])


@pytest.mark.django_db
def test_a_fingerprint_is_of_the_rows_and_not_of_their_order(tmp_path: Path) -> None:
    post([a_total(mg=700_000)])
    with tables.snapshot():
        before = tables.dump(tmp_path / "tables")
    assert tables.differing(before) == []
    assert json.loads(json.dumps(before.as_json())) == before.as_json()
    assert tables.Tables.from_json(before.as_json()) == before
    rows = gzip.decompress((tmp_path / "tables/books_balance.copy.gz").read_bytes())
    assert rows.count(b"\n") == next(t.rows for t in before.tables if t.name == "books_balance")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE books_balance SET held = held")  # rows move, nothing changes
        assert tables.differing(before) == []
        cursor.execute("UPDATE books_balance SET credits = credits + 1")
    assert tables.differing(before) == ["books_balance"]


@pytest.mark.django_db
def test_a_filled_database_is_never_loaded_into(tmp_path: Path) -> None:
    post([a_total(mg=700_000)])
    with tables.snapshot():
        said = tables.dump(tmp_path / "tables")
    with pytest.raises(Conflict, match="already has rows"):
        tables.load(tmp_path / "tables", said)


@pytest.mark.django_db
def test_a_load_that_differs_leaves_the_database_empty(tmp_path: Path) -> None:
    with tables.snapshot():
        said = tables.dump(tmp_path / "tables")
    wrong = [replace(each, rows=each.rows + 1) for each in said.tables]
    with pytest.raises(ProofFailed, match="left empty"):
        tables.load(tmp_path / "tables", replace(said, tables=wrong))
    tables.load(tmp_path / "tables", said)


def test_lost_keys_do_not_overwrite_the_last_copy(tmp_path: Path) -> None:
    home, vault = tmp_path / "keys", tmp_path / "vault"
    store = KeyStore(home / "people")
    made = store.make([1, 2, 3])
    (home / "identity.key").write_bytes(b"i" * 32)
    assert keys.back_up_keys(home, vault, "1") == 4
    store.destroy(2)
    keys.back_up_keys(home, vault, "2")
    assert files.names(vault) == ["2"]
    everything = b"".join(path.read_bytes() for path in vault.rglob("*") if path.is_file())
    assert made[1] in everything
    assert made[2] not in everything, "who left is gone from the copy too"
    (home / "people/01.keys").unlink()
    with pytest.raises(ProofFailed, match="lost 1 keys"):
        keys.back_up_keys(home, vault, "3")
    assert keys.read_keys(vault) == vault / "2"
    keys.restore_keys(vault / "2", tmp_path / "new")
    assert KeyStore(tmp_path / "new/people").find([1, 2, 3]).keys() == {1, 3}
    assert {path.stat().st_mode & 0o777 for path in files.files_below(tmp_path / "new")} == {0o600}
    keys.require_keys(tmp_path / "new", keys.fingerprints(home))
