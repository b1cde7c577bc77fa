"""A small library of law for the stories of crediting: one rate per scene, and one term each."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.engine.methodology_texts import GOOD
from tests.tidy.source import PROJECT

RIDE_EXAMPLE = GOOD[GOOD.index("  - {given") :]
FIELD = next(line for line in GOOD.splitlines() if line.startswith("  distance:"))

READING = FIELD.replace("distance", "energy").replace("km", "kWh").replace("0.001", "0.01")
HOME = (
    GOOD.replace("test-metro", "test-home")
    .replace("scene: metro", "scene: home-electricity")
    .replace(FIELD, READING)
    .replace("gCO2e/km", "gCO2e/kWh")
    .replace("78.4", "500")
    .replace("applies: distance > 0\n", "")
    .replace("distance * rate", "(energy_before / periods_before - energy) * rate")
    .replace(
        "allocation:",
        "history:\n  own_mean: {of: energy, window: {days: 7}, at_least: 3, "
        "gives: {sum: energy_before, count: periods_before}}\nallocation:",
    )
    .replace(
        "distance: 10}, expect: {mg: 784000}",
        "energy: 8, energy_before: 70, periods_before: 7}, expect: {mg: 1000000}",
    )
)
CHARGING = (
    GOOD.replace("test-metro", "test-charging")
    .replace("scene: metro", "scene: ev-charging")
    .replace("allocation:", "exclusive_with:\n  - {scenes: [nev-trip], per: day}\nallocation:")
)
TRIP = GOOD.replace("test-metro", "test-trip").replace("scene: metro", "scene: nev-trip")


def a_cap(per: str, most: str) -> str:
    """A line of `caps` over the own scene."""
    return f"  - {{per: [person, scene, {per}], max: {most}, source: test, evidence: template}}\n"


def metro(terms: str, *, allocation: str = "{person: 100%}") -> str:
    """The metro at 78.4 g/km under further terms."""
    return GOOD.replace("allocation: {person: 100%}", f"{terms}allocation: {allocation}")


def write_law(folder: Path, *texts: str) -> Path:
    """A library of these methodologies."""
    library = folder / "library"
    for part in ("rulesets", "directory"):
        shutil.copytree(PROJECT / "library" / part, library / part)
    for text in texts:
        code = text.split("\n", 1)[0].removeprefix("methodology: ")
        place = library / "methodologies" / "420100" / code
        place.mkdir(parents=True)
        (place / "methodology.yaml").write_text(text, "utf-8")
        cases = "cases:\n" + text[text.index("  - {given") :]
        (place / "cases.yaml").write_text(cases, "utf-8")
    return library
