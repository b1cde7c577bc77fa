"""YAML as an expert writes it: every scalar stays text, every node knows its line.

Numbers become exact fractions only where a unit is known, so 78.4 is never a binary float.
Duplicate keys, anchors, tags and several documents are refused: a reader must see what counts.
A text that starts with ____ is a blank that `tanhui methodology new` left for a person to fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from .problems import Problems, Unreadable, Where
from .yaml_words import told

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
    if b"\x00" in data:
        raise problems.stop(
            Where(file, 1 + data.count(b"\n", 0, data.index(b"\x00"))),
            zh="这一行有空字节（NUL），文件损坏或是 UTF-16；请删去它，或另存为 UTF-8。",
            en="the line holds a NUL byte, the file is damaged or UTF-16; remove it, or save as "
            "UTF-8",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise problems.stop(
            Where(file, 1 + data.count(b"\n", 0, error.start)),
            zh="文件不是 UTF-8 文本；请另存为 UTF-8。",
            en="not UTF-8 text; save it as UTF-8",
        ) from None
    try:
        tree = _tree(text, start, problems)
    except yaml.MarkedYAMLError as error:
        line, mistake = told(error, text)
        raise problems.stop(Where(file, line), zh=mistake.zh, en=mistake.en) from None
    except (yaml.YAMLError, RecursionError):
        raise problems.stop(
            start,
            zh="YAML 含有不允许的字符或嵌套过深；请改为普通文本。",
            en="the YAML holds characters that are not allowed or nests too deep; write plain text",
        ) from None
    if tree is None:
        raise problems.stop(start, zh="文件是空的；请填写。", en="the file is empty; fill it in")
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


@dataclass
class _Open:
    """A collection whose end has not come yet; `key` waits for its value."""

    where: Where
    items: list[Node] | None  # None: a mapping
    entries: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, Where] = field(default_factory=dict)
    key: str | None = None

    def take(self, node: Node, problems: Problems) -> None:
        """The next item, key or value."""
        if self.items is not None:
            self.items.append(node)
        elif self.key is None:
            self._take_key(node, problems)
        else:
            self.entries[self.key] = node
            self.key = None

    def _take_key(self, node: Node, problems: Problems) -> None:
        if not isinstance(node, Scalar) or not node.text:
            raise problems.stop(
                node.where,
                zh="键必须是普通文本；请改写。",
                en="a key must be plain text; rewrite it",
            )
        key = node.text
        if key in self.entries:
            raise problems.stop(
                node.where,
                zh=f"键“{key}”重复，第一次在第 {self.lines[key].line} 行；请删去一个。",
                en=f"the key '{key}' is given twice, first in line {self.lines[key].line}; "
                "remove one",
            )
        self.key = key
        self.lines[key] = node.where

    def closed(self) -> Node:
        """The collection, whole."""
        if self.items is not None:
            return Sequence(self.where, tuple(self.items))
        return Mapping(self.where, self.entries, self.lines)


def _tree(text: str, start: Where, problems: Problems) -> Node | None:
    """The nodes of the text, read in one pass of its events; None when it is empty.

    Going event by event keeps a deeply nested text from going as deep here.
    """
    root: Node | None = None
    documents = 0
    inside: list[_Open] = []
    for event in yaml.parse(text, Loader=_LOADER):
        mark = event.start_mark
        where = Where(start.file, mark.line + 1 if mark else 1)
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            _refuse_hidden(event, where, problems)
            node = Scalar(where, event.value)
        elif isinstance(event, yaml.CollectionStartEvent):
            _refuse_hidden(event, where, problems)
            if len(inside) == DEPTH_MAX:
                raise problems.stop(
                    where,
                    zh=f"嵌套超过 {DEPTH_MAX} 层；请展平。",
                    en=f"nested deeper than {DEPTH_MAX} levels; flatten it",
                )
            inside.append(_Open(where, [] if isinstance(event, yaml.SequenceStartEvent) else None))
            continue
        elif isinstance(event, yaml.CollectionEndEvent):
            node = inside.pop().closed()
        else:
            documents += isinstance(event, yaml.DocumentStartEvent)
            _refuse_second(documents, where, problems)
            _refuse_hidden(event, where, problems)
            continue
        if inside:
            inside[-1].take(node, problems)
        else:
            root = node
    return root


def _refuse_second(documents: int, where: Where, problems: Problems) -> None:
    if documents > 1:
        raise problems.stop(
            where,
            zh="一个文件只能有一个 YAML 文档；请拆成多个文件。",
            en="a file holds one YAML document; put the second into its own file",
        )


def _refuse_hidden(event: yaml.Event, where: Where, problems: Problems) -> None:
    """Anchors and tags make a line mean what stands elsewhere; law must not do that."""
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
