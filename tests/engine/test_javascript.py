"""The browser's function in node: the same integers as the closure, record by record."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.executors import Case
from tests.engine.random_methodologies import cases_of, methodology_texts
from tests.engine.test_agreement import RELAXED, load_if_provable
from tests.tidy.source import PROJECT

from tanhui.engine.closure import closure
from tanhui.engine.integer import compile as compile_form
from tanhui.engine.javascript import javascript_source
from tanhui.engine.library import Library
from tanhui.engine.methodology import Methodology

NODE = shutil.which("node")
ASK = """
const asked = %s;
const answers = asked.map(([cell, counts]) => {
  const [mg, code] = quantify(cell, counts.map(BigInt));
  return [mg.toString(), code];
});
process.stdout.write(JSON.stringify(answers));
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="node is not installed")


def by_node(methodology: Methodology, cases: list[Case]) -> list[tuple[int, int]]:
    """(mg, code) of each case, as node works them out."""
    form = compile_form(methodology)
    asked = [
        [form.cell_of(case.region, case.class_, case.day), [str(count) for count in case.counts]]
        for case in cases
    ]
    program = javascript_source(form) + ASK % json.dumps(asked)
    done = subprocess.run(
        [str(NODE), "-"], input=program, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [(int(mg), code) for mg, code in json.loads(done.stdout)]


def by_closure(methodology: Methodology, cases: list[Case]) -> list[tuple[int, int]]:
    form = compile_form(methodology)
    run = closure(form)
    return [run(form.cell_of(case.region, case.class_, case.day), case.counts) for case in cases]


@settings(max_examples=25, deadline=None, suppress_health_check=RELAXED)
@given(data=st.data())
def test_node_gives_the_same_integers(data: st.DataObject) -> None:
    methodology = load_if_provable(data.draw(methodology_texts()))
    cases = data.draw(cases_of(methodology))
    assert by_node(methodology, cases) == by_closure(methodology, cases)


def test_every_worked_case_of_the_library_in_node() -> None:
    library = Library.load(PROJECT / "library")
    for methodology in library.methodologies:
        examples = [
            one
            for one in (*methodology.examples, *library.cases[methodology.identity])
            if not one.illustration
        ]
        form = compile_form(methodology)
        cases = [
            Case(
                one.given.region,
                one.given.class_,
                one.given.day,
                tuple(
                    int(one.given.quantities[field.name] / field.step)
                    for field in methodology.fields
                ),
            )
            for one in examples
        ]
        assert form.bits <= 127
        assert by_node(methodology, cases) == [(one.mg, one.code) for one in examples]
