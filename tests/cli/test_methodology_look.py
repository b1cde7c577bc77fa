"""list, explain and diff of law as data, over the library of the project."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.asking import ask, printed, refused
from tests.engine.methodology_texts import GOOD, VALUE, spoiled

LATER = VALUE.replace("2024-01-01", "2025-01-01").replace("78.4", "80")
CHANGED = spoiled(
    ('version: "1.0"', 'version: "2.0"'),
    (VALUE, VALUE.replace("value:", "to: 2025-01-01, value:") + f"\n      - {LATER}"),
    ("applies: distance > 0", "applies: 0.5*km <= distance"),
)


def test_the_filters_of_the_list() -> None:
    _, everything = ask("list")
    codes = {row["code"] for row in everything["methodologies"]}
    assert sum(everything["status"].values()) == len(everything["methodologies"])
    _, metro = ask("list", "--scene", "metro", "--region", "420106")
    assert {"wuhan-metro"} <= {row["code"] for row in metro["methodologies"]} < codes
    assert all(row["scene"] == "metro" for row in metro["methodologies"])
    _, inside = ask("list", "--region", "420000")
    assert "wuhan-metro" in {row["code"] for row in inside["methodologies"]}
    _, disabled = ask("list", "--status", "disabled")
    assert {row["enabled"] for row in disabled["methodologies"]} == {False}
    _, nothing = ask("list", "--kind", "nothing")
    assert nothing == {"methodologies": [], "status": {}}
    assert "wuhan-metro" in printed("list", "--scene", "metro")


def test_explain_shows_the_text_and_works_out_a_record() -> None:
    _, text = ask("explain", "wuhan-metro")
    assert text["formula"][0]["expression"] == "distance * unit_reduction"
    assert text["parameters"][0]["values"][0]["value"] == "78.4"
    record = ("explain", "wuhan-metro", "--given", "distance=6.825", "--on", "2024-10-01")
    _, worked = ask(*record)
    assert (worked["mg"], worked["answer"]) == (535_080, "quantified")
    assert "535,080 mg" in printed(*record)
    _, short = ask(*record[:3], "distance=0.1", *record[4:])
    assert short["answer"] == "distance_min <= distance"
    _, early = ask(*record[:5], "2020-01-01")
    assert early["answer"] == "no_parameter"
    assert "里程" in printed("explain", "wuhan-metro")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["distance"], "methodology.given_malformed"),
        (["distance=1e3"], "methodology.given_malformed"),
        (["distance=1", "distance=2"], "methodology.given_malformed"),
        (["distanse=1"], "methodology.given_malformed"),
        (["distance=301"], "record.quantity.out_of_bounds"),
        (["distance=0.0001"], "record.quantity.finer_than_step"),
    ],
)
def test_a_record_that_cannot_be_is_refused(given: list[str], code: str) -> None:
    arguments = [part for pair in given for part in ("--given", pair)]
    assert refused("explain", "wuhan-metro", *arguments).code == code


def test_a_refused_record_names_the_fields_there_are() -> None:
    for given in (["distanse=1"], ["distance=abc"], ["yes"]):
        error = refused("explain", "wuhan-metro", "--given", *given)
        assert "distance (km)" in error.en
        assert "distance (km)" in error.zh
    seoul = refused("explain", "seoul-eco-mileage-building", "--given", "nothing=1")
    assert "The fields are:" in seoul.en
    lacking = refused("explain", "shanghai-pv", "--given", "x=1")
    assert lacking.code == "methodology.given_to_project"


def test_a_reason_is_told_in_words() -> None:
    early = ("explain", "wuhan-metro", "--given", "distance=6", "--on", "2020-01-01")
    assert "no parameter: the value is not known" in printed(*early)
    short = ("explain", "wuhan-metro", "--given", "distance=0.1", "--on", "2024-10-01")
    assert "the condition distance_min <= distance does not hold" in printed(*short)


def test_explain_prints_everything_that_a_behaviour_says() -> None:
    text = printed("explain", "wuhan-metro")
    for word in ("上限 cap", "互斥 exclusion", "历史基线 history", "申领 claim", "分配 allocation"):
        assert word in text, word
    for word in ("界限 limits", "算例 worked cases", "版本 version", "结果 result", "78.4"):
        assert word in text, word


def test_explain_prints_everything_that_a_project_says() -> None:
    _, document = ask("explain", "shanghai-pv")
    text = printed("explain", "shanghai-pv")
    wanted = [each["symbol"] for each in (*document["inputs"], *document["formula"])]
    wanted += [each["id"] for each in document["applicability"]]
    wanted += [each["condition"] for each in document["limits"]]
    wanted += [each["name_zh"] for each in document["cases"]]
    assert wanted
    assert [each for each in wanted if each not in text] == []
    assert "…" not in text


def test_two_cities_differ_in_named_parts() -> None:
    _, found = ask("diff", "wuhan-metro", "shanghai-metro")
    parts = {one["part"] for one in found["changes"]}
    assert {"fields", "parameters", "formula"} & parts
    text = printed("diff", "wuhan-metro", "shanghai-metro")
    assert "…" not in text


def test_two_versions_of_a_project_differ_in_named_parts(tmp_path: Path) -> None:
    law = Path(__file__).parents[2] / "library/methodologies/310000/shanghai-pv/methodology.yaml"
    text = law.read_text(encoding="utf-8")
    assert "0.42" in text
    file = tmp_path / "new.yaml"
    file.write_text(text.replace("0.42", "0.43"), encoding="utf-8")
    _, found = ask("diff", str(law), str(file))
    assert {one["part"] for one in found["changes"]} >= {"parameters"}
    assert "0.43" in printed("diff", "shanghai-pv", str(file))
    assert ask("diff", str(law), str(law))[1]["changes"] == []
    assert refused("diff", "wuhan-metro", str(file)).code == "methodology.kinds_differ"


def test_an_unknown_code_is_refused() -> None:
    assert refused("explain", "nowhere-metro").code == "methodology.unknown"
    assert refused("explain", "wuhan-metro@1").code == "methodology.unknown"


def test_diff_tells_days_values_and_what_the_cases_become(tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(GOOD, encoding="utf-8")
    new.write_text(
        CHANGED + "  - {given: {region: '420100', at: 2025-10-01, distance: 10},"
        " expect: {mg: 800000}}\n",
        encoding="utf-8",
    )
    _, found = ask("diff", str(old), str(new))
    assert {(one["part"], one["name"]) for one in found["changes"]} == {
        ("applies", None),
        ("parameters", "rate"),
    }
    value = next(one for one in found["changes"] if one["part"] == "parameters")
    assert (value["valid_from"], value["valid_to"]) == ("2025-01-01", None)
    assert (value["old"]["value"], value["new"]["value"]) == ("78.4", "80")
    assert [(case["on"], case["difference_mg"]) for case in found["cases"]] == [
        ("2024-10-01", 0),
        ("2025-10-01", 16_000),
    ]
    assert "- 78.4" in printed("diff", str(old), str(new)).replace("value: ", "")


def test_a_methodology_does_not_differ_from_itself() -> None:
    _, found = ask("diff", "wuhan-metro", "wuhan-metro@2023.1")
    assert found["changes"] == []
    assert {case["difference_mg"] for case in found["cases"]} <= {0, None}
