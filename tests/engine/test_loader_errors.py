"""Broken methodologies: each is refused with file, line, what is wrong and what to do."""

from __future__ import annotations

import pytest

from .methodology_texts import GOOD, VALUE, load, mistakes, spoiled

LATER = VALUE.replace("2024-01-01", "2026-01-01")
TWO_CAPS = "caps: [{per: [person, scene, day], max: 5 kgCO2e, source: t, evidence: template}"

# One broken file each: what is changed, the line, and words of the message.
BROKEN: dict[str, tuple[list[tuple[str, str]], int, str]] = {
    "unknown key": ([("scene: metro", "scene: metro\nscenes: metro")], 6, "did you mean 'scene'?"),
    "unknown key without a near name": (
        [("scene: metro", "scene: metro\nzzz: 1")],
        6,
        "known keys: methodology, version",
    ),
    "missing key": ([("scene: metro\n", "")], 1, "methodology lacks 'scene'; add it"),
    "key twice": (
        [("scene: metro", "scene: metro\nscene: bus")],
        6,
        "given twice, first in line 5",
    ),
    "not yaml": (
        [("scene: metro", "scene: metro: rail")],
        5,
        "put a text that has a colon into quotes",
    ),
    "anchor": ([("scene: metro", "scene: &a metro")], 5, "anchors (& and *) are not allowed"),
    "tag": ([("scene: metro", "scene: !!str metro")], 5, "tags (!) are not allowed"),
    "two documents": ([("scene: metro", "scene: metro\n---\na: 1")], 6, "one YAML document"),
    "one language": ([("title: {zh: 试, en: test}", "title: {zh: 试}")], 3, "lacks 'en'"),
    "empty text": ([("scene: metro", 'scene: ""')], 5, "is empty"),
    "bad code": ([("scene: metro", "scene: Metro Line")], 5, "lower-case letters, digits"),
    "bad version": ([('version: "1.0"', "version: one")], 2, "looks like 2023.1"),
    "project kind": ([("kind: behaviour", "kind: project")], 4, "choose from behaviour"),
    "bad region": ([('regions: ["420100"]', 'regions: ["42010"]')], 6, "is no region code"),
    "region twice": (
        [('regions: ["420100"]', 'regions: ["420100", "420100"]')],
        6,
        "different codes",
    ),
    "bad day": ([("from: 2024-01-01, to: 2030", "from: 2024-1-1, to: 2030")], 7, "is no day"),
    "impossible day": ([("to: 2030-01-01", "to: 2030-02-30")], 7, "is no day"),
    "period backwards": ([("to: 2030-01-01", "to: 2023-01-01")], 7, "not after 'from'"),
    "bad zone": ([("+08:00", "Asia/Shanghai")], 7, "fixed offset"),
    "unknown status": (
        [("equations: inferred,", "equations: offical,")],
        8,
        "did you mean 'official'",
    ),
    "a name with values": (
        [("equations: inferred,", "equations: name_only,")],
        8,
        "at least one parameter is unknown throughout",
    ),
    "too many fields": (
        [
            (
                "fields:\n",
                "fields:\n"
                + "".join(
                    f"  f{at}: {{name: {{zh: a, en: a}}, unit: km, step: 1, min: 0, max: 9}}\n"
                    for at in range(8)
                ),
            )
        ],
        10,
        "1 to 8 quantities",
    ),
    "field without max": ([(", max: 300}", "}")], 10, "field distance lacks 'max'"),
    "number with exponent": ([("max: 300", "max: 3e2")], 10, "is no decimal number"),
    "number with comma": (
        [("max: 300", 'max: "3,00"')],
        10,
        "has a comma as decimal point; write 3.00",
    ),
    "step does not divide": ([("step: 0.001", "step: 0.007")], 10, "divide min and max"),
    "step zero": ([("step: 0.001", "step: 0")], 10, "must be above 0"),
    "min above max": ([("min: 0, max: 300", "min: 300, max: 0")], 10, "must be above its min"),
    "field beyond 64 bits": ([("max: 300", "max: 300000000000000000")], 10, "leaves 64 bits"),
    "unknown unit": ([("unit: km,", "unit: mile,")], 10, "unknown unit 'mile'; known units"),
    "unit in wrong case": ([("gCO2e/km", "GCO2E/km")], 14, "did you mean 'gCO2e'?"),
    "unit malformed": ([("gCO2e/km", "gCO2e//km")], 14, "write it like gCO2e/km"),
    "name is a unit": ([("distance:", "day:"), ("distance", "day")], 10, "is a unit"),
    "name is reserved": ([("rate", "lambda")], 12, "no reserved word"),
    "value without source": ([(", source: test, evidence", ", evidence")], 16, "lacks 'source'"),
    "value without evidence": ([(", evidence: template}", "}")], 16, "lacks 'evidence'"),
    "value without day": ([("from: 2024-01-01, value", "value")], 16, "lacks 'from'"),
    "unknown evidence word": ([("evidence: template", "evidence: guess")], 16, "choose from"),
    "unknown value with evidence": ([("value: 78.4", "value: unknown")], 16, "go together"),
    "known value as unknown": (
        [("evidence: template", "evidence: unknown")],
        16,
        "go together",
    ),
    "values overlap": (
        [(VALUE, f"{VALUE}\n      - {LATER}")],
        17,
        "overlaps in time with the value of line 16",
    ),
    "value elsewhere": (
        [('{region: "420100", from', '{region: "110000", from')],
        16,
        "neither in nor above",
    ),
    "no such factor table": (
        [("    unit: gCO2e/km\n    values:\n      - " + VALUE, "    factor: grid")],
        14,
        "no factor table 'grid'",
    ),
    "neither values nor factor": (
        [("    unit: gCO2e/km\n    values:\n      - " + VALUE + "\n", "")],
        13,
        "write one of the two",
    ),
    "unknown name": ([("distance * rate", "distance * ratee")], 19, "did you mean 'rate'?"),
    "unknown name in applies": (
        [("applies: distance", "applies: dist")],
        17,
        "unknown name 'dist'",
    ),
    "circle": (
        [
            (
                "reduction: distance * rate",
                "reduction: other * rate\n  other: reduction / rate + distance",
            )
        ],
        19,
        "circle: reduction -> other -> reduction",
    ),
    "one name for two things": (
        [("reduction: distance * rate", "reduction: distance * rate\n  rate: distance")],
        18,
        "used for two things",
    ),
    "mixed units": (
        [("distance * rate", "distance * rate + distance")],
        19,
        "'distance * rate' is in gCO2e, 'distance' is in km",
    ),
    "mixed comparison": (
        [("distance > 0", "distance > 3*kWh")],
        17,
        "is in km, '3 * kWh' is in kWh",
    ),
    "no carbon": ([("distance * rate", "distance / rate")], 19, "not a mass of CO2e"),
    "condition as value": ([("distance * rate", "distance > 0")], 19, "gives a condition"),
    "condition calculated with": (
        [("distance * rate", "(distance > 0) * rate")],
        19,
        "is a condition and cannot",
    ),
    "value as condition": ([("applies: distance > 0", "applies: distance")], 17, "is no condition"),
    "value in and": ([("distance > 0", "distance > 0 or rate")], 17, "where a condition belongs"),
    "call": (
        [("distance * rate", "abs(distance * rate)")],
        19,
        "unknown name 'abs'",
    ),
    "power": ([("distance * rate", "distance ** 2")], 19, "is not allowed in an expression"),
    "attribute": ([("distance * rate", "distance.real * rate")], 19, "is not allowed"),
    "text in an equation": ([("distance * rate", "distance * 'a'")], 19, "is not a number we take"),
    "bad literal": ([("distance * rate", "distance * rate * 1e3")], 19, "is not a number we take"),
    "bad brackets": ([("distance * rate", "(distance * rate")], 19, "check brackets and operators"),
    "min of one": ([("distance * rate", "min(distance * rate)")], 19, "needs two values"),
    "division by zero possible": (
        [("distance * rate", "3*gCO2e / (distance / (1*km)) + 0*rate*distance")],
        19,
        "raise the min of its field above 0",
    ),
    "division by a zero value": (
        [("78.4", "0"), ("distance * rate", "distance * (1*gCO2e/km) / rate * (1*gCO2e/km)")],
        19,
        "equation reduction: a divisor is zero for region 420100",
    ),
    "result beyond 64 bits": (
        [("max: 300", "max: 300000000000000")],
        19,
        "64-bit milligrams",
    ),
    "steps beyond 127 bits": (
        [
            ("max: 300", "max: 300000000000000"),
            (
                "distance * rate",
                "min("
                + " * ".join(["distance/(1*km)"] * 8)
                + " * 1*gCO2e, 1*gCO2e + 0*distance*rate)",
            ),
        ],
        19,
        "127 bits",
    ),
    "unused parameter": (
        [("distance * rate", "distance * (3*gCO2e/km)")],
        12,
        "'rate' is never used",
    ),
    "result names nothing": ([("of: reduction", "of: saving")], 20, "'saving' is no equation"),
    "result in grams": ([("unit: mgCO2e", "unit: gCO2e")], 20, "did you mean 'mgCO2e'?"),
    "unknown rounding": ([("half_away", "half_even")], 20, "cannot be 'half_even'"),
    "other duplicate key": (
        [("[source, external_id]", "[external_id]")],
        21,
        "supports only [source, external_id]",
    ),
    "other overlap": (
        [("[person, mode]", "[person, vehicle]")],
        21,
        "supports only [person, mode]",
    ),
    "other order": ([("order: arrival", "order: time")], 21, "choose from arrival"),
    "other cap": (
        [("allocation", TWO_CAPS.replace("scene, day", "day") + "]\nallocation")],
        22,
        "[person, scene, day|month|year] or",
    ),
    "two caps": (
        [("allocation", TWO_CAPS + TWO_CAPS[6:].replace("[{", ", {") + "]\nallocation")],
        22,
        "keep the lower one",
    ),
    "cap of distance": (
        [("allocation", TWO_CAPS.replace("5 kgCO2e", "5 km") + "]\nallocation")],
        22,
        "a mass of CO2e of whole milligrams",
    ),
    "shares that do not add up": ([("person: 100%", "person: 80%")], 22, "they give 80%"),
    "no example": ([(GOOD[GOOD.index("examples:") :], "examples: []\n")], 23, "add one"),
    "example wrong": (
        [("mg: 784000", "mg: 784001")],
        24,
        "states 784001 mg but the result is 784000 mg; correct the equation",
    ),
    "example with unknown field": (
        [("distance: 10}", "distanse: 10}")],
        24,
        "did you mean 'distance'?",
    ),
    "example out of bounds": (
        [("distance: 10}", "distance: 301}")],
        24,
        "it must lie from 0 km to 300 km",
    ),
    "example finer than the step": (
        [("distance: 10}", "distance: 0.0001}")],
        24,
        "finer than its step",
    ),
    "example with a clause that is not there": (
        [("{mg: 784000}", "{not_applicable: distance > 1}")],
        24,
        "there are: distance > 0",
    ),
    "example with two answers": (
        [("{mg: 784000}", "{mg: 1, no_parameter: true}")],
        24,
        "one of mg",
    ),
    "example with a fraction": ([("mg: 784000", "mg: 784000.5")], 24, "whole milligrams"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_each_mistake_names_line_and_fix(case: str) -> None:
    changes, line, words = BROKEN[case]
    found = mistakes(spoiled(*changes))
    assert any(each.startswith(f"m.yaml:{line}: ") and words in each for each in found), found
    assert all(";" in each or "." in each for each in found), "each says what to do"


def test_every_message_is_its_own() -> None:
    """No two ways of being wrong share a message, and each part of a file is covered."""
    first = {mistakes(spoiled(*changes))[0].partition(": ")[2] for changes, _, _ in BROKEN.values()}
    assert len(first) >= 70


def test_the_good_text_loads() -> None:
    methodology = load(GOOD)
    assert methodology.fields[0].column == "distance_km"
    assert len(methodology.digest) == 64
    assert methodology.cap_mg_per_day is None


def test_one_run_reports_all_mistakes_of_a_stage() -> None:
    text = spoiled(
        ("scene: metro", "scene: Metro"), ("step: 0.001", "step: 0"), ("evidence: template}", "}")
    )
    lines = [each.split(":")[1] for each in mistakes(text)]
    assert lines == ["5", "10", "16"]


def test_files_that_are_no_text_are_refused() -> None:
    assert "the file is empty" in mistakes("")[0]
    assert "must be a mapping" in mistakes("- a\n- b\n")[0]
    assert "nested deeper than" in mistakes("[" * 200_000)[0]
    assert "nested deeper than" in mistakes("a: " + "[" * 20 + "]" * 20)[0]
