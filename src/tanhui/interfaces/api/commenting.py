"""A comment to a public notice, from whichever door: some an hour from one address, no more."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

from tanhui.core.errors import TanhuiError
from tanhui.domain.matters import errors, services
from tanhui.domain.matters.models import Comment, Notice
from tanhui.flows.registry.matters import today
from tanhui.flows.registry.public_matters import is_open
from tanhui.interfaces.platform import platform

from .limits import COMMENTS_MAX, COMMENTS_PAUSE_S


class TooOften(TanhuiError):
    """More than one address may send in a while."""

    status = 429


def comment(
    request: HttpRequest,
    notice: Notice,
    *,
    author: str,
    contact: str,
    text: str,
    is_objection: bool,
) -> Comment:
    """Keep the comment; raises TooOften, InputRefused, or Conflict when the notice is over."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    place = "comments-" + hashlib.sha256(address.encode()).hexdigest()[:32]
    if cache.get(place, 0) >= COMMENTS_MAX:
        raise TooOften(
            "matter.comment.too_often",
            zh=f"同一网络一小时内最多提交 {COMMENTS_MAX} 条意见；请稍后再提交，您的文字没有丢失。",
            en=f"At most {COMMENTS_MAX} comments an hour are taken from one network; send yours "
            "later, its words are still here.",
        )
    if not is_open(platform(), notice):
        raise errors.notice_over()
    said = services.comment(
        notice,
        author=author,
        contact=contact,
        text=text,
        is_objection=is_objection,
        at=platform().clock(),
        today=today(platform()),
    )
    cache.add(place, 0, COMMENTS_PAUSE_S)
    cache.incr(place)
    return said
