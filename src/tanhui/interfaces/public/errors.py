"""Error pages in both languages; they say what happened and what to do, and need no database."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tanhui.core.errors import TanhuiError
from tanhui.interfaces.api import problems

logger = logging.getLogger("tanhui.pages")


def refused(request: HttpRequest, error: TanhuiError) -> HttpResponse:
    """An error of ours, in its own words."""
    if error.status >= 500:
        logger.error("page failed", exc_info=error)
        return failed(request)
    english = (get_language() or "").startswith("en")
    return _page(request, error.status, error.en if english else error.zh)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400"""
    return _page(request, 400, _("这个请求无法识别；请从首页重新开始。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403"""
    return _page(request, 403, _("您不能进行此操作；请换用有权限的登录。"))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from a page of ours, or whose page is too old."""
    if request.path.startswith("/api/"):
        return problems.plain(request, 403)
    return _page(request, 403, _("这个页面已过期；请返回、刷新后再提交一次。"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404"""
    return _page(request, 404, _("没有这个页面，或不属于您；请核对地址。"))


def failed(request: HttpRequest) -> HttpResponse:
    """500"""
    return _page(request, 500, _("服务器出错，未作任何改动；请稍后重试。"))


def _page(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    context = {
        "status": status,
        "sentence": sentence,
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "tanhui/error.html", context, status=status)
