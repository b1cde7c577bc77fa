"""Statistics equal the ledger: corrections, duplicates, caps, partners and months counted right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.flows.deliveries import Row, a_metro_ride, deliver

from tanhui.books import queries as books
from tanhui.core.errors import InputRefused
from tanhui.domain.citizens import queries as citizens
from tanhui.flows.prove import prove
from tanhui.flows.statistics import Question, shares, statistics
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db
PEOPLE_MIN = 20  # the shipped rule set


def asked(*by: str, is_public: bool = False, **days: date) -> dict[str, Any]:
    return statistics(platform(), Question(by or ("scene",), **days), is_public=is_public)


def a_bus_ride(**changes: str) -> Row:
    return a_metro_ride(scene="bus", **changes)


def two_partners(folder: Path) -> None:
    """Three people in October, one in November; a duplicate and a correction in between."""
    deliver(
        folder,
        [
            a_metro_ride(),
            a_metro_ride(external_id="r2", person="card:2"),
            a_metro_ride(external_id="r2", person="card:2"),
            a_bus_ride(
                external_id="b1",
                person="card:3",
                started_at="2024-11-02T08:00:00+08:00",
                ended_at="2024-11-02T08:30:00+08:00",
            ),
        ],
        name="one.csv",
    )
    deliver(
        folder,
        [a_metro_ride(external_id="x1", person="card:9")],
        name="two.csv",
        partner="other-co",
    )
    deliver(
        folder,
        [a_metro_ride(external_id="r9", person="card:2", corrects="r2", distance_km="4")],
        name="three.csv",
    )


def test_an_empty_platform_has_empty_statistics() -> None:
    assert asked()["groups"] == []
    assert asked()["total"] == {"events": 0, "mg": 0, "points": 0, "people": 0}


def test_a_correction_is_taken_off_where_the_record_stood(tmp_path: Path) -> None:
    two_partners(tmp_path)
    metro, bus = asked()["groups"]
    assert (metro["scene"], metro["events"], metro["mg"]) == ("metro", 3, 784_000 * 2 + 313_600)
    assert (metro["people"], metro["name_en"]) == (3, "Metro")
    assert (bus["scene"], bus["events"], bus["people"]) == ("bus", 1, 1)
    assert metro["share_events"] == "75.00"


def test_every_figure_is_the_ledgers(tmp_path: Path) -> None:
    two_partners(tmp_path)
    document = asked("scene")
    key = platform().identity_key
    held: dict[str, list[int]] = {}
    for ref in ("card:1", "card:2", "card:3", "card:9"):
        person = citizens.find(ref, key=key)
        assert person is not None
        for total in books.scene_totals(person):
            figures = held.setdefault(total.scene, [0, 0, 0])
            figures[0] += total.n_events
            figures[1] += total.mg
            figures[2] += total.points
    assert held == {
        group["scene"]: [group["events"], group["mg"], group["points"]]
        for group in document["groups"]
    }


def test_prove_compares_rows_and_ledger(tmp_path: Path) -> None:
    two_partners(tmp_path)
    (proof,) = (each for each in prove(platform()) if each.name_en.startswith("statistics"))
    assert proof.ok
    assert proof.figure_left == proof.figure_right == asked()["total"]["mg"]


def test_partners_months_and_regions_add_up_to_the_total(tmp_path: Path) -> None:
    two_partners(tmp_path)
    total = asked()["total"]
    for by in (("partner",), ("month",), ("region",), ("partner", "scene", "month", "region")):
        groups = asked(*by)["groups"]
        for name in ("events", "mg", "points"):
            assert sum(group[name] for group in groups) == total[name], by
    assert [group["month"] for group in asked("month")["groups"]] == ["2024-10", "2024-11"]
    partners = {group["partner"]: group["events"] for group in asked("partner")["groups"]}
    assert partners == {"metro-co": 3, "other-co": 1}


def test_days_cut_where_the_record_happened(tmp_path: Path) -> None:
    two_partners(tmp_path)
    october = asked(first=date(2024, 10, 1), last=date(2024, 10, 31))
    assert [group["scene"] for group in october["groups"]] == ["metro"]
    assert asked(first=date(2024, 10, 9), last=date(2024, 11, 1))["groups"] == []


def test_everybody_sees_no_small_group(tmp_path: Path) -> None:
    many = [a_metro_ride(external_id=f"m{at}", person=f"card:{at}") for at in range(PEOPLE_MIN + 5)]
    few = [a_bus_ride(external_id=f"b{at}", person=f"card:{at}") for at in range(3)]
    later = [
        {**row, "started_at": "2024-10-08T18:00:00+08:00", "ended_at": "2024-10-08T18:20:00+08:00"}
        for row in few
    ]
    deliver(tmp_path, many + later)
    shown = asked(is_public=True)["groups"]
    assert [(group["scene"], group["people"]) for group in shown] == [(None, None)]
    assert asked(is_public=True)["total"]["events"] == PEOPLE_MIN + 8
    assert [group["scene"] for group in asked()["groups"]] == ["metro", "bus"]


def test_the_rule_set_says_how_many_people_are_few(tmp_path: Path) -> None:
    two_partners(tmp_path)
    assert asked(is_public=True)["people_min"] == PEOPLE_MIN
    assert asked(is_public=True)["groups"] == []
    key = ("100000", "privacy.people_min")
    rule = platform().rulesets.rules[key][0]
    rules = {**platform().rulesets.rules, key: (replace(rule, value=2),)}
    looser = replace(platform(), rulesets=replace(platform().rulesets, rules=rules))
    shown = statistics(looser, Question(("scene",)), is_public=True)
    assert shown["people_min"] == 2
    assert [(group["scene"], group["people"]) for group in shown["groups"]] == [(None, None)]


def test_everybody_sees_nothing_of_a_few_people(tmp_path: Path) -> None:
    two_partners(tmp_path)
    document = asked(is_public=True)
    assert document["groups"] == []
    assert document["total"] == {"events": 0, "mg": 0, "points": 0, "people": 0}


@pytest.mark.parametrize(
    ("question", "is_public", "code"),
    [
        (Question(("colour",)), False, "statistics.by_unknown"),
        (Question(("scene", "scene")), False, "statistics.by_unknown"),
        (Question(()), False, "statistics.by_unknown"),
        (Question(("partner",)), True, "statistics.by_unknown"),
        (Question(("scene", "month")), True, "statistics.too_fine"),
        (Question(first=date(2024, 10, 2)), True, "statistics.too_fine"),
        (Question(last=date(2024, 10, 30)), True, "statistics.too_fine"),
        (
            Question(first=date(2024, 10, 2), last=date(2024, 10, 1)),
            False,
            "statistics.period_empty",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(question: Question, is_public: bool, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        statistics(platform(), question, is_public=is_public)
    assert refused.value.code == code


def test_the_layout_of_the_white_papers_figures() -> None:
    """Figure 3.20 names 50.48, 14.58, 9.16 and 7.83 per cent; two decimals hold such shares."""
    told = shares([5_048, 1_458, 916, 783, 1_795])
    assert told == ["50.48", "14.58", "9.16", "7.83", "17.95"]
