"""YAML as an expert writes it: every scalar stays text, every node knows its line.

Numbers become exact fractions only where a unit is known, so 78.4 is never a binary float.
Duplicate keys, anchors, tags and several documents are refused: a reader must see what counts.
A text that starts with ____ is a blank that `tanhui methodology new` left for a person to fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from .problems import Problems, Unreadable, Where

FILE_BYTES_MAX = 1 << 20
DEPTH_MAX = 12
BLANK = "____"

# Both loaders build the same nodes; the one in C is ten times faster where it is installed.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """A text as written, quotes removed."""

    where: Where
    text: str


@dataclass(frozen=True)
class Sequence:
    """A list of nodes."""

    where: Where
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping:
    """Keys in file order, with the line of each key."""

    where: Where
    entries: dict[str, Node]
    lines: dict[str, Where]


Node = Scalar | Sequence | Mapping


def read_yaml(data: bytes, *, file: str, problems: Problems) -> Node:
    """The one document in `data`; raises `Unreadable` when there is none."""
    start = Where(file, 1)
    if len(data) > FILE_BYTES_MAX:
        raise problems.stop(
            start,
            zh=f"文件有 {len(data)} 字节，超过上限 {FILE_BYTES_MAX}；请拆分。",
            en=f"the file has {len(data)} bytes, the limit is {FILE_BYTES_MAX}; split it",
        )
    try:
        text = data.decode("utf-8")
        if "\x00" in text:
            raise UnicodeDecodeError("utf-8", data, 0, 1, "NUL")
    except UnicodeDecodeError:
        raise problems.stop(
            start, zh="文件不是 UTF-8 文本；请另存为 UTF-8。", en="not UTF-8 text; save it as UTF-8"
        ) from None
    try:
        _refuse_hidden_parts(text, start, problems)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise problems.stop(
            Where(file, mark.line + 1 if mark else 1),
            zh=f"YAML 写法有误（{error.problem}）；请检查缩进、冒号与引号。",
            en=f"not valid YAML ({error.problem}); check indent, colons and quotes",
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise problems.stop(
            start,
            zh="YAML 含有不允许的字符或嵌套过深；请改为普通文本。",
            en="the YAML holds characters that are not allowed or nests too deep; write plain text",
        ) from None
    if root is None:
        raise problems.stop(start, zh="文件是空的；请填写。", en="the file is empty; fill it in")
    tree = _node(root, file=file, problems=problems)
    _refuse_blanks(tree, problems)
    return tree


def _refuse_blanks(tree: Node, problems: Problems) -> None:
    """Name every blank that is left; a file with blanks says nothing yet, so nothing else is."""
    blanks = list(_blanks(tree, ""))
    for path, blank in blanks:
        wanted = blank.text.removeprefix(BLANK).strip()
        problems.add(
            blank.where,
            zh=f"{path} 还是空白（{wanted}）；请把 {BLANK} 这段文字换成内容。",
            en=f"{path} is still a blank ({wanted}); write it in place of the {BLANK} text",
        )
    if blanks:
        raise Unreadable


def _blanks(node: Node, path: str) -> Iterator[tuple[str, Scalar]]:
    """The blanks under `node` with the way to each, such as `parameters.rate.values[0].value`."""
    match node:
        case Scalar(text=text) if text.startswith(BLANK):
            yield path, node
        case Sequence(items=items):
            for place, item in enumerate(items):
                yield from _blanks(item, f"{path}[{place}]")
        case Mapping(entries=entries):
            for key, entry in entries.items():
                yield from _blanks(entry, f"{path}.{key}" if path else key)


def _refuse_hidden_parts(text: str, start: Where, problems: Problems) -> None:
    """Anchors and tags make a line mean what stands elsewhere; law must not do that.

    Depth is checked here, event by event, because building nodes goes as deep as the text.
    """
    documents = depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        mark = event.start_mark
        where = Where(start.file, mark.line + 1 if mark else 1)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise problems.stop(
                    where,
                    zh="一个文件只能有一个 YAML 文档；请拆成多个文件。",
                    en="a file holds one YAML document; put the second into its own file",
                )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise problems.stop(
                where,
                zh=f"嵌套超过 {DEPTH_MAX} 层；请展平。",
                en=f"nested deeper than {DEPTH_MAX} levels; flatten it",
            )
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise problems.stop(
                where,
                zh="不允许使用锚点（&、*）；请把值写全。",
                en="anchors (& and *) are not allowed; write the value out",
            )
        if getattr(event, "tag", None):
            raise problems.stop(
                where,
                zh="不允许使用标签（!）；请写普通文本。",
                en="tags (!) are not allowed; write plain text",
            )


def _node(node: yaml.Node, *, file: str, problems: Problems) -> Node:
    where = Where(file, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(where, node.value)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(
            where,
            tuple(_node(item, file=file, problems=problems) for item in node.value),
        )
    return _mapping(node, file=file, problems=problems)


def _mapping(node: yaml.Node, *, file: str, problems: Problems) -> Mapping:
    entries: dict[str, Node] = {}
    lines: dict[str, Where] = {}
    for key_node, value_node in node.value:
        where = Where(file, key_node.start_mark.line + 1)
        if not isinstance(key_node, yaml.ScalarNode) or not key_node.value:
            raise problems.stop(
                where, zh="键必须是普通文本；请改写。", en="a key must be plain text; rewrite it"
            )
        key = key_node.value
        if key in entries:
            raise problems.stop(
                where,
                zh=f"键“{key}”重复，第一次在第 {lines[key].line} 行；请删去一个。",
                en=f"the key '{key}' is given twice, first in line {lines[key].line}; remove one",
            )
        entries[key] = _node(value_node, file=file, problems=problems)
        lines[key] = where
    return Mapping(Where(file, node.start_mark.line + 1), entries, lines)
