"""From the database to the files of the log: place what is waiting, publish each year's log.

Runs after an act, and again whenever somebody asks: what a killed run left undone, the next one
does. The files are derived; `rebuild` writes them again from the database and refuses to sign
another history than the one published before.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from . import places
from .checkpoint import Checkpoint, parse
from .folder import CHECKPOINT_FILE, TILES, Entries, LogFolder
from .notes import Signer, VerifierKey, key_of, split
from .restored import require_resumed
from .tree import Hash, sha256


@dataclass(frozen=True)
class PublicLog:
    """All years of one log. `name` is what origins begin with; `signer` makes a year's signer.

    `earlier` gives the keys that signed a year's log before the present one.
    """

    folder: Path
    name: str
    signer: Callable[[str], Signer]
    earlier: Callable[[str], list[VerifierKey]] = lambda origin: []
    hash_of: Hash = sha256

    def year(self, year: int) -> LogFolder:
        """The log of one year."""
        origin = f"{self.name}/{year}"
        keys = (*self.earlier(origin), key_of(self.signer(origin)))
        return LogFolder(self.folder / str(year), origin, keys, self.hash_of)

    def years(self) -> list[int]:
        """The years with a published log."""
        return years_in(self.folder)

    def publish(self) -> dict[int, Checkpoint]:
        """Place and publish what is waiting; returns the checkpoint of each year that has one.

        Raises Conflict `log.restored` while a restore has not been compared with the world.
        """
        with standing_still(self.folder):
            places.place_entries()
            found, sizes = {}, places.sizes()
            if any(size > _size(self.folder / str(year)) for year, size in sizes.items()):
                require_resumed(self.name)
            for year, size in sizes.items():
                log = self.year(year)
                entries = partial(places.bodies, year)
                note = log.publish(entries, size, self.signer(log.origin))
                found[year] = parse(split(note)[0])
            return found

    def rebuild(self) -> dict[int, Checkpoint]:
        """Write every file again from the database, and sign only what was published before.

        Raises ProofFailed when the database has another history than the checkpoints.
        """
        with standing_still(self.folder):
            for year in self.years():
                self._rebuild(self.year(year), partial(places.bodies, year))
        return self.publish()

    def _rebuild(self, log: LogFolder, entries: Entries) -> None:
        """Beside the old files first: they go only when the new ones hold what was published."""
        note = log.note()
        if note is None:
            return
        with TemporaryDirectory(prefix=f".{log.folder.name}.", dir=self.folder) as name:
            fresh = replace(log, folder=Path(name))
            fresh.replace_note(note)
            fresh.restore(entries)
            shutil.rmtree(log.folder / TILES, ignore_errors=True)
            if (fresh.folder / TILES).is_dir():
                (fresh.folder / TILES).rename(log.folder / TILES)


@contextmanager
def standing_still(folder: Path) -> Iterator[None]:
    """One process at a time writes a log's files; a killed one leaves no lock behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def years_in(folder: Path) -> list[int]:
    """The years with a log below a folder."""
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def _size(year: Path) -> int:
    found = position(year)
    return found.size if found else 0


def position(year: Path) -> Checkpoint | None:
    """What a year's checkpoint says, its signature not checked; None where there is none."""
    path = year / CHECKPOINT_FILE
    return parse(split(path.read_text(encoding="utf-8"))[0]) if path.is_file() else None
