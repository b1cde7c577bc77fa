"""One random key per person, kept apart from the database, destroyed when the person asks.

    <folder>/<2 hex>.keys    records of 8 bytes (whose) and 32 bytes (the key), by the last byte

What is encrypted under a key, and the commitments made with it, stay where they are for ever; who
destroys the key takes the meaning out of them (PIPL article 47), and every proof stays valid.
A record is overwritten in place and waited for, so no dump of a database holds it. Copies of the
store need a short cycle of their own (design: trust).

A negative number stands for a batch: rows whose person could not be read.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

KEY_BYTES = 32
_NAME_BYTES = 8
_RECORD = np.dtype([("whose", ">i8"), ("key", f"V{KEY_BYTES}")])
_FILES = 256
_NOBODY = 0


@dataclass(frozen=True)
class KeyStore:
    """The keys below one folder; nobody but this class reads or writes there."""

    folder: Path
    _written: set[int] = field(default_factory=set, init=False, repr=False, compare=False)

    def find(self, whose: Iterable[int]) -> dict[int, bytes]:
        """The keys of those who have one; a destroyed key is not there."""
        found: dict[int, bytes] = {}
        for number, wanted in _by_file(whose):
            found |= _pick(self._read(number), wanted)
        return found

    def make(self, whose: Iterable[int], *, wait: bool = True) -> dict[int, bytes]:
        """The keys of all of them, new ones on disk before this returns.

        With `wait` False they are on disk after `sync`: what depends on them is not true before.
        """
        found: dict[int, bytes] = {}
        with self._alone():
            for number, wanted in _by_file(whose):
                known = _pick(self._read(number), wanted)
                missing = [each for each in wanted.tolist() if each not in known]
                found |= known | _as_keys(self._append(number, missing))
        if wait:
            self.sync()
        return found

    def words(self, whose: npt.NDArray[np.int64], *, make: bool = False) -> npt.NDArray[np.uint64]:
        """The first eight bytes of each one's key, in their order; 0 where there is none.

        For a million at once, without a dictionary; `make` makes what is missing, on disk first.
        """
        if make:
            with self._alone():
                found = self._words(whose, make=True)
            self.sync()
            return found
        return self._words(whose, make=False)

    def word(self, whose: int) -> int:
        """The first eight bytes of one's key, 0 without one; equal to `words` of it."""
        assert whose != _NOBODY, "0 stands for a destroyed key"
        data, name = self._bytes_of(whose % _FILES), whose.to_bytes(_NAME_BYTES, signed=True)
        at = data.find(name)
        while at % _RECORD.itemsize and at != -1:  # inside another's record
            at = data.find(name, at + 1)
        key = at + _NAME_BYTES
        return 0 if at == -1 else int.from_bytes(data[key : key + 8])

    def _words(self, whose: npt.NDArray[np.int64], *, make: bool) -> npt.NDArray[np.uint64]:
        assert _NOBODY not in whose, "0 stands for a destroyed key"
        found = np.zeros(len(whose), dtype=np.uint64)
        order = np.argsort(whose % _FILES, kind="stable")
        edges = np.searchsorted((whose % _FILES)[order], np.arange(_FILES + 1))
        for number in np.flatnonzero(np.diff(edges)).tolist():
            places = order[edges[number] : edges[number + 1]]
            wanted = whose[places]
            records = self._read(number)
            if make:
                missing = np.setdiff1d(wanted, records["whose"].astype(np.int64))
                records = np.concatenate([records, self._append(number, missing.tolist())])
            numbers = records["whose"].astype(np.int64)
            by_number = np.argsort(numbers, kind="stable")
            at = np.searchsorted(numbers, wanted, sorter=by_number)
            there = at < len(numbers)
            at = by_number[np.where(there, at, 0)] if len(numbers) else at
            there[there] = numbers[at[there]] == wanted[there]
            keys = np.ascontiguousarray(records["key"]).view(">u8").reshape(-1, KEY_BYTES // 8)
            found[places[there]] = keys[at[there], 0]
        return found

    def sync(self) -> None:
        """Wait until every key made here is on disk."""
        while self._written:
            with self._path(self._written.pop()).open("rb") as file:
                os.fsync(file.fileno())

    def destroy(self, whose: int) -> bool:
        """Overwrite a key where it stands and wait for the disk; False when there was none."""
        with self._alone():
            path = self._path(whose % _FILES)
            records = self._read(whose % _FILES)
            places = np.flatnonzero(records["whose"] == whose)
            if not places.size:
                return False
            with path.open("r+b") as file:
                for place in places.tolist():
                    file.seek(place * _RECORD.itemsize)
                    file.write(bytes(_RECORD.itemsize))
                file.flush()
                os.fsync(file.fileno())
            return True

    def copy_to(self, folder: Path) -> None:
        """Copy the files into a new folder, as they stand between two writes."""
        folder.mkdir(mode=0o700, parents=True)
        with self._alone():
            for number in range(_FILES):
                if self._path(number).is_file():
                    shutil.copy2(self._path(number), folder)

    def lost_since(self, earlier: KeyStore) -> list[int]:
        """Whose keys of an earlier copy were neither kept nor destroyed: there should be none.

        A destroyed key leaves an empty record where it stood, so nothing that is missing or
        changed passes for an erasure.
        """
        lost: list[int] = []
        for number in range(_FILES):
            then, now = earlier._read(number), self._read(number)
            common = min(len(then), len(now))
            is_other = (_bytes(then[:common]) != _bytes(now[:common])).any(axis=1)
            is_other &= _bytes(now[:common]).any(axis=1)
            mine = [*then["whose"][:common][is_other].tolist(), *then["whose"][common:].tolist()]
            lost += [whose for whose in mine if whose != _NOBODY]
        return lost

    def count(self) -> int:
        """How many keys there are."""
        return sum(
            int(np.count_nonzero(self._read(number)["whose"] != _NOBODY))
            for number in range(_FILES)
        )

    def _append(self, number: int, whose: list[int]) -> npt.NDArray[np.void]:
        """New keys at the end of a file, on disk after `sync`."""
        if not whose:
            return np.zeros(0, dtype=_RECORD)
        random = secrets.token_bytes(KEY_BYTES * len(whose))
        made = np.zeros(len(whose), dtype=_RECORD)
        made["whose"] = whose
        made["key"] = np.frombuffer(random, dtype=f"V{KEY_BYTES}")
        path = self._path(number)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.truncate(file.seek(size - size % _RECORD.itemsize))  # what a kill left half
            file.write(made.tobytes())
        self._written.add(number)
        return made

    def _read(self, number: int) -> npt.NDArray[np.void]:
        return np.frombuffer(self._bytes_of(number), dtype=_RECORD)

    def _bytes_of(self, number: int) -> bytes:
        """The whole records of a file; none when there is no file."""
        path = self._path(number)
        data = path.read_bytes() if path.is_file() else b""
        return data[: len(data) - len(data) % _RECORD.itemsize]

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:02x}.keys"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time writes; a killed one leaves no lock behind."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _bytes(records: npt.NDArray[np.void]) -> npt.NDArray[np.uint8]:
    """Records as rows of bytes."""
    return np.frombuffer(records.tobytes(), dtype=np.uint8).reshape(-1, _RECORD.itemsize)


def _by_file(whose: Iterable[int]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """The different numbers by the file they belong to."""
    wanted = np.unique(np.fromiter(whose, dtype=np.int64))
    assert _NOBODY not in wanted, "0 stands for a destroyed key"
    files = wanted % _FILES
    for number in np.unique(files).tolist():
        yield number, wanted[files == number]


def _pick(records: npt.NDArray[np.void], wanted: npt.NDArray[np.int64]) -> dict[int, bytes]:
    """The keys of the wanted ones, as a dictionary."""
    return _as_keys(records[np.isin(records["whose"].astype(np.int64), wanted)])


def _as_keys(records: npt.NDArray[np.void]) -> dict[int, bytes]:
    numbers = records["whose"].tolist()
    return {each: bytes(key) for each, key in zip(numbers, records["key"].tolist(), strict=True)}
