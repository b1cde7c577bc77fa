"""The life of a methodology: ordered, dated, sourced; in force decides, withdrawn ends."""

from __future__ import annotations

import re
import textwrap
from datetime import date
from pathlib import Path

import pytest

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.engine.library import Library
from tanhui.engine.project.report import quantify

from .methodology_texts import GOOD, load, mistakes

STEP = "{state: %s, on: %s, by: 某局, source: 某文}"
IN_FORCE = STEP % ("in_force", "2024-09-02")
SINCE = "{state: in_force, on: 2024-09-02, since: 2024-03-01, by: 某局, source: 某文}"
FILED = STEP % ("filed", "2024-06-01")
WITHDRAWN = STEP % ("withdrawn", "2025-01-01")


def with_life(*steps: str) -> str:
    return GOOD.replace("fields:", f"life: [{', '.join(steps)}]\nfields:", 1)


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def test_without_a_life_the_effective_days_decide() -> None:
    methodology = load(GOOD)
    assert methodology.creditable_on(day("2024-01-01"))
    assert not methodology.creditable_on(day("2023-12-31"))


@pytest.mark.parametrize(
    ("steps", "on", "may"),
    [
        ((FILED,), "2024-10-01", False),
        ((FILED, IN_FORCE), "2024-09-01", False),
        ((FILED, IN_FORCE), "2024-09-02", True),
        ((SINCE,), "2024-03-01", True),
        ((SINCE,), "2024-02-29", False),
        ((IN_FORCE, WITHDRAWN), "2024-12-31", True),
        ((IN_FORCE, WITHDRAWN), "2025-01-01", False),
        ((IN_FORCE, STEP % ("revised", "2024-12-01"), WITHDRAWN), "2024-12-01", False),
    ],
)
def test_in_force_opens_and_the_end_closes(steps: tuple[str, ...], on: str, may: bool) -> None:
    assert load(with_life(*steps)).creditable_on(day(on)) is may


def test_the_state_of_a_day_is_the_last_reached() -> None:
    life = load(with_life(FILED, IN_FORCE, WITHDRAWN)).life
    assert life is not None
    days = ("2024-05-31", "2024-06-01", "2024-09-02", "2026-01-01")
    assert [life.state_on(day(each)) for each in days] == [None, "filed", "in_force", "withdrawn"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((), "life is empty; write at least one step or remove it"),
        ((IN_FORCE, FILED), "filed cannot follow in_force of line 9"),
        ((IN_FORCE, IN_FORCE), "in_force cannot follow in_force"),
        ((FILED, STEP % ("in_force", "2024-05-01")), "in_force (2024-05-01) lies before filed"),
        ((STEP % ("approved", "2024-05-01"),), "state cannot be 'approved'"),
        (("{state: filed, on: 2024-05-01, by: 某局}",), "lacks 'source'"),
        ((FILED.replace("by", "since: 2024-01-01, by"),), "'since' belongs to in_force only"),
        ((SINCE.replace("2024-03", "2025-03"),), "is after the day in force (2024-09-02)"),
    ],
)
def test_a_disordered_life_is_refused_with_what_to_do(steps: tuple[str, ...], told: str) -> None:
    found = mistakes(with_life(*steps))
    assert any(told in each for each in found), found


CASES = 'cases: [{given: {region: "420100", at: 2024-10-01, distance: 1}, expect: {mg: 78400}}]\n'


def library_of(root: Path, text: str) -> Library:
    folder = root / "methodologies" / "420100" / "test-metro"
    folder.mkdir(parents=True)
    (folder / "methodology.yaml").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(CASES, encoding="utf-8")
    return Library.load(root)


def test_the_library_finds_it_only_while_in_force(tmp_path: Path) -> None:
    library = library_of(tmp_path, with_life(IN_FORCE, WITHDRAWN))
    for on, found in (("2024-09-01", False), ("2024-10-01", True), ("2025-01-01", False)):
        methodology = library.find("metro", region="420100", day=day(on))
        assert (methodology is not None) is found
        status = library.status(on=date.fromisoformat(on))
        assert status.standings["creditable"] == found
        assert status.standings["not_in_force"] == (not found)
    assert library.get("test-metro", on=date(2025, 6, 1)).life is not None  # still shown


GUIDE = Path(__file__).parents[2] / "docs" / "project-methodologies.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def quantified(root: Path, *steps: str) -> str:
    """What crediting the guide's project is refused with, under a methodology of that life."""
    folder = root / "methodologies" / "420100" / "example-planting"
    folder.mkdir(parents=True)
    text = BLOCKS[0].replace("sets:", f"life: [{', '.join(steps)}]\nsets:", 1)
    (folder / "methodology.yaml").write_text(text, encoding="utf-8")
    (folder / "cases.yaml").write_text(BLOCKS[1], encoding="utf-8")
    [methodology] = Library.load(root).projects
    monitoring = textwrap.dedent(
        BLOCKS[1].partition("monitoring: |\n")[2].partition("  expect:")[0]
    )
    with pytest.raises(InputRefused) as caught:
        quantify(methodology, monitoring.replace("illustration", "crediting").encode())
    return caught.value.code


def test_a_project_is_credited_only_under_what_was_in_force(tmp_path: Path) -> None:
    early = STEP % ("in_force", "2022-01-01")
    over = STEP % ("withdrawn", "2022-12-31")
    assert quantified(tmp_path / "a", FILED) == "project.not_in_force"
    assert quantified(tmp_path / "b", early, over) == "project.not_in_force"
    assert quantified(tmp_path / "c", early) == "project.not_for_crediting"  # a template still
