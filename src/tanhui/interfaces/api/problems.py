"""Problem documents (RFC 9457): every error of the API, whoever raised it, has this one shape.

Members beyond the standard: `code` (stable, dotted), `zh` and `en` (what happened, why, what to
do), `values` (the figures in the sentence) and `request_id` (to find it in the server's log).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from tanhui.core.errors import TanhuiError

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tanhui:problem:"

# status -> code, zh, en: for errors that come from the framework and carry no text of ours
PLAIN: dict[int, tuple[str, str, str]] = {
    400: (
        "request.malformed",
        "请求无法识别；请核对地址、头部与内容的格式。",
        "The request cannot be read; check the address, the header fields and the content.",
    ),
    401: (
        "access.unauthenticated",
        "需要登录或签名；合作平台请按 RFC 9421 签名，公众请先登录。",
        "Sign in first, or sign the request (RFC 9421) if you are a partner.",
    ),
    403: (
        "access.forbidden",
        "此操作不被允许；若由页面发起，请刷新后重试。",
        "This is not allowed; if it came from a page, reload the page and try again.",
    ),
    404: (
        "resource.unknown",
        "没有这个地址，或不属于您；请核对编号。",
        "There is no such thing here, or it is not yours; check the number.",
    ),
    405: (
        "method.not_allowed",
        "此地址不接受该方法；可用的方法见 Allow 头部。",
        "This address does not take that method; see the Allow header field.",
    ),
    411: (
        "upload.length_required",
        "请给出 Content-Length；上传不接受分块编码。",
        "Send Content-Length; uploads take no chunked encoding.",
    ),
    413: (
        "upload.too_large",
        "内容超过上限；请拆成多个文件后分别上传。",
        "The content is over the limit; cut it into several files.",
    ),
    422: (
        "request.refused",
        "请求的参数不合规；逐项说明见 values.errors。",
        "A parameter of the request is not acceptable; each is named in values.errors.",
    ),
    429: (
        "rate.exceeded",
        "请求过于频繁；请在 Retry-After 所示秒数后重试。",
        "Too many requests; try again after the seconds in Retry-After.",
    ),
    500: (
        "server.failed",
        "服务器出错，未作任何改动；请稍后重试，并提供 request_id。",
        "The server failed and changed nothing; try again later and quote the request_id.",
    ),
}


def problem(
    request: HttpRequest,
    status: int,
    *,
    code: str,
    zh: str,
    en: str,
    values: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """One problem document as a response; `detail` is in the caller's language."""
    body = {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": en if (get_language() or "zh").startswith("en") else zh,
        "code": code,
        "zh": zh,
        "en": en,
        "values": dict(values or {}),
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }
    content = json.dumps(body, ensure_ascii=False, default=str).encode()
    response = HttpResponse(content, status=status, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


def from_error(request: HttpRequest, error: TanhuiError) -> HttpResponse:
    """The document of an error of ours."""
    if error.status >= 500:
        return plain(request, 500)  # what broke inside is for the log, not for the caller
    return problem(
        request, error.status, code=error.code, zh=error.zh, en=error.en, values=error.values
    )


def plain(
    request: HttpRequest, status: int, *, values: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The document of a bare HTTP status, for errors the framework raised."""
    code, zh, en = PLAIN.get(status) or PLAIN[400 if status < 500 else 500]
    return problem(request, status, code=code, zh=zh, en=en, values=values)
