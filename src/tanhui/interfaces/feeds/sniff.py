"""Looks at the first bytes of a file and refuses what is no UTF-8 text, with a hint.

Compressed files are never opened, so there is no bomb to go off.
"""

from __future__ import annotations

from tanhui.core.errors import InputRefused
from tanhui.engine.batch.landing_file import SourceFile

SNIFF_BYTES = 1024**2
UTF8_MARK = b"\xef\xbb\xbf"
PARQUET_MAGIC = b"PAR1"

_COMPRESSED = {
    b"PK\x03\x04": "ZIP / XLSX",
    b"PK\x05\x06": "ZIP / XLSX",
    b"\x1f\x8b": "GZIP",
    b"BZh": "BZIP2",
    b"\xfd7zXZ\x00": "XZ",
    b"\x28\xb5\x2f\xfd": "ZSTD",
    b"7z\xbc\xaf\x27\x1c": "7Z",
    b"Rar!\x1a\x07": "RAR",
    b"\x04\x22\x4d\x18": "LZ4",
}
_OTHER = {
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"SQLite format 3": "SQLite",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x7fELF": "ELF",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN_MIN = 2


def refuse_unless_text(source: SourceFile) -> None:
    """Pass for a UTF-8 text file; InputRefused with a hint for anything recognised as other.

    Codes: file.compressed, file.not_text, file.parquet, file.utf16, file.gbk.
    """
    head = source.read(0, SNIFF_BYTES)
    for magic, kind in _COMPRESSED.items():
        if head.startswith(magic):
            raise InputRefused(
                "file.compressed",
                zh=f"这是压缩文件（{kind}）；不接收压缩文件，请解压后提交 CSV、NDJSON 或 Parquet。",
                en=f"This is a compressed file ({kind}); submit plain CSV, NDJSON or Parquet.",
                kind=kind,
            )
    for magic, kind in _OTHER.items():
        if head.startswith(magic):
            raise InputRefused(
                "file.not_text",
                zh=f"这是 {kind} 文件，不是文本表格；请导出为 UTF-8 编码的 CSV。",
                en=f"This is a {kind} file, not a text table; export it as CSV in UTF-8.",
                kind=kind,
            )
    if head.startswith(PARQUET_MAGIC):
        raise InputRefused(
            "file.parquet",
            zh="这是 Parquet 文件；该数据源只接收文本，请导出为 CSV，或改用 canonical 数据源。",
            en="This is a Parquet file; this feed takes text only: export CSV or use canonical.",
        )
    _refuse_other_encoding(head)


def _refuse_other_encoding(head: bytes) -> None:
    first = head[:512]
    wide = first.count(b"\x00") * 4 >= len(first)
    if head.startswith(_UTF16_MARKS) or wide:
        raise InputRefused(
            "file.utf16",
            zh="文件像是 UTF-16 或 UTF-32 编码；请以 UTF-8 重新导出。",
            en="The file looks like UTF-16 or UTF-32; export it again as UTF-8.",
        )
    lines = [line for line in head.split(b"\n") if not line.isascii()]
    if len(head) == SNIFF_BYTES and lines and not head.endswith(b"\n"):
        lines.pop()  # the last line may be cut in the middle of a character
    foreign = sum(_is_gbk(line) for line in lines)
    if foreign >= _FOREIGN_MIN and foreign * 2 > len(lines):  # a short GBK text can look UTF-8
        raise InputRefused(
            "file.gbk",
            zh="文件像是 GBK 编码（常见于 Excel 导出）；请另存为“CSV UTF-8”后提交。",
            en="The file looks like GBK (usual for Excel exports); save it as 'CSV UTF-8'.",
        )


def _is_gbk(line: bytes) -> bool:
    """Whether a line is no UTF-8 but would be GB 18030."""
    return not is_utf8(line) and _decodes(line, "gb18030")


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8.

    >>> is_utf8("碳惠".encode()), is_utf8("碳惠".encode("gbk"))
    (True, False)
    """
    return data.isascii() or _decodes(data, "utf-8")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
