"""The demo city is the same everywhere, is marked as demo data, and looks like a real month."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from pathlib import Path

from tanhui.interfaces.demo.cast import PARTNERS, log_ins
from tanhui.interfaces.demo.city import DemoFile, generate
from tanhui.interfaces.demo.people import FIRST_CITIZEN, POPULATION, people, person_ref
from tanhui.interfaces.demo.rides import rides

Rows = dict[str, list[dict[str, str]]]

ALL_BYTES_SHA256 = "b2faee21a8c2f73784c1fc8ef815d944640fcfacee93cc9f94f06b24280aab42"


def test_the_bytes_never_change(demo_files: list[DemoFile]) -> None:
    digest = hashlib.sha256()
    for file in demo_files:
        digest.update(file.path.read_bytes())
    assert digest.hexdigest() == ALL_BYTES_SHA256


def test_a_complete_folder_is_left_alone(demo_files: list[DemoFile]) -> None:
    folder = demo_files[0].path.parent
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert generate(folder) == demo_files
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_folder_cut_short_is_completed(demo_files: list[DemoFile], tmp_path: Path) -> None:
    last = demo_files[-1].path
    for file in demo_files[:-1]:
        (tmp_path / file.path.name).write_bytes(b"half")
    files = generate(tmp_path)
    assert files[-1].path.read_bytes() == last.read_bytes()
    assert files[0].path.read_bytes() == demo_files[0].path.read_bytes()


def test_everything_says_demo(demo_files: list[DemoFile], demo_rows: Rows) -> None:
    for partner in PARTNERS:
        assert partner.code.startswith("demo-")
        assert "演示" in partner.name_zh
        assert "Demo" in partner.name_en
    assert all(file.path.name.startswith("demo-") for file in demo_files)
    for rows in demo_rows.values():
        assert all(row["person"].startswith("demo:P") for row in rows if row["person"])
        assert all(row["external_id"].startswith("DEMO-") for row in rows if row["external_id"])


def test_three_partners_report_fifteen_weekly_files(
    demo_files: list[DemoFile], demo_rows: Rows
) -> None:
    assert Counter(file.partner for file in demo_files) == {partner.code: 5 for partner in PARTNERS}
    assert 150_000 <= sum(map(len, demo_rows.values())) <= 250_000
    seen = {row["person"] for rows in demo_rows.values() for row in rows if row["person"]}
    assert len(seen) > POPULATION * 95 // 100


def test_partners_report_some_of_the_same_rides(demo_rows: Rows) -> None:
    by_operator: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in demo_rows["demo-metro"]:
        if row["scene"] == "metro":
            by_operator.setdefault(row["person"], []).append(_span(row))
    common = 0
    for row in demo_rows["demo-pay"]:
        if row["scene"] == "metro" and row["started_at"][4] == "-":
            start, end = _span(row)
            common += any(s < end and start < e for s, e in by_operator.get(row["person"], ()))
    assert common > 20_000


def _span(row: dict[str, str]) -> tuple[datetime, datetime]:
    start = row["started_at"].replace("/", "-")
    return (
        datetime.fromisoformat(start if "+" in start else f"{start}:00+08:00"),
        datetime.fromisoformat(row["ended_at"]),
    )


def test_nobody_rides_twice_at_once() -> None:
    ridden = rides(people())
    ends: dict[int, int] = {}
    for person, start_s, end_s in zip(
        ridden.person.tolist(), ridden.start_s.tolist(), ridden.end_s.tolist(), strict=True
    ):
        assert start_s >= ends.get(person, 0)
        ends[person] = end_s


def test_partners_make_the_mistakes_partners_make(demo_rows: Rows) -> None:
    rows = [row for partner in demo_rows.values() for row in partner]
    sent = Counter(row["external_id"] for row in rows)
    assert sum(times - 1 for number, times in sent.items() if number) > 300
    assert sum(1 for row in rows if row.get("corrects")) > 30
    amounts = [row.get("distance_km") or row.get("energy_kwh") or "" for row in rows]
    assert any(amount.startswith("-") for amount in amounts)
    assert any(amount.endswith(" km") for amount in amounts)
    assert "NaN" in amounts
    assert any(row["started_at"].startswith("2034") for row in rows)
    assert any(not row["external_id"] for row in rows)
    assert any(not row["person"] for row in rows)


def test_the_citizen_with_the_log_in_has_every_scene(demo_rows: Rows) -> None:
    citizen = person_ref(FIRST_CITIZEN)
    scenes = Counter(
        row["scene"] for rows in demo_rows.values() for row in rows if row["person"] == citizen
    )
    assert set(scenes) >= {"metro", "bus", "ev-charging", "home-electricity"}
    assert scenes["metro"] > 40


def test_log_ins_belong_to_one_installation() -> None:
    here, there = log_ins(b"here"), log_ins(b"there")
    assert [one.username for one in here] == [one.username for one in there]
    assert here[0].subject == person_ref(FIRST_CITIZEN)
    passwords = [{one.password for one in them if one.password} for them in (here, there)]
    assert not passwords[0] & passwords[1]
    assert here == log_ins(b"here")
