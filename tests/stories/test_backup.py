"""A machine burns down: what was backed up stands on an empty one, to the last milligram.

A small city posts, issues and retires, is backed up, goes on, is backed up again. Then new
machines: the second backup gives back everything, the first one beside the newer log signs
nothing, a torn one is refused before a folder is made.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.stories.machine import BALANCES, BLOCKS, BODY, Machine
from tests.web.serving import PROJECT, own_database, run
from tests.web.small_city import ride

from tanhui.books.keystore import KeyStore


@dataclass(frozen=True)
class Burnt:
    """The city as it was, and what it left behind."""

    city: Machine
    data: Path
    keys: Path
    names: tuple[str, str]
    states: tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library, with units of a kilogram."""
    library = tmp_path_factory.mktemp("library") / "library"
    shutil.copytree(PROJECT / "library", library)
    rules = library / "rulesets" / "100000.yaml"
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("value: 1000000000\n", "value: 1000000\n"), encoding="utf-8")
    return library


@pytest.fixture(scope="module")
def burnt(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Burnt]:
    folder = tmp_path_factory.mktemp("city")
    with own_database(f"test_backup_{os.getpid()}") as database:
        city = Machine(folder / "home", database, library)
        public = base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
        run(["-m", "tests.web.small_city", public.decode()], city.environment)
        city.do("organisation", "add", *BODY)
        city.do("units", "issue", "T-1", "3", "--from", "1-4", "--owner", city.owner)
        city.do(
            "units",
            "retire",
            "1",
            "--owner",
            city.owner,
            "--for",
            "某某会议",
            "--purpose",
            "会议碳中和",
        )
        first = city.do("backup", folder / "backup")["name"], city.state
        city.take_in("more.csv", [ride(21, 20), ride(22, 21, person="card:3")])
        city.do(
            "units", "retire", "1", "--owner", city.owner, "--for", "另一人", "--purpose", "出行"
        )
        people = KeyStore(city.home / "keys" / "people")
        people.make([1, 2, 3])
        city.do("backup", "keys", folder / "vault")
        people.destroy(2)
        city.do("backup", "keys", folder / "vault")
        second = city.do("backup", folder / "backup")["name"], city.state
        yield Burnt(
            city, folder / "backup", folder / "vault", (first[0], second[0]), (first[1], second[1])
        )


@pytest.fixture
def empty(library: Path, tmp_path: Path) -> Iterator[Machine]:
    with own_database(f"test_restore_{os.getpid()}") as database:
        yield Machine(tmp_path / "home", database, library)


def test_an_empty_machine_becomes_the_one_that_burnt(burnt: Burnt, empty: Machine) -> None:
    answer = empty.do("restore", burnt.data, "--keys", burnt.keys)
    assert (answer["backup"], answer["ok"]) == (burnt.names[1], True)
    assert empty.state == burnt.states[1]
    assert empty.rows(BALANCES), "there is something to compare"
    assert KeyStore(empty.home / "keys/people").find([1, 2, 3]).keys() == {1, 3}
    _life_goes_on(empty)
    code, again = empty.ask("restore", burnt.data, "--keys", burnt.keys)
    assert (code, again["error"]) == (1, "restore.not_empty")


def _life_goes_on(machine: Machine) -> None:
    """New acts get new numbers, and the log grows from the checkpoint that was restored."""
    before = machine.checkpoints
    machine.take_in("after.csv", [ride(31, 25)])
    assert machine.checkpoints == before, "nothing is signed before somebody has compared"
    why = ("--nothing-newer", "--why", "the only mirror burnt with it")
    assert machine.do("log", "resume", *why)["compared"] == []
    machine.do(
        "units", "retire", "1", "--owner", machine.owner, "--for", "某人", "--purpose", "出行"
    )
    machine.do("log", "check")
    assert machine.do("prove")["ok"]
    assert machine.checkpoints != before


def test_an_old_backup_signs_nothing_until_it_was_compared(
    burnt: Burnt, empty: Machine, tmp_path: Path
) -> None:
    """Nobody put the newer log in place: without the mark this would be a second history."""
    empty.do("restore", burnt.data, "--at", burnt.names[0], "--keys", burnt.keys)
    published = empty.checkpoints
    empty.take_in("new.csv", [ride(41, 20)])
    code, answer = empty.ask("log", "publish")
    assert (code, answer["error"]) == (1, "log.restored")
    assert "log resume" in answer["zh"]
    assert "log resume" in answer["en"]
    ((year, newer),) = burnt.city.checkpoints.items()
    foreign = tmp_path / "foreign"
    foreign.write_text(newer.replace(f"/{year}\n", f"-of-others/{year}\n", 1))
    for given, error in (
        ([], "log.resume_uncompared"),
        (["--checkpoint", tmp_path / "none"], "log.checkpoint.unreadable"),
        (["--checkpoint", foreign], "log.checkpoint.foreign"),
        (["--checkpoint", burnt.city.home / f"log/{year}/checkpoint"], "log.restored_older"),
    ):
        code, answer = empty.ask("log", "resume", *given)
        assert (code, answer["error"]) == (1, error)
        assert empty.ask("log", "publish")[1]["error"] == "log.restored"
        assert empty.checkpoints == published


def test_the_newest_backup_goes_on_after_a_mirror_was_compared(
    burnt: Burnt, empty: Machine
) -> None:
    empty.do("restore", burnt.data, "--keys", burnt.keys)
    published = empty.checkpoints
    empty.take_in("new.csv", [ride(41, 20)])
    ((year, _),) = published.items()
    mirrors = [burnt.data / burnt.names[at] / f"log/{year}/checkpoint" for at in (0, 1)]
    done = empty.do("log", "resume", "--checkpoint", mirrors[0], "--checkpoint", mirrors[1])
    assert [line.split()[0].rpartition("/")[2] for line in done["compared"]] == [year, year]
    assert empty.checkpoints != published
    empty.do("log", "check")
    assert empty.do("prove")["ok"]
    entry = empty.do("log", "show", "--last", "1")["entries"][0]
    assert (entry["kind"], entry["compared"]) == ("books.log.resumed", done["compared"])
    assert empty.ask("log", "resume")[1]["error"] == "log.not_restored"


def test_an_old_backup_beside_the_newer_log_signs_nothing(burnt: Burnt, empty: Machine) -> None:
    shutil.copytree(burnt.city.home / "log", empty.home / "log")
    published = empty.checkpoints
    asked = ("restore", burnt.data, "--at", burnt.names[0], "--keys", burnt.keys)
    code, answer = empty.ask(*asked)
    assert (code, answer["error"]) == (1, "restore.older_than_log")
    assert "docs/backup.md" in answer["en"]
    told = empty.state
    assert {name: told[name] for name in (BALANCES, BLOCKS, "account", "units")} == {
        name: burnt.states[0][name] for name in (BALANCES, BLOCKS, "account", "units")
    }, "the data are back"
    for command, error in (
        (("log", "publish"), "log.rewritten"),
        (("log", "rebuild"), "log.rewritten"),
        (("log", "check"), "log.database_differs"),
    ):
        code, answer = empty.ask(*command)
        assert (code, answer["error"]) == (1, error)
    for number in range(3):  # until the database has as many entries as were published
        empty.take_in(f"new-{number}.csv", [ride(41 + number, 20 + number)])
    assert empty.ask("log", "publish")[1]["error"] == "log.restored"
    why = ("--nothing-newer", "--why", "a mistake")
    assert empty.ask("log", "resume", *why)[1]["error"] == "log.database_differs"
    with psycopg.connect(empty.database) as connection:  # without the mark it is refused as well
        connection.execute(
            "UPDATE books_restored SET resumed_id = (SELECT max(id) FROM books_journal)"
        )
    assert empty.ask("log", "publish")[1]["error"] == "log.rewritten"
    assert empty.checkpoints == published
    code, answer = empty.ask("prove")
    assert [each["name_en"] for each in answer["proofs"] if not each["ok"]] == [
        "log entries in the database equal the published log, byte by byte"
    ]


def test_without_its_keys_nothing_is_restored(burnt: Burnt, empty: Machine) -> None:
    code, answer = empty.ask("restore", burnt.data)
    assert (code, answer["error"]) == (1, "restore.keys_missing")
    assert set(answer["values"]["keys"]) >= {"identity", "log", "registry"}
    assert empty.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


@pytest.mark.parametrize(
    "tear",
    [
        lambda folder: _flip(next(folder.glob("evidence/*/*.parquet"))),
        lambda folder: _flip(next(folder.glob("*Z/tables/books_transfer.copy.gz"))),
        lambda folder: _flip(next(folder.glob("*Z/manifest.json"))),
        lambda folder: _flip(next(folder.glob("*Z/log/*/checkpoint"))),
        lambda folder: next(folder.glob("*Z/tables/books_balance.copy.gz")).unlink(),
        lambda folder: next(
            path for path in folder.glob("log/*/tile/**/*") if path.is_file()
        ).unlink(),
        lambda folder: next(folder.glob("*Z/manifest.sha256")).unlink(),
    ],
)
def test_a_torn_backup_is_refused_before_anything_changes(
    burnt: Burnt, empty: Machine, tmp_path: Path, tear: Any
) -> None:
    torn = tmp_path / "torn"
    shutil.copytree(burnt.data, torn)
    shutil.rmtree(torn / burnt.names[0])
    tear(torn)
    code, answer = empty.ask("restore", torn, "--keys", burnt.keys)
    assert (code, answer["error"]) == (1, "backup.torn")
    assert not empty.home.exists()
    assert empty.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def test_both_backups_are_whole_and_hold_no_secret(burnt: Burnt) -> None:
    for name in burnt.names:
        assert burnt.city.do("backup", "check", burnt.data, "--at", name)["name"] == name
    secrets = [path.read_bytes() for path in burnt.city.home.glob("keys/*.key")]
    secrets += KeyStore(burnt.city.home / "keys/people").find([1, 3]).values()
    for path in burnt.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret in data or secret.hex().encode() in data for secret in secrets)


def test_keys_have_one_copy_and_stay_away_from_the_data(burnt: Burnt) -> None:
    assert len(list(burnt.keys.glob("*Z"))) == 1, "the copy before was destroyed"
    code, answer = burnt.city.ask("backup", "keys", burnt.data)
    assert (code, answer["error"]) == (1, "backup.keys_beside_data")
    code, answer = burnt.city.ask("backup", burnt.keys)
    assert (code, answer["error"]) == (1, "backup.keys_beside_data")


def test_a_wrong_file_of_evidence_is_told_and_the_rest_backed_up(
    burnt: Burnt, tmp_path: Path
) -> None:
    changed = next(burnt.city.home.glob("evidence/*/results.parquet"))
    good = changed.read_bytes()
    _flip(changed)
    try:
        code, answer = burnt.city.ask("backup", tmp_path / "other")
    finally:
        changed.write_bytes(good)
    assert code == 1
    assert [each.partition(": ")[2] for each in answer["problems"]] == [
        "results.parquet: missing or changed"
    ]
    assert burnt.city.do("backup", "check", tmp_path / "other")["files"] == answer["files"]
