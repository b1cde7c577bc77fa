"""Twelve invented methodologies of twelve shapes, with 2,016 parameter cells, for the bench only.

The numbers mean nothing; the shapes are those of real ones: a net coefficient, a class of vehicle,
a baseline against a metered use, a division by a field, steps, tiers, a cap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CITIES = tuple(f"42{number:02d}00" for number in range(1, 15))
CLASSES = ("a", "b", "c", "d", "e", "f")
PERIODS = (("2024-01-01", "2024-10-16"), ("2024-10-16", "2025-01-01"))


@dataclass(frozen=True)
class Shape:
    """A methodology in short: fields as name -> (unit, step, max), parameters as name -> unit."""

    code: str
    per_mille: int  # of the events
    fields: Mapping[str, tuple[str, str, str]]
    parameters: Mapping[str, tuple[str, int]]  # unit, size of the values
    equation: str
    applies: str = ""
    cap: str = ""
    overlap: bool = True


SHAPES = (
    Shape(
        "metro", 300, {"distance": ("km", "0.001", "300")}, {"net": ("gCO2e/km", 784)},
        "distance * net", "0.5*km <= distance and distance <= 80*km", "5 kgCO2e",
    ),
    Shape(
        "bus", 200, {"distance": ("km", "0.001", "200")},
        {"car": ("gCO2e/km", 1500), "own": ("gCO2e/km", 410)}, "distance * (car - own)",
    ),
    Shape(
        "charging", 80, {"energy": ("kWh", "0.001", "500")}, {"net": ("gCO2e/kWh", 4094)},
        "energy * net", "energy >= 1*kWh", "30 kgCO2e",
    ),
    Shape(
        "electricity", 60, {"baseline": ("kWh", "0.01", "900"), "used": ("kWh", "0.01", "900")},
        {"grid": ("gCO2e/kWh", 5250)}, "max(baseline - used, 0*kWh) * grid",
    ),
    Shape(
        "carpool", 50,
        {
            "distance": ("km", "0.001", "300"), "detour": ("km", "0.001", "60"),
            "people": ("person", "1", "7"),
        },
        {"car": ("gCO2e/km", 1800)},
        "(distance * (people - 1*person) / people - detour) * car", "people >= 2*person",
    ),
    Shape(
        "trip", 60, {"distance": ("km", "0.01", "900")},
        {
            "fuel": ("L/km", 8), "burnt": ("gCO2e/L", 23000), "need": ("kWh/km", 15),
            "grid": ("gCO2e/kWh", 5250),
        },
        "distance * (fuel * burnt - need * grid)", "distance > 0*km", "20 kgCO2e",
    ),
    Shape(
        "walking", 60, {"distance": ("km", "0.001", "60")},
        {"car": ("gCO2e/km", 970), "most": ("km", 80)}, "min(distance, most) * car",
        "distance >= 0.2*km",
    ),
    Shape(
        "bicycle", 80, {"distance": ("km", "0.001", "80")},
        {"near": ("gCO2e/km", 420), "far": ("gCO2e/km", 260)},
        "distance * near if distance <= 3*km else 3*km * near + (distance - 3*km) * far",
    ),
    Shape(
        "recycling", 30, {"weight": ("kg", "0.01", "500"), "dirt": ("percent", "1", "100")},
        {"virgin": ("gCO2e/kg", 21000), "second": ("gCO2e/kg", 8000)},
        "weight * (1 - dirt) * (virgin - second)", "dirt <= 50*percent", overlap=False,
    ),
    Shape(
        "cup", 30, {"uses": ("use", "1", "20")}, {"cup": ("gCO2e/use", 230)}, "uses * cup",
        cap="0.2 kgCO2e", overlap=False,
    ),
    Shape(
        "paper", 20, {"pages": ("page", "1", "900")},
        {"sheet": ("gCO2e/page", 46), "most": ("gCO2e", 9000)}, "min(pages * sheet, most)",
        overlap=False,
    ),
    Shape(
        "household", 30,
        {
            "before": ("kWh", "0.01", "2000"), "now": ("kWh", "0.01", "2000"),
            "people": ("person", "1", "12"),
        },
        {"grid": ("gCO2e/kWh", 5250), "share": ("person", 20)},
        "(before - now) * grid * min(people, share) / people", "people >= 1*person",
    ),
)  # fmt: skip


def write_library(folder: Path) -> Path:
    """The library as files, as the loader reads it."""
    for number, shape in enumerate(SHAPES):
        place = folder / "methodologies" / "420000" / f"bench-{shape.code}"
        place.mkdir(parents=True, exist_ok=True)
        (place / "methodology.yaml").write_text(_methodology(shape, number), encoding="utf-8")
        (place / "cases.yaml").write_text(f"cases: [{_example(shape)}]\n", encoding="utf-8")
    return folder


def _methodology(shape: Shape, number: int) -> str:
    lines = [
        f"methodology: bench-{shape.code}",
        "version: 2024.1",
        f"title: {{zh: 测速用 {shape.code}, en: Bench {shape.code}}}",
        "kind: behaviour",
        f"scene: {shape.code}",
        'regions: ["420000"]',
        'effective: {from: 2024-01-01, zone: "+08:00"}',
        "status: {equations: inferred, note: {zh: 虚构, en: invented}, source: bench}",
        "fields:",
        *(
            f"  {name}: {{name: {{zh: {name}, en: {name}}}, unit: {unit}, step: {step},"
            f" min: {'1' if name == 'people' else '0'}, max: {high}}}"
            for name, (unit, step, high) in shape.fields.items()
        ),
        "parameters:",
    ]
    for position, (name, (unit, size)) in enumerate(shape.parameters.items()):
        lines += [
            f"  {name}:",
            f"    name: {{zh: {name}, en: {name}}}",
            f"    unit: {unit}",
            "    values:",
        ]
        for place, (city, class_, period) in enumerate(_places()):
            tenths = size + (number * 7 + position * 3 + place) % 97 * size // 400
            lines.append(
                f'      - {{region: "{city}", class: {class_}, from: {period[0]}, to: {period[1]},'
                f" value: {tenths // 10}.{tenths % 10}, source: bench, evidence: template}}"
            )
    if shape.applies:
        lines.append(f"applies: {shape.applies}")
    lines += [f"equations: {{reduction: {shape.equation}}}"] if "," not in shape.equation else [
        "equations:", f"  reduction: {shape.equation}",
    ]  # fmt: skip
    overlap = "[person, mode]" if shape.overlap else "none"
    lines += [
        "result: {of: reduction, unit: mgCO2e, round: half_away}",
        f"duplicates: {{id: [source, external_id], overlap: {overlap}, order: arrival}}",
        "allocation: {person: 100%}",
        f"examples: [{_example(shape)}]",
    ]
    if shape.cap:
        lines.append(
            f"caps: [{{per: [person, scene, day], max: {shape.cap}, source: bench,"
            " evidence: template}]"
        )
    return "\n".join(lines) + "\n"


def _places() -> list[tuple[str, str, tuple[str, str]]]:
    return [(city, class_, period) for city in CITIES for class_ in CLASSES for period in PERIODS]


def _example(shape: Shape) -> str:
    fields = ", ".join(f"{name}: 1" for name in shape.fields)
    return (
        f'{{given: {{region: "420000", at: 2024-02-01, {fields}}}, expect: {{no_parameter: yes}}}}'
    )
