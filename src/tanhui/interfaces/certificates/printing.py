"""The printed page of a certificate: PDF by typst, a QR code by segno, the proofs attached.

The PDF is derived; it can be made again at any time from the certificate and the log. What counts
is the attached credential and the log proof, which a stranger checks without this platform.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import segno
import typst

from tanhui.core.errors import Unavailable

from .content import Shown

_TEMPLATE = Path(__file__).with_name("certificate.typ")
_FONT = "Noto Serif CJK SC"
FILE_NAMES = ("act.tlog-proof", "entry.json")


def pdf(shown: Shown) -> bytes:
    """One A4 page; raises Unavailable on a machine without Chinese fonts."""
    _refuse_without_fonts()
    with tempfile.TemporaryDirectory(prefix="tanhui-certificate-") as name:
        folder = Path(name)
        shutil.copyfile(_TEMPLATE, folder / _TEMPLATE.name)
        segno.make(shown.address, error="m").save(str(folder / "qr.svg"), border=0, scale=4)
        for file, content in zip(FILE_NAMES, (shown.proof, shown.entry), strict=True):
            if content is not None:
                (folder / file).write_bytes(content)
        _write(folder / "credential.json", shown.credential)
        _write(folder / "certificate.json", _data(shown))
        return bytes(typst.compile(folder / _TEMPLATE.name, root=folder))


def qr_svg(address: str) -> str:
    """The QR code as an inline SVG for the page."""
    return segno.make(address, error="m").svg_inline(border=0, scale=4, svgclass="qr")


def _data(shown: Shown) -> dict[str, Any]:
    return {
        "title": shown.title,
        "issuer": shown.issuer,
        "beneficiary": shown.beneficiary,
        "units": f"{shown.units:,}",
        "mass": shown.tonnes,
        "purpose": shown.purpose,
        "serials": shown.serials,
        "day": shown.at.date().isoformat(),
        "log": shown.log or "尚未公布 not published yet",
        "address": shown.address,
        "demo": shown.is_demo,
        "proof": shown.proof is not None,
    }


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def _refuse_without_fonts() -> None:
    if _FONT not in typst.Fonts().families():
        raise Unavailable(
            "certificate.fonts_missing",
            zh="本机没有中文字体，无法制作 PDF；请安装 fonts-noto-cjk。网页与凭证文件不受影响。",
            en="This machine has no Chinese fonts to print with; install fonts-noto-cjk. "
            "The page and the credential work without.",
        )
