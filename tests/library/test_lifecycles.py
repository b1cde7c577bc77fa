"""Lifecycles as data: a step for some matters alone, a step that cannot be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.domain.matters.lifecycle import load_lifecycles
from tanhui.engine.names import names
from tanhui.engine.problems import LibraryBroken

LIBRARY = Path(__file__).parents[2] / "library"
WHOLE = """\
kind: test
letter: X
title: {zh: 测试, en: test}
states:
  drafted: {name: {zh: 起草, en: drafted}}
  done: {name: {zh: 办结, en: done}}
opens:
  name: {zh: 新建, en: new}
  to: drafted
  by: [owner]
  fields:
    - key: purpose
      type: choice
      name: {zh: 用途, en: purpose}
      choices:
        - {value: event, name: {zh: 活动, en: event}}
steps:
  note:
    name: {zh: 记录, en: note}
    from: [drafted]
    to: drafted
    by: [owner]
  pledge:
    name: {zh: 承诺, en: pledge}
    from: [drafted]
    to: drafted
    by: [owner]
    final: true
  finish:
    name: {zh: 办结, en: finish}
    from: [drafted]
    to: done
    by: [owner]
    when: {purpose: [event]}
"""


def test_a_step_is_offered_where_it_fits(tmp_path: Path) -> None:
    (tmp_path / "test.yaml").write_text(WHOLE)
    lifecycle = load_lifecycles(tmp_path)["test"]
    verbs = [
        [step.verb for step in lifecycle.steps_in("drafted", data=data)]
        for data in ({"purpose": "event"}, {"purpose": "else"}, {})
    ]
    assert verbs == [["note", "pledge", "finish"], ["note", "pledge"], ["note", "pledge"]]
    final = {step.verb for step in lifecycle.steps.values() if lifecycle.is_final(step)}
    assert final == {"pledge", "finish"}, "what says so, and what nothing follows"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{purpose: [evnt]}", "evnt"),
        ("{goal: [event]}", "goal"),
        ("[event]", "when"),
    ],
)
def test_a_step_for_nobody_is_a_mistake_with_its_place(
    tmp_path: Path, wrong: str, said: str
) -> None:
    (tmp_path / "test.yaml").write_text(WHOLE.replace("{purpose: [event]}", wrong))
    with pytest.raises(LibraryBroken) as caught:
        load_lifecycles(tmp_path)
    assert said in str(caught.value)
    assert "test.yaml:" in str(caught.value)


def test_every_kind_of_document_has_a_name() -> None:
    wanted = {
        kind
        for lifecycle in load_lifecycles(LIBRARY / "lifecycles").values()
        for step in lifecycle.steps.values()
        for kind in step.documents
    }
    assert wanted - set(names(LIBRARY, "documents")) == set()
