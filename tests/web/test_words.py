"""The English catalogue is complete and its compiled form is the one in the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tanhui.core.errors import InputRefused
from tanhui.interfaces.api import intake
from tanhui.interfaces.public import catalogue, charts, words
from tanhui.interfaces.public.mathml import equation
from tanhui.interfaces.templatetags.tanhui import bytes_text, visible

INTERFACES = Path(catalogue.__file__).resolve().parents[1]
IN_TEMPLATES = re.compile(
    r"""\{%\s*translate\s+(?:"([^"]*)"|'([^']*)')"""
    r"|blocktranslate trimmed[^%]*%\}(.*?)\{% endblocktranslate",
    re.DOTALL,
)
IN_PYTHON = re.compile(r'_\(\s*"((?:[^"\\]|\\.)*)"\s*\)')


def messages_in_use() -> set[str]:
    used = set()
    for path in INTERFACES.glob("templates/**/*.html"):
        for double, single, block in IN_TEMPLATES.findall(path.read_text("utf-8")):
            used.add(double or single or re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block.strip()))
    for path in (INTERFACES / "public").glob("*.py"):
        used |= set(IN_PYTHON.findall(path.read_text("utf-8")))
    return used


def test_every_message_has_its_english_and_none_is_left_over() -> None:
    known = catalogue.read_messages(catalogue.TEXT.read_text("utf-8"))
    del known[""]
    assert messages_in_use() - set(known) == set()
    assert set(known) - messages_in_use() == set()
    for chinese, english in known.items():
        assert english, chinese
        assert sorted(re.findall(r"%\(\w+\)s", chinese)) == sorted(
            re.findall(r"%\(\w+\)s", english)
        )


def test_the_compiled_catalogue_is_fresh() -> None:
    text = catalogue.TEXT.read_text("utf-8")
    fresh = catalogue.compile_messages(catalogue.read_messages(text))
    told = "run: python -m tanhui.interfaces.public.catalogue"
    assert catalogue.COMPILED.read_bytes() == fresh, told


def test_every_evidence_status_has_a_word() -> None:
    from tanhui.engine.batch.status import Status
    from tanhui.engine.methodology import EQUATION_STATUS, EVIDENCE
    from tanhui.engine.status import STANDINGS

    assert {*EVIDENCE, *EQUATION_STATUS} <= set(words.EVIDENCE)
    assert {status.label for status in Status} <= set(words.STATUSES)
    assert set(STANDINGS) == set(words.STANDINGS)


@pytest.mark.parametrize(
    ("counts", "widths"),
    [
        ({"credited": 10}, [1000]),
        ({"credited": 37_000, "rejected": 1}, [996, 4]),
        ({"credited": 1, "duplicate": 1, "new-status": 2}, [250, 250, 500]),
        ({}, []),
    ],
)
def test_a_stacked_bar_fills_its_strip(counts: dict[str, int], widths: list[int]) -> None:
    parts = charts.status_parts(counts)
    assert [part.width for part in parts] == widths
    assert sum(part.rows for part in parts) == sum(counts.values())
    assert [part.x for part in parts] == [sum(widths[:place]) for place in range(len(widths))]


def test_the_day_chart_covers_thirty_days() -> None:
    chart = charts.day_chart([{"day": "2024-10-31", "mg": 5}, {"day": "2024-10-02", "mg": 10}])
    assert chart is not None
    assert (len(chart.bars), chart.bars[0].mg, chart.bars[-1].mg) == (30, 10, 5)
    assert [bar.height for bar in chart.bars if bar.height] == [100, 50]
    assert charts.day_chart([]) is None


def test_a_formula_is_typeset_and_escaped() -> None:
    text = equation("reduction", "max(a / b, 0) * (c - d)", {"a": "里程<b>", "reduction": "减排量"})
    assert "里程&lt;b&gt;" in text
    assert "<mfrac>" in text
    assert 'role="math"' in text
    assert "<b>" not in equation("x", "not <b> valid", {})


def test_sizes_and_control_characters_are_readable() -> None:
    assert [bytes_text(size) for size in (0, 1023, 1024, 67_108_864, 5 * 1024**3)] == [
        "0 B", "1023 B", "1.0 KiB", "64.0 MiB", "5.0 GiB",
    ]  # fmt: skip
    assert visible("a\x00\x1b[2J") == "a\\x00\\x1b[2J"


@pytest.mark.parametrize("name", ["", "  ", "a/", "x" * 201, "a\x00b", "a\nb"])
def test_a_file_name_must_be_one(name: str) -> None:
    with pytest.raises(InputRefused):
        intake.file_name(name)


def test_a_file_name_loses_its_folders() -> None:
    assert intake.file_name("C:\\data\\../地铁.csv") == "地铁.csv"


def test_settings_are_limited_and_single() -> None:
    assert intake.feed_config([("a", "1")]) == {"a": "1"}
    for pairs in (
        [("a", "1"), ("a", "2")],
        [("", "1")],
        [("a", "x" * 257)],
        [(f"k{number}", "") for number in range(17)],
    ):
        with pytest.raises(InputRefused):
            intake.feed_config(pairs)


def test_the_chart_of_a_value_shows_its_own_place_not_the_one_with_most_values() -> None:
    def a_value(region: str, year: int, value: str) -> dict[str, object]:
        first = f"{year}-01-01"
        return {
            "region": region,
            "class": None,
            "value": value,
            "valid_from": first,
            "valid_to": None,
        }

    national = [a_value("100000", 2021 + at, f"0.5{at}") for at in range(4)]
    local = [a_value("310000", 2022, "0.58"), a_value("310000", 2023, "0.57")]
    chart = charts.value_chart([*national, *local], "310000")
    assert chart is not None
    assert (chart.region, [bar.value for bar in chart.bars]) == ("310000", ["0.58", "0.57"])
    above = charts.value_chart(national, "310000")
    assert above is not None
    assert above.region == "100000"
    assert charts.value_chart(local, "420100") is None
