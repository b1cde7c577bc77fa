"""Public statistics at their doors: the API, the CSV and the page, in both languages."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from tests.flows.deliveries import Row, a_metro_ride, deliver

from tanhui.domain.partners.models import Partner
from tanhui.flows.statistics import Question, statistics
from tanhui.interfaces.platform import platform
from tanhui.interfaces.public.charts import BAR, SLOT
from tanhui.interfaces.public.month_chart import month_chart

pytestmark = pytest.mark.django_db
PEOPLE_MIN = 20  # the shipped rule set
PEOPLE = PEOPLE_MIN + 2


def rides(scene: str, day: str, **changes: str) -> list[Row]:
    return [
        a_metro_ride(
            external_id=f"{scene}-{day}-{at}",
            person=f"card:{at}",
            scene=scene,
            started_at=f"{day}T08:00:00+08:00",
            ended_at=f"{day}T08:30:00+08:00",
            **changes,
        )
        for at in range(PEOPLE)
    ]


@pytest.fixture
def two_scenes(tmp_path: Path) -> None:
    """Twenty-two people by metro in two months, and by bus."""
    cache.clear()
    rows = rides("metro", "2024-10-08") + rides("metro", "2024-11-05", distance_km="20")
    deliver(tmp_path, rows + rides("bus", "2024-11-06"))


@pytest.mark.usefixtures("two_scenes")
def test_the_api_says_what_the_command_says(client: Client) -> None:
    answer = client.get("/api/v1/statistics")
    assert answer.status_code == 200
    own = statistics(platform(), Question(), is_public=True)
    assert [group["mg"] for group in answer.json()["groups"]] == [
        group["mg"] for group in own["groups"]
    ]
    metro, bus = answer.json()["groups"]
    assert (metro["scene"], metro["events"], metro["mg"]) == (
        "metro",
        2 * PEOPLE,
        PEOPLE * 3 * 784_000,
    )
    assert (metro["share_events"], bus["share_events"]) == ("66.67", "33.33")
    assert answer.json()["total"]["people"] == PEOPLE
    assert answer.json()["people_min"] == PEOPLE_MIN
    assert answer.json()["is_demo"] is False


@pytest.mark.usefixtures("two_scenes")
def test_months_and_whole_months_only(client: Client) -> None:
    months = client.get("/api/v1/statistics?by=month").json()["groups"]
    assert [(each["month"], each["events"]) for each in months] == [
        ("2024-10", 22),
        ("2024-11", 44),
    ]
    october = client.get("/api/v1/statistics?from=2024-10-01&to=2024-10-31").json()
    assert [each["events"] for each in october["groups"]] == [22]
    for query in ("from=2024-10-02", "by=partner", "by=scene,month", "from=yesterday"):
        refused = client.get(f"/api/v1/statistics?{query}")
        assert refused.status_code == 422, query
        assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.usefixtures("two_scenes")
def test_an_answer_is_kept_only_while_nothing_is_posted(client: Client, tmp_path: Path) -> None:
    before = client.get("/api/v1/statistics").json()["total"]["events"]
    deliver(tmp_path, rides("metro", "2024-12-03"), name="later.csv")
    assert client.get("/api/v1/statistics").json()["total"]["events"] == before + PEOPLE


@pytest.mark.usefixtures("two_scenes")
def test_the_csv_holds_the_same_figures(client: Client) -> None:
    answer = client.get("/api/v1/statistics.csv?by=month")
    text = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["month"], row["events"], row["people"]) for row in rows] == [
        ("2024-10", "22", "22"),
        ("2024-11", "44", "22"),
    ]


@pytest.mark.usefixtures("two_scenes")
@pytest.mark.parametrize(
    ("language", "told"),
    [("zh-hans", "次数占比与减排量占比"), ("en", "Shares by count and by mass")],
)
def test_the_page_shows_both_charts(client: Client, language: str, told: str) -> None:
    page = client.get("/statistics", headers={"accept-language": language}).content.decode()
    assert told in page
    assert "66.67%" in page
    assert page.count('class="bar"') == 2 + 2  # two scenes by mass, two months
    assert "/api/v1/statistics.csv?by=scene" in page
    assert ("减排" in page.replace("zh-hans", "").split("<main")[1]) == (language != "en")


@pytest.mark.usefixtures("two_scenes")
def test_the_page_takes_months_and_names_a_wrong_one(client: Client) -> None:
    october = client.get("/statistics?first=2024-10&last=2024-10").content.decode()
    assert "2024-11" not in october
    for query, told in (
        ("first=2024-13", "如 2026-11"),
        ("first=2024-11&last=2024-10", "截止月份早于起始月份"),
        ("by=person", "person"),
    ):
        wrong = client.get(f"/statistics?{query}").content.decode()
        assert 'role="alert"' in wrong
        assert told in wrong
        assert 'aria-invalid="true"' in wrong
        assert "shares-title" not in wrong  # nothing that was not asked for


@pytest.mark.usefixtures("two_scenes")
def test_made_up_data_are_called_so(client: Client) -> None:
    Partner.objects.update(is_demo=True)
    cache.clear()
    assert client.get("/api/v1/statistics").json()["is_demo"] is True
    assert "demo-band" in client.get("/statistics").content.decode()


def test_a_platform_without_records_says_so(client: Client) -> None:
    cache.clear()
    page = client.get("/statistics", headers={"accept-language": "en"}).content.decode()
    assert "No statistics to show" in page


def test_bars_have_the_height_of_their_share() -> None:
    groups = [{"month": f"2024-{at:02d}", "events": 1, "mg": at * 1_000_000} for at in (1, 2, 5)]
    chart = month_chart(groups)
    assert chart is not None
    assert [bar.height for bar in chart.bars] == [20, 40, 100]
    assert (chart.scale, chart.unit) == (("5", "2.5", "0"), "kg CO₂e")
    assert month_chart([{"month": None, "events": 1, "mg": 9}]) is None


@pytest.mark.parametrize(
    ("months", "slots", "labelled"), [(1, 3, 1), (2, 4, 2), (12, 12, 6), (40, 36, 6)]
)
def test_few_months_stand_in_the_middle_and_many_are_not_all_named(
    months: int, slots: int, labelled: int
) -> None:
    chart = month_chart([{"month": f"m{at}", "events": 1, "mg": 1} for at in range(months)])
    assert chart is not None
    assert chart.width == slots * SLOT
    assert len(chart.labels) == slots
    assert sum(map(bool, chart.labels)) == labelled
    left, right = chart.bars[0].x, chart.width - chart.bars[-1].x - BAR
    assert left == right
