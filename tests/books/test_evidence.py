"""Evidence is whole or absent, whatever moment a process dies at; a changed byte is found."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tanhui.books import evidence
from tanhui.books.manifest import FileDigest
from tanhui.core.errors import Conflict, InputRefused


def staged_files(home: Path) -> Path:
    folder = evidence.stage(home)
    (folder / "results").mkdir()
    (folder / "results" / "0.parquet").write_bytes(b"results")
    (folder / "rejected.csv").write_bytes(b"")
    return folder


def entries(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "evidence").iterdir())


def test_sealing_moves_the_files_and_tells_their_digests(tmp_path: Path) -> None:
    staged = staged_files(tmp_path)
    files = evidence.seal(staged, "batch-1")
    assert files == [
        FileDigest("rejected.csv", hashlib.sha256(b"").hexdigest(), 0),
        FileDigest("results/0.parquet", hashlib.sha256(b"results").hexdigest(), 7),
    ]
    assert not staged.exists()
    assert evidence.locate(tmp_path, "batch-1") == tmp_path / "evidence" / "batch-1"
    assert evidence.verify(tmp_path, "batch-1", files) == []


def test_two_intakes_stage_apart(tmp_path: Path) -> None:
    assert evidence.stage(tmp_path) != evidence.stage(tmp_path)


def test_a_sealed_batch_is_never_sealed_again(tmp_path: Path) -> None:
    first = evidence.seal(staged_files(tmp_path), "batch-1")
    second = staged_files(tmp_path)
    with pytest.raises(Conflict):
        evidence.seal(second, "batch-1")
    assert second.exists()
    assert evidence.verify(tmp_path, "batch-1", first) == []


@pytest.mark.parametrize("public_id", ["", "../x", "a/b", "staging", "UPPER", "x" * 41, "ab\n"])
def test_an_id_that_could_leave_the_folder_is_refused(tmp_path: Path, public_id: str) -> None:
    with pytest.raises(InputRefused):
        evidence.seal(staged_files(tmp_path), public_id)
    assert entries(tmp_path) == ["staging"]


@pytest.mark.parametrize(
    ("damage", "file"),
    [
        (lambda folder: (folder / "rejected.csv").unlink(), "rejected.csv"),
        (lambda folder: (folder / "more.csv").write_bytes(b""), "more.csv"),
        (
            lambda folder: (
                (folder / "results" / "0.parquet").chmod(0o644),
                (folder / "results" / "0.parquet").write_bytes(b"resultz"),
            ),
            "results/0.parquet",
        ),
    ],
    ids=["missing", "added", "changed"],
)
def test_damage_is_found_by_name(tmp_path: Path, damage: object, file: str) -> None:
    files = evidence.seal(staged_files(tmp_path), "batch-1")
    assert callable(damage)
    damage(tmp_path / "evidence" / "batch-1")
    assert [problem.file for problem in evidence.verify(tmp_path, "batch-1", files)] == [file]


def test_a_lost_folder_misses_every_file(tmp_path: Path) -> None:
    files = [FileDigest("a.parquet", "0" * 64, 1), FileDigest("b.parquet", "0" * 64, 1)]
    problems = evidence.verify(tmp_path, "batch-1", files)
    assert [problem.file for problem in problems] == ["a.parquet", "b.parquet"]


def test_sweep_of_nothing(tmp_path: Path) -> None:
    assert evidence.sweep(tmp_path, set()) == []


def test_killed_while_staging(tmp_path: Path) -> None:
    staged = staged_files(tmp_path)
    assert evidence.sweep(tmp_path, set()) == [staged.name]
    assert entries(tmp_path) == ["staging"]


def test_killed_between_sealing_and_commit(tmp_path: Path) -> None:
    evidence.seal(staged_files(tmp_path), "batch-1")
    assert evidence.sweep(tmp_path, set()) == ["batch-1"]
    assert evidence.sweep(tmp_path, set()) == []
    assert entries(tmp_path) == ["staging"]


def test_killed_just_before_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = staged_files(tmp_path)

    def killed(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            evidence.seal(staged, "batch-1")
    assert not (tmp_path / "evidence" / "batch-1").exists()
    assert evidence.sweep(tmp_path, set()) == [staged.name]
    assert evidence.seal(staged_files(tmp_path), "batch-1")


def test_a_committed_batch_stays(tmp_path: Path) -> None:
    files = evidence.seal(staged_files(tmp_path), "batch-1")
    assert evidence.sweep(tmp_path, {"batch-1"}) == []
    assert evidence.verify(tmp_path, "batch-1", files) == []


def test_a_folder_the_database_forgot_stays(tmp_path: Path) -> None:
    """After a restore from an old backup, evidence of later batches is not garbage."""
    files = evidence.seal(staged_files(tmp_path), "batch-1")
    evidence.sweep(tmp_path, {"batch-1"})
    assert evidence.sweep(tmp_path, set()) == []
    assert evidence.verify(tmp_path, "batch-1", files) == []


def test_files_and_folders_reach_the_disk_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged = staged_files(tmp_path)
    acts: list[str] = []
    rename, fsync = Path.rename, os.fsync

    def seen_fsync(handle: int) -> None:
        acts.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def seen_rename(self: Path, target: Path) -> Path:
        acts.append("RENAME")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "rename", seen_rename)
    evidence.seal(staged, "batch-1")
    before, after = acts[: acts.index("RENAME")], acts[acts.index("RENAME") + 1 :]
    assert set(before) == {"rejected.csv", "0.parquet", "results", staged.name, "staging"}
    assert after == ["evidence"]


def test_what_a_living_process_opened_is_spared(tmp_path: Path) -> None:
    with evidence.opened(tmp_path) as mine:
        dead = mine.with_name("opened-4194305-x")
        dead.mkdir()
        assert evidence.sweep(tmp_path, set()) == [dead.name]
        assert mine.is_dir()
    assert not mine.exists()
