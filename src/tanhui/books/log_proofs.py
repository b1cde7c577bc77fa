"""The published log against the database: every entry at its place, with the same bytes.

Signatures and hashes are the log's own check (`LogFolder.check`); here the files and the rows are
held against each other, so that neither an old backup nor a changed row passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tanhui.core.errors import ProofFailed, TanhuiError

from .proofs import Proof
from .translog import places
from .translog.folder import APPEND_MAX
from .translog.publishing import position, years_in
from .translog.tiles import TileFolder

_SHOWN_MAX = 5


@dataclass(frozen=True)
class YearCompared:
    """A year's entries in the database and in the files; `waiting` are not published yet."""

    year: int
    in_database: int
    published: int
    equal: int
    first_other: int | None

    @property
    def holds(self) -> bool:
        """Whether every published entry stands in the database with the same bytes."""
        return self.equal == self.published

    @property
    def waiting(self) -> int:
        """Entries that the next publication brings out."""
        return max(self.in_database - self.published, 0)

    def __str__(self) -> str:
        return (
            f"{self.year}: {self.published} published, {self.in_database} in the database, "
            f"{self.equal} equal, first other {self.first_other}"
        )


def compare(folder: Path) -> Iterator[YearCompared]:
    """Each year of the log in `folder` against the database; raises ProofFailed for lost files."""
    sizes = places.sizes()
    for year in sorted({*sizes, *years_in(folder)}):
        checkpoint = position(folder / str(year))
        published = checkpoint.size if checkpoint else 0
        equal, first_other = _equal_entries(folder / str(year), year, published)
        yield YearCompared(year, sizes.get(year, 0), published, equal, first_other)


def require_equal(folder: Path) -> list[YearCompared]:
    """All years; raises ProofFailed `log.database_differs` where they are not the same."""
    found = list(compare(folder))
    wrong = [str(each) for each in found if not each.holds]
    if wrong:
        raise ProofFailed(
            "log.database_differs",
            zh=f"已公布的日志与数据库不符：{'; '.join(wrong)}。不要修补；若数据库来自旧备份，"
            "按 docs/backup.zh.md“比日志旧的数据库”一节办理，否则按事故查明。",
            en=f"The published log differs from the database: {'; '.join(wrong)}. Mend nothing; "
            "if the database came from an old backup follow docs/backup.md, 'A database older "
            "than the log', otherwise find out why.",
        )
    return found


def prove_log(folder: Path) -> Proof:
    """One figure: published entries, and those that the database has with the same bytes."""
    try:
        found = list(compare(folder))
    except TanhuiError as error:
        return _proof(0, 0, ok=False, detail=error.en)
    wrong = [str(each) for each in found if not each.holds]
    published = sum(each.published for each in found)
    equal = sum(each.equal for each in found)
    return _proof(equal, published, ok=not wrong, detail="; ".join(wrong[:_SHOWN_MAX]))


def _proof(left: int, right: int, *, ok: bool, detail: str) -> Proof:
    name_zh = "数据库中的日志条目与公开日志逐字节相同"
    name_en = "log entries in the database equal the published log, byte by byte"
    return Proof(name_zh, name_en, ok, left, right, detail)


def _equal_entries(folder: Path, year: int, published: int) -> tuple[int, int | None]:
    """How many published entries the database has too, and the first that it has not."""
    tiles = TileFolder(folder)
    equal, first_other = 0, None
    for first in range(0, published, APPEND_MAX):
        end = min(first + APPEND_MAX, published)
        rows = dict(enumerate(places.bodies(year, first, end), start=first))
        for index, entry in enumerate(tiles.entries(first, end, published), start=first):
            if rows.get(index) == entry:
                equal += 1
            elif first_other is None:
                first_other = index
    return equal, first_other
