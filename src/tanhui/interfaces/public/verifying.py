"""核对证明: the page that checks proofs in the browser, online and as one file to keep.

The check itself is in `static/tanhui/verify.js` and `audit.js`; here are its words and what the
platform says its keys are. Nothing is sent anywhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from .. import log as logs
from ..certificates.issuer import issuer
from .page import show
from .words import ACTS, STATUSES

_STATIC = Path(__file__).parents[1] / "static" / "tanhui"
_SCRIPTS = tuple(_STATIC / name for name in ("verify.js", "audit.js", "verify-page.js"))

WORDS = {
    "holds": _("成立"),
    "zero": _("证明成立；这条记录没有计入减排量"),
    "fails": _("不成立"),
    "unchecked": _("无法核对"),
    "colon": _("："),
    "record": _("这条记录"),
    "status": _("状态"),
    "credited": _("计入"),
    "quantified": _("算得"),
    "other": _("另一条记录"),
    "day": _("日期"),
    "methodology": _("方法学"),
    "batch": _("批次号"),
    "root": _("全部记录的根"),
    "act": _("行为"),
    "log": _("公开日志"),
    "place": _("第 {index} 条，共 {size} 条"),
    "seen": _("见证人"),
    "none": _("没有见证人签名：日志可能给别人看了另一份历史。"),
    "credential": _("凭证"),
    "issuer": _("签发方"),
    "raw": _("原文"),
    "grown": _("日志只增不改"),
    "growth": _("从 {from} 条到 {to} 条，开头没有改动"),
    "linked": _("凭证与记录相连"),
    "retired": _("注销"),
    "issue": _("签发批"),
}
NARRATIVE = {
    "units": _("单位数"),
    "mass_mg": _("减排量（毫克）"),
    "serials": _("序列号"),
    "asset": _("资产"),
    "purpose": _("用途"),
    "beneficiary": _("受益人"),
    "act": _("行为"),
}


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """The page that checks proofs in the browser; nothing is sent anywhere."""
    return show(request, "verify.html", _context(request))


@require_GET
def verify_offline(request: HttpRequest) -> HttpResponse:
    """The same check as one file to keep: it works without a network."""
    script = "\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS)
    context = _context(request) | {"script": script}
    response = render(request, "tanhui/verify_offline.html", context)
    response["Content-Disposition"] = 'attachment; filename="tanhui-verify.html"'
    return response


def _context(request: HttpRequest) -> dict[str, Any]:
    years = logs.public_log().years()
    addresses = [request.build_absolute_uri(f"{reverse('log')}/{year}") for year in years]
    return {"keys": keys_told(), "logs": addresses, "words": _words()}


def _words() -> str:
    """What the scripts say, in the reader's language, as JSON."""
    told: dict[str, Any] = {name: str(word) for name, word in WORDS.items()}
    told["narrative"] = {name: str(word) for name, word in NARRATIVE.items()}
    told["acts"] = {kind: str(word) for kind, word in ACTS.items()}
    told["statuses"] = {
        status: [str(word.name), str(word.meaning)] for status, word in STATUSES.items()
    }
    return json.dumps(told, ensure_ascii=False)


def keys_told() -> list[str]:
    """What the platform says its keys are: those of every year's log, old ones too (a proof saved
    before a rotation needs them), and the one of certificates.
    """
    return [*(key for each in logs.verifier_keys().values() for key in each), issuer().multikey]
