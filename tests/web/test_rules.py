"""The public page of rules: what holds, what is unknown and who must say, two places compared."""

from __future__ import annotations

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_anybody_reads_the_rules_of_a_place_and_day(client: Client) -> None:
    answer = client.get("/rules", {"region": "440300", "on": "2025-11-01", "state": "unknown"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "深圳市" in text
    assert "须由深圳市生态环境局提供" in text
    assert "offset.vintage" in text
    assert "points.earn" not in text  # known, and not asked for


def test_the_files_say_what_the_page_says(client: Client) -> None:
    asked = {"region": "440000", "on": "2021-06-01", "product": "PHCER", "q": "offset.cap"}
    document = json.loads(client.get("/rules.json", asked).content)
    (cap,) = document["items"]
    assert document["product"] == "PHCER"
    assert cap["value"] == {"ratio": "0.1", "base": "emissions"}
    assert (cap["region"], cap["tag"], cap["state"]) == ("440000", "published", "known")
    lines = b"".join(client.get("/rules.csv", asked)).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "{ratio: 0.1, base: emissions}" in lines[1]


def test_english_readers_get_words_and_names(client: Client) -> None:
    asked = {"region": "310000", "on": "2025-12-01"}
    text = client.get("/rules", asked, headers={"accept-language": "en"}).content.decode()
    for words in ("People at a show: 5,000", "Must be supplied by the Ecology", "Shanghai"):
        assert words in text


def test_two_places_are_compared(client: Client) -> None:
    asked = {"region": "440000", "on": "2021-06-01", "region2": "310000", "on2": "2026-02-01"}
    text = client.get("/rules/diff", asked).content.decode()
    assert "比例：10%；基数：排放量" in text
    assert "须由上海市生态环境局提供" in text
    assert "points.earn" not in text
    assert "points.earn" in client.get("/rules/diff", asked | {"show": "all"}).content.decode()
    document = json.loads(client.get("/rules/diff.json", asked).content)
    differing = {one["key"] for one in document["items"] if one["differs"]}
    assert {"offset.cap", "event.thresholds", "scene.report_periods"} <= differing
    assert "points.earn" not in differing


@pytest.mark.parametrize("asked", [{"region": "44"}, {"on": "2021-13-01"}, {"state": "sure"}])
def test_a_wrong_filter_lists_nothing_and_says_why(client: Client, asked: dict[str, str]) -> None:
    answer = client.get("/rules", asked)
    assert "筛选条件有误" in answer.content.decode()
    assert client.get("/rules.csv", asked).status_code == 302
    assert client.get("/rules.json", asked).status_code == 302


def test_hostile_text_stays_text(client: Client) -> None:
    text = client.get("/rules", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in text
