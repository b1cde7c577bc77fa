"""From the bytes of a project methodology to a checked `ProjectMethodology`, or to its mistakes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from tanhui.core.period import day_number

from .. import blocks as behaviour
from ..checks import in_order_of_use
from ..dimensions import Kind, type_of
from ..expression import Expression
from ..life import read_life
from ..methodology import ROUNDING, SKELETON, Rounding
from ..parameters import FactorTable, read_days
from ..problems import Mistake, Problems, Unreadable
from ..section import Section, region_code
from ..units import CARBON_MASS
from ..yamlfile import Mapping as YamlMapping
from ..yamlfile import Scalar, read_yaml
from . import blocks, checks, formulas
from .nouns import (
    RESULTS,
    SHAPES,
    YEARS,
    Alternative,
    Limit,
    ProjectEquation,
    ProjectMethodology,
    SetOf,
)
from .tables import Table

REQUIRED = (
    "methodology",
    "version",
    "title",
    "kind",
    "shape",
    "regions",
    "effective",
    "status",
)
RULE = ("inputs", "equations", "results")  # all three, or none where only the name is known
OPTIONAL = (
    "sets",
    "parameters",
    "tables",
    "lookups",
    "limits",
    "applicability",
    "alternatives",
    "round",
    "disabled",
    "crediting",
    "life",
    *SKELETON,
)
NOTES = ("crediting", *SKELETON)


def load_project(
    data: bytes,
    *,
    file: str,
    tables: Mapping[str, Table],
    factors: Mapping[str, FactorTable],
    problems: Problems,
) -> ProjectMethodology | None:
    """The methodology in `data`, or None with the mistakes added to `problems`."""
    before = len(problems.found)
    try:
        root = read_yaml(data, file=file, problems=problems)
        section = Section(
            root,
            problems,
            what="methodology",
            required=REQUIRED,
            optional=(*RULE, *OPTIONAL),
        )
        found = _Reading(section, data, file, tables, factors).methodology()
    except Unreadable:
        return None
    return found if len(problems.found) == before else None


class _Reading:
    """One file being read: the blocks, then the checks, then the whole."""

    def __init__(
        self,
        section: Section,
        data: bytes,
        file: str,
        tables: Mapping[str, Table],
        factors: Mapping[str, FactorTable],
    ) -> None:
        self.section, self.data, self.file = section, data, file
        self.problems = section.problems
        self.shared, self.factors = tables, factors
        self.sets: dict[str, SetOf] = blocks.read_sets(section)
        self.inputs = blocks.read_inputs(section, self.sets)
        self.parameters = blocks.read_parameters(section, factors)
        self.tables = {**tables, **blocks.read_own_tables(section, file=file)}
        self.lookups = blocks.read_lookups(section, self.tables)
        self.equations = formulas.read_equations(section, self.sets)
        self.limits: tuple[Limit, ...] = formulas.read_limits(section, self.sets)
        self.alternatives: tuple[Alternative, ...] = formulas.read_alternatives(section)
        self.results: dict[str, str] = {}
        self.outputs: tuple[str, ...] = ()
        self.subtotals: tuple[str, ...] = ()
        with self.problems.part():
            self._read_results()

    def _is_name_only(self) -> bool:
        status = self.section.node("status")
        equations = status.entries.get("equations") if isinstance(status, YamlMapping) else None
        return isinstance(equations, Scalar) and equations.text == "name_only"

    def _read_results(self) -> None:
        if not any(key in self.section for key in RULE) and self._is_name_only():
            return
        for key in RULE:
            if key not in self.section:
                self.problems.add(
                    self.section.where,
                    zh=f"缺少 {key}；请补上；只知名称（equations: name_only）时三者都不写。",
                    en=f"methodology lacks '{key}'; add it; where only the name is known "
                    f"(equations: name_only) leave out all of {', '.join(RULE)}",
                )
        if "results" not in self.section:
            return
        part = Section(
            self.section.node("results"),
            self.problems,
            what="results",
            optional=(*RESULTS, "outputs", "subtotals"),
        )
        self.results = {name: part.text(name) for name in RESULTS if name in part}
        self.outputs = part.words("outputs") if "outputs" in part else ()
        self.subtotals = part.words("subtotals") if "subtotals" in part else ()
        if not self.results and not self.outputs:
            raise self.problems.stop(
                self.section.at("results"),
                zh="results 至少要有 issuable 或 outputs；请补上。",
                en="results needs issuable or outputs; add one",
            )

    def methodology(self) -> ProjectMethodology | None:
        """The whole, when nothing was wrong in it."""
        ordered = {} if self._broken() else self._check()
        section = self.section
        section.choice("kind", ("project",))
        effective = Section(
            section.node("effective"),
            self.problems,
            what="effective",
            required=("from", "zone"),
            optional=("to",),
        )
        first, end = read_days(effective)
        behaviour.read_zone(effective)
        rounding, whole = self._read_round()
        texts = self._texts()
        return ProjectMethodology(
            code=behaviour.read_slug(section, "methodology"),
            version=behaviour.read_version(section),
            digest=digest_of(texts),
            title=section.bilingual("title"),
            shape=section.choice("shape", SHAPES),
            regions=tuple(region_code(node, self.problems) for node in section.items("regions")),
            first_day=day_number(first),
            end_day=None if end is None else day_number(end),
            status=behaviour.read_status(section),
            disabled=section.optional_bilingual("disabled"),
            skeleton={key: section.bilingual(key) for key in NOTES if key in section},
            sets=self.sets,
            inputs=self.inputs,
            parameters=self.parameters,
            lookups=self.lookups,
            equations=ordered,
            results=self.results,
            outputs=self.outputs,
            subtotals=self.subtotals,
            vintage_round=rounding,
            whole_tonnes=whole,
            limits=self.limits,
            applicability=blocks.read_questions(section),
            alternatives=self.alternatives,
            texts=texts,
            file=self.file,
            life=read_life(section),
            lines=section.mapping.lines,
        )

    def _broken(self) -> bool:
        """Whether this file has mistakes already, so that checks would only repeat them."""
        return any(problem.where.file == self.file for problem in self.problems.found)

    def _read_round(self) -> tuple[Rounding, bool]:
        if "round" not in self.section:
            return "down", True
        part = Section(
            self.section.node("round"),
            self.problems,
            what="round",
            required=("vintage", "issuance"),
        )
        mode = cast(Rounding, part.choice("vintage", ROUNDING))
        return mode, part.choice("issuance", ("whole_tonnes_down", "milligrams")) != "milligrams"

    def _texts(self) -> dict[str, str]:
        used = {lookup.table.id for lookup in self.lookups.values()} & set(self.shared)
        texts = {"methodology.yaml": self.data.decode("utf-8", "replace")}
        for id_ in sorted(used):
            texts[f"tables/{id_}.yaml"] = self.shared[id_].data.decode("utf-8")
        for id_ in sorted({each.factor for each in self.parameters.values() if each.factor}):
            texts[f"factors/{id_}.yaml"] = self.factors[id_].data.decode("utf-8")
        return texts

    def _check(self) -> dict[str, ProjectEquation]:
        """Names, indices, order and units; the equations in order of use."""
        scope = checks.scope_of(
            self.sets, self.inputs, self.parameters, self.lookups, self.equations
        )
        groups = (self.sets, self.inputs, self.parameters, self.lookups, self.equations)
        declared = [name for group in groups for name in group]
        for name in sorted({name for name in declared if declared.count(name) > 1}):
            self.problems.add(
                self.section.at("equations"),
                zh=f"名称“{name}”用了两次；请改名。",
                en=f"the name '{name}' is used for two things; rename one",
            )
        before = len(self.problems.found)
        for equation in self.equations.values():
            with self.problems.part(equation.where):
                self._check_formula(equation, equation.expression, scope)
        if len(self.problems.found) > before:
            return {}
        self._check_limits(scope)
        self._check_alternatives(scope)
        with self.problems.part(self.section.at("results")):
            self._check_results()
            self._refuse_unused()
        with self.problems.part(self.section.at("equations")):
            order = in_order_of_use({n: e.expression for n, e in self.equations.items()})
            return {name: self.equations[name] for name in order}
        return {}

    def _check_formula(
        self, equation: ProjectEquation, expression: Expression, scope: checks.Scope
    ) -> None:
        variables = dict(equation.over)
        if len(variables) < len(equation.over) or set(variables) & set(scope.slots):
            raise Mistake(
                zh=f"公式 {equation.name} 的下标变量重复或与已有名称相同；请改名。",
                en=f"an index variable of {equation.name} is given twice or is a name already; "
                "rename it",
            )
        checks.check_indices(expression, scope, variables)
        formulas.check_unit(equation, expression, scope.inside(variables))

    def _check_limits(self, scope: checks.Scope) -> None:
        for limit in self.limits:
            with self.problems.part(limit.where):
                variables = dict(limit.over)
                checks.check_indices(limit.expression, scope, variables)
                if type_of(limit.expression, scope.inside(variables)) is not Kind.CONDITION:
                    raise Mistake(
                        zh=f"limits 的“{limit.source}”不是条件；请写比较。",
                        en=f"the limit '{limit.source}' is no condition; write a comparison",
                    )

    def _check_alternatives(self, scope: checks.Scope) -> None:
        for alternative in self.alternatives:
            for name, (_, expression) in alternative.replaces.items():
                with self.problems.part(alternative.where):
                    if name not in self.equations:
                        raise Mistake(
                            zh=f"alternatives 只能替换公式，“{name}”不是公式；请改正。",
                            en=f"an alternative replaces equations, '{name}' is none; correct it",
                        )
                    self._check_formula(self.equations[name], expression, scope)

    def _check_results(self) -> None:
        for name in (*self.results.values(), *self.outputs, *self.subtotals):
            if name not in self.equations:
                raise Mistake(
                    zh=f"results 的“{name}”不是公式；已有：{', '.join(self.equations)}。",
                    en=f"'{name}' in results is no equation; there are: "
                    f"{', '.join(self.equations)}",
                )
        for what, name in self.results.items():
            equation = self.equations[name]
            sets = tuple(set_ for _, set_ in equation.over)
            if sets != (YEARS,) or equation.unit.dimension != CARBON_MASS:
                raise Mistake(
                    zh=f"{what} 的公式 {name} 应为每个年份（[y in years]）一个 CO2e 质量；请改正。",
                    en=f"{what} needs a mass of CO2e for each year: write {name}[y in years] in "
                    "tCO2e",
                )
        for name in self.subtotals:
            sets = tuple(set_ for _, set_ in self.equations[name].over)
            if YEARS not in sets or len(sets) != 2:
                raise Mistake(
                    zh=f"subtotals 的 {name} 应按年份和另一个集合；请改正。",
                    en=f"the subtotal {name} must be over years and one other set; correct it",
                )
        stores = self.section.text("shape") in ("S4", "S6")
        if stores and "issuable" in self.results and "reversal" not in self.results:
            raise Mistake(
                zh="碳汇可能逆转：S4、S6 的 results 必须给出 reversal，不得截断丢弃；请补上。",
                en="stored carbon can be lost: results of S4 and S6 must name a reversal, "
                "never floored away; name one",
            )
        if "issuable" in self.results and "reversal" not in self.results:
            checks.refuse_floor(self.equations[self.results["issuable"]])
        for name in checks.closure(iter(self.results.values()), self.equations):
            if name in self.equations:
                checks.refuse_incomplete_use(self.equations[name], self.lookups)

    def _refuse_unused(self) -> None:
        """What is declared must count: an unused value would look like law and change nothing."""
        roots = [*self.results.values(), *self.outputs, *self.subtotals]
        for limit in self.limits:
            roots.extend(checks.every_name(limit.expression))
        for alternative in self.alternatives:
            for _, expression in alternative.replaces.values():
                roots.extend(checks.every_name(expression))
        used = checks.closure(iter(roots), self.equations)
        for group in (self.inputs, self.parameters, self.lookups, self.equations):
            for name in group:
                if name not in used:
                    raise Mistake(
                        zh=f"“{name}”从未被结果用到；请使用、列入 outputs 或删去。",
                        en=f"'{name}' is never used by a result; use it, list it in outputs or "
                        "remove it",
                    )


def digest_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over the file and the tables it uses, each with its name and length before it."""
    digest = hashlib.sha256(b"tanhui project methodology 1\n")
    for name, text in sorted(texts.items()):
        content = text.encode("utf-8")
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
