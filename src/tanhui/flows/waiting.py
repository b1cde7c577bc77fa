"""Rows that wait between files, sealed under the key of their person while they do.

Whoever is erased waits no longer: without the key a waiting row is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tanhui.books.keystore import KeyStore
from tanhui.books.sealing import SEALERS, Sealer
from tanhui.core.canonical import canonical_json, read_json
from tanhui.domain.feeds import services
from tanhui.domain.feeds.queries import open_rows
from tanhui.domain.feeds.services import NewRow
from tanhui.engine.batch.landing import FeedState, WaitingRow


@dataclass(frozen=True)
class Waiting:
    """What one partner's feed left waiting."""

    partner: int
    feed: str
    keys: KeyStore

    def open(self, keys: Sequence[str]) -> list[WaitingRow]:
        """The rows of earlier files under these keys whose person still has a key."""
        rows = open_rows(self.partner, self.feed, keys)
        held = self.keys.find({row.person for row in rows})
        found = []
        for row in rows:
            if row.person in held:
                name, _, sealed = row.sealed.partition(b" ")
                how = SEALERS[name.decode()]
                text = how.open(held[row.person], sealed, _context(row.batch, row.row))
                found.append(WaitingRow(row.batch, row.row, row.key, read_json(text)))
        return found

    def seal(
        self, seq: int, state: FeedState, people: Mapping[str, int], how: Sealer
    ) -> list[NewRow]:
        """The rows that wait from now on; one whose person nobody can tell is the batch's."""
        whose = [people.get(row.person, -seq) for row in state.waiting]
        held = self.keys.make(whose, wait=False)
        named = how.name.encode() + b" "
        found = []
        for row, person in zip(state.waiting, whose, strict=True):
            text = canonical_json(row.payload)
            sealed = how.seal(held[person], text, _context(seq, row.row))
            found.append(NewRow(row.row, row.key, person, named + sealed))
        return found

    def settle(self, seq: int, state: FeedState, rows: Sequence[NewRow]) -> None:
        """Batch `seq` leaves `rows` and consumes what it met, in the caller's transaction."""
        services.settle(self.partner, self.feed, seq, waiting=rows, consumed=state.consumed)


def _context(batch: int, row: int) -> bytes:
    return b"waiting %d %d" % (batch, row)
