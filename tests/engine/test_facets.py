"""Classes in facets: each parameter sees its own, and nothing is guessed when two meet."""

from __future__ import annotations

from tanhui.engine.cells import index_cells
from tanhui.engine.explain import explain
from tanhui.engine.methodology import Methodology

from .executors import Case, five_answers
from .methodology_texts import VALUE, load, mistakes, spoiled

DAY = 20_000
STRENGTH = """\
  strength:
    name: {zh: 强度, en: strength}
    unit: percent
    values:
      - {region: "420100", from: 2024-01-01, value: 100, source: test, evidence: template}
      - {region: "420100", class: self, from: 2024-01-01, value: 50, source: t, evidence: seed}
      - {region: "420100", class: photo, from: 2024-01-01, value: 80, source: t, evidence: seed}
applies"""


def classed(class_: str, value: str) -> str:
    return VALUE.replace("from:", f"class: {class_}, from:").replace("78.4", value)


def methodology(*more: str) -> Methodology:
    return load(text(*more))


def text(*more: str) -> str:
    values = [VALUE, classed("petrol", "100"), classed("diesel", "120"), *more]
    return spoiled(
        (f"- {VALUE}", "\n      ".join(f"- {value}" for value in values)),
        ("applies", STRENGTH),
        ("distance * rate", "distance * rate * strength"),
    )


def answers(law: Methodology, *classes: str) -> list[tuple[int, int]]:
    """(mg, code) of 10 km for each class, the same from every executor."""
    found = five_answers(law, [Case("420100", each, DAY, (10_000,)) for each in classes])
    assert len({tuple(each) for each in found.values()}) == 1, found
    return found["reference"]


def test_each_parameter_reads_its_own_facet() -> None:
    classes = ("", "petrol", "self", "petrol+self", "photo+diesel", "self+weekend", "weekend")
    expected = (784_000, 1_000_000, 392_000, 500_000, 960_000, 392_000, 784_000)
    assert answers(methodology(), *classes) == [(mg, 0) for mg in expected]


def test_two_facets_of_one_parameter_have_no_value() -> None:
    law = methodology()
    assert answers(law, "petrol+diesel", "self+photo+petrol") == [(0, 1), (0, 1)]
    assert index_cells(law).classes == (
        "", "diesel", "diesel+photo", "diesel+self", "petrol", "petrol+photo", "petrol+self",
        "photo", "self",
    )  # fmt: skip


def test_a_whole_class_comes_before_its_facets() -> None:
    law = methodology(classed("diesel+petrol", "1"))
    assert answers(law, "petrol+diesel", "diesel+petrol+self", "diesel") == [
        (10_000, 0), (5_000, 0), (1_200_000, 0),
    ]  # fmt: skip


def test_a_class_of_the_file_that_meets_two_values_is_refused() -> None:
    found = mistakes(text(classed("petrol+self+photo", "1")))
    assert "class petrol+photo+self meets several values of parameter strength" in found[0]


def test_one_way_of_writing_a_class() -> None:
    found = mistakes(text(classed("a+b", "1"), classed("b+a", "2")))
    assert "overlaps in time" in found[0]
    assert "joined by '+'" in mistakes(text(classed("a++b", "1")))[0]
    assert "joined by '+'" in mistakes(text(classed("a+a", "1")))[0]


def test_a_stored_record_without_a_cell_is_explained_so() -> None:
    """Evidence keeps the cell and not the class: -1 must not become the value of no class."""
    law = methodology()
    record = Case("420100", "", DAY, (10_000,)).as_record(law)
    assert explain(law, record)["mg"] == 784_000
    told = explain(law, record, cell=-1)
    assert (told["mg"], told["code"], told["cell"]) == (0, 1, -1)
