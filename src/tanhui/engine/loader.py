"""From the bytes of a methodology file to a checked `Methodology`, or to all its mistakes.

Stages: the blocks are read; names, order and units are checked; the integer form proves divisors
and bounds; the worked examples must give their stated results. A stage runs when the one before
it found nothing in this file, so that one mistake does not show up as ten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from collections.abc import Mapping as Map
from contextlib import contextmanager
from dataclasses import dataclass

from tanhui.core.period import day_number

from . import blocks, checks
from .examples import check_examples, read_examples
from .expression import Expression
from .history_fields import with_history_fields
from .integer import compile as compile_form
from .life import read_life
from .methodology import (
    CLAUSES_MAX,
    SKELETON,
    Clause,
    Equation,
    Example,
    Field,
    Methodology,
    Parameter,
    Reward,
    Rounding,
)
from .parameters import FactorTable, read_days, read_parameter
from .problems import Mistake, Problems, Unreadable, Where
from .section import Section, region_code, scalar_text
from .terms import History
from .terms_reader import read_histories, read_terms
from .units import Dimension, shown_unit
from .yamlfile import Mapping, Node, read_yaml

NAMES_MAX = 60  # parameters, and equations, of one methodology
REGIONS_MAX = 500

REQUIRED = (
    "methodology",
    "version",
    "title",
    "kind",
    "scene",
    "regions",
    "effective",
    "status",
    "fields",
    "parameters",
    "equations",
    "result",
    "duplicates",
    "allocation",
    "examples",
)
OPTIONAL = (
    "applies", "caps", "history", "exclusive_with", "claim", "group", "disabled", "life", "reward",
    *SKELETON,
)  # fmt: skip


@dataclass(frozen=True)
class _Parts:
    """What the equations talk about, between reading and checking."""

    fields: tuple[Field, ...]
    history: tuple[History, ...]
    parameters: Map[str, Parameter]
    clauses: tuple[Clause, ...]
    expressions: Map[str, tuple[str, Expression, Where]]
    result_of: str
    round: Rounding
    reward: Reward | None


def load_methodology(
    data: bytes, *, file: str, tables: Map[str, FactorTable], problems: Problems
) -> Methodology | None:
    """The methodology in `data`, or None with the mistakes added to `problems`."""
    before = len(problems.found)
    try:
        root = read_yaml(data, file=file, problems=problems)
        section = Section(root, problems, what="methodology", required=REQUIRED, optional=OPTIONAL)
        methodology = _read(section, data=data, tables=tables)
    except Unreadable:
        return None
    if methodology is None or len(problems.found) > before:
        return None
    with _placed(section):
        compile_form(methodology)
    if len(problems.found) == before:
        check_examples(methodology, methodology.examples, problems)
    return methodology if len(problems.found) == before else None


def _read(section: Section, *, data: bytes, tables: Map[str, FactorTable]) -> Methodology | None:
    problems = section.problems
    before = len(problems.found)
    regions = _read_regions(section)
    parts = _read_parts(section, tables=tables, regions=regions)
    equations = _check(section, parts) if len(problems.found) == before else {}
    with problems.part():
        status = blocks.read_status(section)
        if status.equations == "name_only" and len(problems.found) == before:
            with problems.part(section.at("status")):
                checks.refuse_values_for_a_name(parts.parameters)
        section.choice("kind", ("behaviour",))
        scene = blocks.read_slug(section, "scene")
        terms = read_terms(section, scene=scene, fields=parts.fields)
        used = _tables_used(parts, tables)
        disabled = section.optional_bilingual("disabled")
        if terms is None:
            return None
        if terms.group is not None and len(problems.found) == before:
            trees = {name: tree for name, (_, tree, _) in parts.expressions.items()}
            with problems.part(section.at("group")):
                checks.refuse_group_undivided(terms.group.members, trees)
        effective = Section(
            section.node("effective"),
            problems,
            what="effective",
            required=("from", "zone"),
            optional=("to",),
        )
        first, end = read_days(effective)
        methodology = Methodology(
            code=blocks.read_slug(section, "methodology"),
            version=blocks.read_version(section),
            digest=_digest(data, used),
            scene=scene,
            kind="behaviour",
            title=section.bilingual("title"),
            regions=regions,
            first_day=day_number(first),
            end_day=None if end is None else day_number(end),
            offset_min=blocks.read_zone(effective),
            status=status,
            disabled=disabled,
            skeleton={key: section.bilingual(key) for key in SKELETON if key in section},
            fields=parts.fields,
            parameters=parts.parameters,
            clauses=parts.clauses,
            equations=equations,
            result_of=parts.result_of,
            round=parts.round,
            caps=terms.caps,
            history=parts.history,
            exclusive_with=terms.exclusive_with,
            claim=terms.claim,
            allocation=terms.allocation,
            group=terms.group,
            overlap=blocks.read_duplicates(section),
            examples=_read_examples(section, parts),
            file=section.where.file,
            reward=parts.reward,
            life=read_life(section),
            texts=((section.where.file, data), *((each.file, each.data) for each in used)),
            lines=section.mapping.lines,
        )
        return methodology if len(problems.found) == before else None
    return None


def _read_examples(section: Section, parts: _Parts) -> tuple[Example, ...]:
    """The examples; not read when a field could not be, because they would name it in vain."""
    fields = section.node("fields")
    reported = sum(not field.derived for field in parts.fields)
    if not isinstance(fields, Mapping) or reported < len(fields.entries):
        return ()
    return read_examples(section, parts.fields, parts.clauses)


@contextmanager
def _placed(section: Section) -> Iterator[None]:
    """Put a mistake about a declared name to the line where the name is declared."""
    try:
        yield
    except Mistake as mistake:
        blocks_of_names = (
            section.mapping.entries.get(key) for key in ("equations", "parameters", "fields")
        )
        lines = (
            block.lines[mistake.about]
            for block in blocks_of_names
            if isinstance(block, Mapping) and mistake.about in block.lines
        )
        where = next(lines, section.at("equations"))
        section.problems.add(where, zh=mistake.zh, en=mistake.en)


def _read_regions(section: Section) -> tuple[str, ...]:
    nodes = section.items("regions")
    codes = tuple(region_code(node, section.problems) for node in nodes)
    if not 1 <= len(codes) <= REGIONS_MAX or len(set(codes)) < len(codes):
        raise section.problems.stop(
            section.at("regions"),
            zh=f"regions 应有 1 至 {REGIONS_MAX} 个互不相同的地区。",
            en=f"regions must list 1 to {REGIONS_MAX} different codes; correct the list",
        )
    return codes


def _read_parts(
    section: Section, *, tables: Map[str, FactorTable], regions: tuple[str, ...]
) -> _Parts:
    problems = section.problems
    fields: tuple[Field, ...] = ()
    clauses: tuple[Clause, ...] = ()
    result_of, rounding = "", blocks.ROUNDING_DEFAULT
    reward: Reward | None = None
    history: tuple[History, ...] = ()
    with problems.part():
        fields = blocks.read_fields(section.node("fields"), problems)
        history = read_histories(section)
        fields = with_history_fields(section, fields, history)
    parameters: dict[str, Parameter] = {}
    for name, node, where in _named(section, "parameters"):
        with problems.part():
            blocks.check_name(name, where, problems)
            parameters[name] = read_parameter(name, node, problems, tables=tables, regions=regions)
    expressions: dict[str, tuple[str, Expression, Where]] = {}
    for name, node, where in _named(section, "equations"):
        with problems.part():
            blocks.check_name(name, where, problems)
            text = scalar_text(node, problems, what=f"equation {name}")
            expressions[name] = (text, blocks.read_expression(text, where, problems), where)
    with problems.part():
        clauses = blocks.read_clauses(section)
    with problems.part():
        result_of, rounding = blocks.read_result(section)
    with problems.part():
        reward = blocks.read_reward(section)
    return _Parts(fields, history, parameters, clauses, expressions, result_of, rounding, reward)


def _named(section: Section, key: str) -> list[tuple[str, Node, Where]]:
    """The entries of a mapping of names, with their places; an empty one is allowed as {}."""
    with section.problems.part():
        node = section.node(key)
        if not isinstance(node, Mapping) or len(node.entries) > NAMES_MAX:
            raise section.problems.stop(
                section.at(key),
                zh=f"{key} 应为至多 {NAMES_MAX} 个“名称: 内容”；请改正。",
                en=f"{key} must be a mapping of at most {NAMES_MAX} names; write 'name: ...'",
            )
        return [(name, entry, node.lines[name]) for name, entry in node.entries.items()]
    return []


def _check(section: Section, parts: _Parts) -> dict[str, Equation]:
    """Names, order and units; the equations in order of use."""
    problems = section.problems
    before = len(problems.found)
    trees = {name: tree for name, (_, tree, _) in parts.expressions.items()}
    declared = [*(field.name for field in parts.fields), *parts.parameters, *trees]
    for name in sorted({name for name in declared if declared.count(name) > 1}):
        problems.add(
            section.at("equations"),
            zh=f"名称“{name}”用了两次；请改名。",
            en=f"the name '{name}' is used for two things; rename one",
        )
    tables = [name for name, each in parts.parameters.items() if each.argument is not None]
    written = [(tree, where) for _, tree, where in parts.expressions.values()]
    written += [(clause.expression, section.at("applies")) for clause in parts.clauses]
    for tree, where in written:
        with problems.part(where):
            checks.refuse_unknown_names(tree, declared)
            checks.refuse_wrong_calls(tree, tables)
    with problems.part(section.at("parameters")):
        checks.refuse_facets_that_clash(parts.parameters)
    with problems.part(section.at("result")):
        if parts.result_of not in trees:
            raise Mistake(
                zh=f"result.of 的“{parts.result_of[:40]}”不是公式；已有：{', '.join(trees)}。",
                en=f"result.of '{parts.result_of[:40]}' is no equation; there are: "
                f"{', '.join(trees)}",
            )
        if len(parts.clauses) > CLAUSES_MAX:
            raise Mistake(
                zh=f"applies 超过 {CLAUSES_MAX} 个条件；请合并。",
                en=f"applies has more than {CLAUSES_MAX} conditions; merge some",
            )
    if len(problems.found) > before:
        return {}
    return _check_units(section, parts, trees, declared)


def _check_units(
    section: Section, parts: _Parts, trees: dict[str, Expression], declared: list[str]
) -> dict[str, Equation]:
    problems = section.problems
    equations: dict[str, Equation] = {}
    known = checks.dimensions_of(parts.fields, parts.parameters)
    before = len(problems.found)
    with _placed(section):
        for name in checks.in_order_of_use(trees):
            text, tree, where = parts.expressions[name]
            dimension: Dimension = ()
            with problems.part(where):
                dimension = checks.dimension_of_equation(tree, known)
            known[name] = dimension
            equations[name] = Equation(name, text, tree, shown_unit(dimension), where)
        roots = [parts.result_of, *([] if parts.reward is None else [parts.reward.of])]
        checks.refuse_unused(trees, parts.clauses, roots=roots, declared=declared)
    for clause in parts.clauses:
        with problems.part(section.at("applies")):
            checks.refuse_no_condition(clause, known)
    if parts.reward is not None:
        with problems.part(section.at("reward")):
            checks.refuse_no_reward(parts.reward, {name: known[name] for name in equations})
    if len(equations) == len(trees) and len(problems.found) == before:
        with problems.part(parts.expressions[parts.result_of][2]):
            checks.refuse_no_carbon_mass(parts.result_of, known[parts.result_of])
    return equations


def _tables_used(parts: _Parts, tables: Map[str, FactorTable]) -> list[FactorTable]:
    """The factor tables its parameters take, by id."""
    used = {each.factor for each in parts.parameters.values() if each.factor is not None}
    return [tables[id_] for id_ in sorted(used)]


def _digest(data: bytes, used: list[FactorTable]) -> str:
    """SHA-256 over the file and the factor tables it uses, each with its length before it."""
    digest = hashlib.sha256(b"tanhui methodology 1\n")
    for content in [data, *(table.data for table in used)]:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
