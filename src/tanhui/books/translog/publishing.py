"""From the database to the files of the log: place what is waiting, publish each year's log.

Runs after an act, and again whenever somebody asks: what a killed run left undone, the next one
does. The files are derived; `rebuild` writes them again from the database and refuses to sign
another history than the one published before.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import places
from .checkpoint import Checkpoint, parse
from .folder import LogFolder
from .notes import Signer, VerifierKey, key_of, split
from .tree import Hash, sha256


@dataclass(frozen=True)
class PublicLog:
    """All years of one log. `name` is what origins begin with; `signer` makes a year's signer.

    `earlier` are keys that signed before the present one.
    """

    folder: Path
    name: str
    signer: Callable[[str], Signer]
    earlier: tuple[VerifierKey, ...] = ()
    hash_of: Hash = sha256

    def year(self, year: int) -> LogFolder:
        """The log of one year."""
        origin = f"{self.name}/{year}"
        keys = tuple(key for key in self.earlier if key.name == origin)
        return LogFolder(
            self.folder / str(year), origin, (*keys, key_of(self.signer(origin))), self.hash_of
        )

    def years(self) -> list[int]:
        """The years with a published log."""
        if not self.folder.is_dir():
            return []
        return sorted(int(path.name) for path in self.folder.iterdir() if path.name.isdecimal())

    def publish(self) -> dict[int, Checkpoint]:
        """Place and publish what is waiting; returns the checkpoint of each year that has one."""
        with self._alone():
            places.place_entries()
            found = {}
            for year, size in places.sizes().items():
                log = self.year(year)
                note = log.publish(
                    lambda first, end, year=year: places.bodies(year, first, end),  # type: ignore[misc]
                    size,
                    self.signer(log.origin),
                )
                found[year] = parse(split(note)[0])
            return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time writes the files; a killed one leaves no lock behind."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
