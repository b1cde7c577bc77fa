"""Lifecycles as data: the states of one kind of matter, and the steps between them.

`library/lifecycles/<kind>.yaml` says for every step from which states it leads where, who may take
it, how many people it needs, which fields and documents it asks for, for which matters it is
(`when`), and whether a public notice must have ended. A region's rule set names the steps it skips
(`lifecycle.<kind>.skip`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.section import Section, Text
from tanhui.engine.yamlfile import Mapping as YamlMapping
from tanhui.engine.yamlfile import Node, read_yaml

from .fields import TYPES, Choice, Field

PEOPLE_MAX = 2


@dataclass(frozen=True, kw_only=True)
class StepRule:
    """One step. `sources` are the states it may be taken in; `notice` is the rule key that says
    how many working days a notice lasts that this step opens; `when` are words that a choice of
    the matter's opening must have; what a step marked `is_final` does cannot be undone.
    """

    verb: str
    name: Text
    sources: tuple[str, ...]
    to: str
    by: tuple[str, ...]
    people: int = 1
    fields: tuple[Field, ...] = ()
    documents: tuple[str, ...] = ()
    notice: str = ""
    waits_for_notice: bool = False
    is_skippable: bool = False
    is_public: bool = False
    is_final: bool = False
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fits(self, data: Mapping[str, Any]) -> bool:
        """Whether the step is for a matter that was opened with this data."""
        return all(data.get(key) in words for key, words in self.when)


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """States and steps of a kind; `initial` is the state in which `opens` leaves a new matter."""

    kind: str
    letter: str
    title: Text
    parent: str
    states: Mapping[str, Text]
    opens: StepRule
    steps: Mapping[str, StepRule]

    def steps_in(
        self, state: str, *, data: Mapping[str, Any], skipped: Collection[str] = ()
    ) -> list[StepRule]:
        """The steps that may be taken in a state by a matter with this data, some being skipped.

        A skipped step is never taken, and what follows it may be taken where it could have been;
        no rule takes away a step that is not skippable.
        """
        left_out = [step for step in self.steps.values() if step.is_skippable]
        left_out = [step for step in left_out if step.verb in skipped]
        reached = _reached(state, left_out)
        return [
            step
            for step in self.steps.values()
            if step not in left_out and step.fits(data) and reached & set(step.sources)
        ]

    def is_final(self, step: StepRule) -> bool:
        """Whether there is no way back: the step says so, or nothing leaves its new state."""
        return step.is_final or step.to in self.ends()

    def ends(self) -> set[str]:
        """The states that no step leaves."""
        return set(self.states) - {state for step in self.steps.values() for state in step.sources}


def _reached(state: str, skipped: Iterable[StepRule]) -> set[str]:
    """A state and all that skipped steps lead to from it."""
    reached, rules = {state}, list(skipped)
    while new := {rule.to for rule in rules if reached & set(rule.sources)} - reached:
        reached |= new
    return reached


def load_lifecycles(folder: Path) -> dict[str, Lifecycle]:
    """Every lifecycle of a library; raises `LibraryBroken` with all mistakes."""
    problems = Problems()
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        with problems.part():
            root = read_yaml(
                file.read_bytes(), file=f"{folder.name}/{file.name}", problems=problems
            )
            lifecycle = _lifecycle(root, problems)
            found[lifecycle.kind] = lifecycle
    problems.refuse()
    return found


def _lifecycle(root: Node, problems: Problems) -> Lifecycle:
    section = Section(
        root,
        problems,
        what="lifecycle",
        required=("kind", "letter", "title", "states", "opens", "steps"),
        optional=("parent",),
    )
    states = {
        name: Section(node, problems, what=f"state {name}", required=("name",)).bilingual("name")
        for name, node in _entries(section, "states").items()
    }
    opens = _step("open", section.node("opens"), states, problems, is_opening=True)
    steps = {}
    for verb, node in _entries(section, "steps").items():
        with problems.part():
            steps[verb] = _step(verb, node, states, problems)
    lifecycle = Lifecycle(
        kind=section.text("kind"),
        letter=section.text("letter"),
        title=section.bilingual("title"),
        parent=section.optional_text("parent") or "",
        states=states,
        opens=opens,
        steps=steps,
    )
    _check_reached(lifecycle, section)
    _check_when(lifecycle, section)
    return lifecycle


_STEP_KEYS = (
    *("people", "fields", "documents", "notice"),
    *("waits_for_notice", "skippable", "public", "final", "when"),
)


def _step(
    verb: str,
    node: Node,
    states: Mapping[str, Text],
    problems: Problems,
    *,
    is_opening: bool = False,
) -> StepRule:
    required = ("name", "to", "by") if is_opening else ("name", "from", "to", "by")
    section = Section(node, problems, what=f"step {verb}", required=required, optional=_STEP_KEYS)
    known = tuple(states)
    sources = () if is_opening else section.words("from")
    for state in sources:
        if state not in known:
            raise problems.stop(
                section.at("from"),
                zh=f"没有状态“{state}”；请在 states 中写明。",
                en=f"there is no state '{state}'; write it under states",
            )
    people = section.optional_text("people") or "1"
    if people not in {"1", "2"}:
        raise problems.stop(
            section.at("people"), zh="people 应为 1 或 2。", en="people must be 1 or 2"
        )
    return StepRule(
        verb=verb,
        name=section.bilingual("name"),
        sources=sources,
        to=section.choice("to", known),
        by=section.words("by"),
        people=int(people),
        fields=tuple(_field(item, problems) for item in _items(section, "fields")),
        documents=section.words("documents") if "documents" in section else (),
        notice=section.optional_text("notice") or "",
        waits_for_notice=_yes(section, "waits_for_notice"),
        is_skippable=_yes(section, "skippable"),
        is_public=_yes(section, "public"),
        is_final=_yes(section, "final"),
        when=_when(section),
    )


def _when(section: Section) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if "when" not in section:
        return ()
    names = _entries(section, "when")
    words = Section(
        section.node("when"), section.problems, what="when", required=(), optional=tuple(names)
    )
    return tuple((name, words.words(name)) for name in names)


def _field(node: Node, problems: Problems) -> Field:
    section = Section(
        node,
        problems,
        what="field",
        required=("key", "type", "name"),
        optional=("optional", "unit", "least", "most", "choices", "columns", "help"),
    )
    return Field(
        key=section.text("key"),
        type=section.choice("type", TYPES),
        name=section.bilingual("name"),
        is_required=not _yes(section, "optional"),
        unit=section.optional_text("unit") or "",
        least=section.decimal("least") if "least" in section else None,
        most=section.decimal("most") if "most" in section else None,
        choices=tuple(_choice(item, problems) for item in _items(section, "choices")),
        columns=tuple(_field(item, problems) for item in _items(section, "columns")),
        help=section.optional_bilingual("help"),
    )


def _choice(node: Node, problems: Problems) -> Choice:
    section = Section(node, problems, what="choice", required=("value", "name"))
    return Choice(value=section.text("value"), name=section.bilingual("name"))


def _check_reached(lifecycle: Lifecycle, section: Section) -> None:
    """Every state can be reached, so none is written in vain."""
    reached = {lifecycle.opens.to}
    while (
        new := {step.to for step in lifecycle.steps.values() if reached & set(step.sources)}
        - reached
    ):
        reached |= new
    for state in sorted(set(lifecycle.states) - reached):
        section.problems.add(
            section.at("states"),
            zh=f"没有步骤通向状态“{state}”；请补上或删去。",
            en=f"no step leads to the state '{state}'; add one or remove it",
        )


def _check_when(lifecycle: Lifecycle, section: Section) -> None:
    """`when` names choices of the opening and words that can be chosen."""
    known = {
        field.key: {choice.value for choice in field.choices} for field in lifecycle.opens.fields
    }
    for step in lifecycle.steps.values():
        for key, words in step.when:
            for word in sorted(set(words) - known.get(key, set())):
                section.problems.add(
                    section.at("steps"),
                    zh=f"步骤 {step.verb} 的 when：新建时的“{key}”没有可选的“{word}”；请改正。",
                    en=f"when of the step {step.verb}: '{word}' is no choice of '{key}' when the "
                    "matter is opened; correct it",
                )


def _entries(section: Section, key: str) -> Mapping[str, Node]:
    node = section.node(key)
    if not isinstance(node, YamlMapping):
        section.problems.add(
            node.where,
            zh=f"{key} 应为“键: 内容”。",
            en=f"{key} must be a mapping",
        )
        raise Unreadable
    return node.entries


def _items(section: Section, key: str) -> tuple[Node, ...]:
    return section.items(key) if key in section else ()


def _yes(section: Section, key: str) -> bool:
    return key in section and section.choice(key, ("true", "false")) == "true"
