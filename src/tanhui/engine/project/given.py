"""From the text of a monitoring file to exact values, checked field by field.

A year that is missing, a wrong unit, an unknown species, a gap between surveys, a negative mass:
each is named where it stands, with what to do.
"""

from __future__ import annotations

from tanhui.core.region import Region

from ..parameters import read_unit
from ..problems import Problems, Unreadable
from ..section import Section
from ..yamlfile import Node
from .arithmetic import decimal_of
from .inputs import InputReader
from .members import Member, Month, Year, read_member, shifted
from .monitoring import (
    FILE_LABEL,
    Answer,
    Assumption,
    Given,
    Heading,
    Monitoring,
    open_monitoring,
    refuse,
)
from .nouns import YEAR_ENDS, YEARS, ProjectMethodology, Question, SetOf

MEMBERS_MAX = 1_200


def read_monitoring(
    data: bytes, methodology: ProjectMethodology, *, file: str = FILE_LABEL
) -> Monitoring:
    """The monitoring file against its methodology; raises `InputRefused` with every mistake, each
    at its line of `file`.
    """
    problems = Problems()
    try:
        section, heading = open_monitoring(data, problems, file=file)
        reader = _Reader(section, heading, methodology)
        found = reader.monitoring(data)
    except Unreadable:
        refuse(problems)
        raise
    refuse(problems)
    return found


class _Reader:
    """Reads sets first, then the inputs over them."""

    def __init__(self, section: Section, heading: Heading, methodology: ProjectMethodology) -> None:
        self.section, self.heading, self.methodology = section, heading, methodology
        self.problems = section.problems
        self.sets: dict[str, tuple[Member, ...]] = {}

    def monitoring(self, data: bytes) -> Monitoring:
        """The whole file."""
        region = self.heading.region
        if not self.methodology.is_for(Region(region).lineage()):
            self.problems.add(
                self.section.at("region"),
                zh=f"方法学 {self.methodology.code} 只用于 {'、'.join(self.methodology.regions)}，"
                f"不用于 {region}；请核对地区。",
                en=f"{self.methodology.code} is for {', '.join(self.methodology.regions)}, not for "
                f"{region}; check the region",
            )
        self._read_sets()
        if self.problems.found:
            raise Unreadable
        return Monitoring(
            heading=self.heading,
            sets=self.sets,
            inputs=self._read_inputs(),
            answers=self._read_answers(),
            assumed=self._read_assumed(),
            note=self.section.optional_text("note"),
            text=data.decode("utf-8"),
        )

    def _read_sets(self) -> None:
        first, last = self.heading.first_year, self.heading.last_year
        self.sets[YEARS] = tuple(Year(n) for n in range(first, last + 1))
        self.sets[YEAR_ENDS] = tuple(Year(n) for n in range(first - 1, last + 1))
        own = {name: set_ for name, set_ in self.methodology.sets.items() if name not in self.sets}
        for name, set_ in own.items():
            if set_.members is not None:
                self.sets[name] = set_.members
        asked = tuple(name for name, set_ in own.items() if set_.members is None)
        if not asked and "sets" not in self.section:
            return
        if "sets" not in self.section:
            raise self.problems.stop(
                self.section.where,
                zh=f"缺少 sets；请列出 {'、'.join(asked)} 的成员。",
                en=f"sets is missing; list the members of {', '.join(asked)}",
            )
        part = Section(self.section.node("sets"), self.problems, what="sets", required=asked)
        for name in asked:
            with self.problems.part():
                self.sets[name] = self._read_set(part, own[name])

    def _read_set(self, section: Section, set_: SetOf) -> tuple[Member, ...]:
        if set_.kind == "word":
            words = section.words(set_.name)
            if not words or len(set(words)) < len(words):
                raise self.problems.stop(
                    section.at(set_.name),
                    zh=f"集合 {set_.name} 不能为空或有重复；请改正。",
                    en=f"the set {set_.name} is empty or names a member twice; correct it",
                )
            return words
        span = Section(
            section.node(set_.name), self.problems, what=set_.name, required=("from", "to")
        )
        first = read_member(span.text("from"), set_.kind)
        last = read_member(span.text("to"), set_.kind)
        members = _span(first, last)
        if not members:
            raise self.problems.stop(
                span.where,
                zh=f"{set_.name} 应写 from 与 to，如 "
                f"{'2019 与 2028' if set_.kind == 'year' else '2024-01 与 2024-12'}。",
                en=f"{set_.name} needs from and to, such as "
                f"{'2019 and 2028' if set_.kind == 'year' else '2024-01 and 2024-12'}; correct it",
            )
        return members

    def _read_inputs(self) -> dict[str, Given]:
        wanted = self.methodology.inputs
        if not wanted and "inputs" not in self.section:
            return {}
        part = Section(
            self.section.node("inputs"), self.problems, what="inputs", required=tuple(wanted)
        )
        reader = InputReader(self.methodology, self.sets, self.problems)
        found: dict[str, Given] = {}
        for name, each in wanted.items():
            if name in part:
                with self.problems.part():
                    found[name] = reader.read(each, part.node(name))
        return found

    def _read_answers(self) -> dict[str, Answer]:
        asked = {each.id: each for each in self.methodology.applicability}
        if not asked and "applicability" not in self.section:
            return {}
        if "applicability" not in self.section:
            raise self.problems.stop(
                self.section.where,
                zh=f"缺少 applicability；请回答 {'、'.join(asked)}。",
                en=f"applicability is missing; answer {', '.join(asked)}",
            )
        part = Section(
            self.section.node("applicability"),
            self.problems,
            what="applicability",
            required=tuple(asked),
        )
        found: dict[str, Answer] = {}
        for id_, question in asked.items():
            if id_ not in part:
                continue
            with self.problems.part():
                found[id_] = self._read_answer(part.node(id_), question)
        return found

    def _read_answer(self, node: Node, question: Question) -> Answer:
        one = Section(
            node,
            self.problems,
            what=f"answer {question.id}",
            required=("answer", *(("evidence",) if question.needs_evidence else ())),
            optional=("evidence", "note"),
        )
        files = one.words("evidence") if "evidence" in one else ()
        if question.needs_evidence and "evidence" in one and not files:
            raise self.problems.stop(
                one.at("evidence"),
                zh=f"问题 {question.id} 需要证明文件；请写 evidence: [文件名]。",
                en=f"question {question.id} needs evidence; write evidence: [file name]",
            )
        return Answer(
            yes=one.choice("answer", ("yes", "no")) == "yes",
            evidence=files,
            note=one.optional_text("note"),
        )

    def _read_assumed(self) -> dict[str, Assumption]:
        if "assume" not in self.section:
            return {}
        if self.heading.mode != "illustration":
            raise self.problems.stop(
                self.section.at("assume"),
                zh="只有示例（mode: illustration）可以写 assume；请删去或改为示例。",
                en="only an illustration may assume values; remove assume or set "
                "mode: illustration",
            )
        part = Section(
            self.section.node("assume"),
            self.problems,
            what="assume",
            optional=tuple(self.methodology.parameters),
        )
        found: dict[str, Assumption] = {}
        for name in self.methodology.parameters:
            if name not in part:
                continue
            with self.problems.part():
                one = Section(
                    part.node(name),
                    self.problems,
                    what=f"assume.{name}",
                    required=("value", "unit", "why"),
                )
                unit = read_unit(one, "unit")
                if unit.dimension != self.methodology.parameters[name].unit.dimension:
                    raise self.problems.stop(
                        one.at("unit"),
                        zh=f"{name} 的单位应为 {self.methodology.parameters[name].unit.text}。",
                        en=f"{name} must be in {self.methodology.parameters[name].unit.text}; "
                        "correct it",
                    )
                value = decimal_of(one.decimal("value") * unit.factor)
                found[name] = Assumption(value, f"{one.text('value')} {unit.text}", one.text("why"))
        return found


def _span(first: Member | None, last: Member | None) -> tuple[Member, ...]:
    """Every year or month from first to last; nothing when they are not in that order."""
    match first, last:
        case (Year(number=low), Year(number=high)):
            count = high - low + 1
        case (Month(count=low), Month(count=high)):
            count = high - low + 1
        case _:
            return ()
    assert isinstance(first, Year | Month)
    return tuple(shifted(first, by) for by in range(min(count, MEMBERS_MAX)))
