"""Take a partner's file from the wire to the flow: limits first, then bytes, then the batch.

The content goes to a private folder in pieces, never whole into memory, and is hashed on the way;
what does not fit its announced length or digest never reaches the books.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.http import HttpRequest

from tanhui.core.errors import InputRefused, TanhuiError, TooLarge
from tanhui.engine.batch.limits import UPLOAD_BYTES_MAX

from . import desk
from .limits import (
    CONFIG_ENTRIES_MAX,
    CONFIG_KEY_CHARS_MAX,
    CONFIG_VALUE_CHARS_MAX,
    FILE_NAME_CHARS_MAX,
    READ_CHUNK_BYTES,
    UPLOAD_AGE_MAX_S,
)

CONFIG_PREFIX = "config."
_PREFIX = "upload-"


class LengthRequired(TanhuiError):
    """An upload without Content-Length: its size cannot be refused before reading it."""

    status = 411


@dataclass(frozen=True)
class Upload:
    """One file as the partner sent it, and how its rows are to be read."""

    partner: str
    feed: str
    name: str
    config: dict[str, str]
    actor: str
    idempotency_key: str


def announced_bytes(request: HttpRequest, *, frame_bytes: int = 0) -> int:
    """Content-Length within the limit, before a byte is read; `LengthRequired` or `TooLarge`.

    `frame_bytes` is what a form may add around the file.
    """
    text = request.META.get("CONTENT_LENGTH") or ""
    if not (text.isascii() and text.isdigit()):
        raise LengthRequired(
            "upload.length_required",
            zh="请给出 Content-Length；上传不接受分块编码。",
            en="Send Content-Length; uploads take no chunked encoding.",
        )
    if int(text) > UPLOAD_BYTES_MAX + frame_bytes:
        raise TooLarge(
            "upload.too_large",
            zh=f"文件 {int(text):,} 字节，超过上限 {UPLOAD_BYTES_MAX:,} 字节；"
            "请按行拆成多个文件依次上传，结果与一个文件完全相同。",
            en=f"The file has {int(text):,} bytes, the limit is {UPLOAD_BYTES_MAX:,}; cut it "
            "between rows and upload the pieces in order, the result is exactly the same.",
            bytes=int(text),
            bytes_max=UPLOAD_BYTES_MAX,
        )
    return int(text)


@contextmanager
def stored(chunks: Iterable[bytes], expected_bytes: int) -> Iterator[tuple[Path, bytes]]:
    """Path and SHA-256 of the content while the block runs; removed afterwards.

    Raises `InputRefused` when fewer or more bytes come than were announced.
    """
    digest, size = hashlib.sha256(), 0
    sweep_uploads()
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=_folder()) as folder:
        path = Path(folder) / "content"
        with path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > expected_bytes:
                    break
                digest.update(chunk)
                file.write(chunk)
        if size != expected_bytes:
            raise InputRefused(
                "upload.incomplete",
                zh=f"收到的内容与 Content-Length（{expected_bytes} 字节）不符；未入账，请重传。",
                en=f"The content does not have the announced {expected_bytes} bytes; nothing "
                "was posted, send it again.",
                bytes_expected=expected_bytes,
            )
        yield path, digest.digest()


def sweep_uploads() -> None:
    """Remove what killed workers left: rows of people must not lie about until somebody looks."""
    for folder in _folder().glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):  # its own upload, or another sweep, was quicker
            newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
            if time.time() - newest > UPLOAD_AGE_MAX_S:
                shutil.rmtree(folder)


def chunks_of(stream: IO[bytes] | HttpRequest) -> Iterator[bytes]:
    """The content in pieces of `READ_CHUNK_BYTES`."""
    while chunk := stream.read(READ_CHUNK_BYTES):
        yield chunk


def check_digest(announced: bytes, found: bytes) -> None:
    """Raises `InputRefused` when the content is not what was signed."""
    if announced != found:
        raise InputRefused(
            "digest.mismatch",
            zh="内容的 SHA-256 与 Content-Digest 不符；未入账，请重新计算并签名。",
            en="The content's SHA-256 is not the one in Content-Digest; nothing was posted, "
            "compute and sign it again.",
            sha256=found.hex(),
        )


def post(path: Path, upload: Upload) -> dict[str, Any]:
    """Hand the file to the flow; returns the receipt."""
    return desk.record(
        path,
        name=upload.name,
        partner=upload.partner,
        feed=upload.feed,
        config=upload.config,
        actor=upload.actor,
        idempotency_key=upload.idempotency_key,
    )


def feed_config(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The feed's configuration within its limits; a name twice is refused."""
    config: dict[str, str] = {}
    for name, value in pairs:
        fits = 0 < len(name) <= CONFIG_KEY_CHARS_MAX and len(value) <= CONFIG_VALUE_CHARS_MAX
        if not fits or name in config or len(config) >= CONFIG_ENTRIES_MAX:
            raise InputRefused(
                "upload.config_malformed",
                zh=f"配置项“{name[:64]}”不合规：至多 {CONFIG_ENTRIES_MAX} 项，各项不重名，"
                f"名称至多 {CONFIG_KEY_CHARS_MAX} 字，值至多 {CONFIG_VALUE_CHARS_MAX} 字。",
                en=f"The setting '{name[:64]}' is not acceptable: at most {CONFIG_ENTRIES_MAX}, "
                f"each once, names up to {CONFIG_KEY_CHARS_MAX} characters, values up to "
                f"{CONFIG_VALUE_CHARS_MAX}.",
            )
        config[name] = value
    return config


def file_name(text: str) -> str:
    """The partner's name of the file: printable, without folders, within its limit."""
    name = text.replace("\\", "/").rpartition("/")[2].strip()
    if not (0 < len(name) <= FILE_NAME_CHARS_MAX and name.isprintable()):
        raise InputRefused(
            "upload.name_malformed",
            zh=f"文件名应为 1 至 {FILE_NAME_CHARS_MAX} 个可见字符。",
            en=f"The file name must have 1 to {FILE_NAME_CHARS_MAX} printable characters.",
        )
    return name


def _folder() -> Path:
    folder = Path(settings.TANHUI_HOME) / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
