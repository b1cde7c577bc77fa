"""Feeds of public notices, the newest first: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.flows.registry import public_matters
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import place, spoken

FEED_NOTICES = 50


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The newest notices as Atom (RFC 4287)."""
    home = request.build_absolute_uri(reverse("notices"))
    feed = Atom1Feed(
        title=f"{_('碳惠')} · {_('公示')}",
        link=home,
        description=_("公示期内任何人都可以提意见。"),
        language=get_language(),
        feed_url=request.build_absolute_uri(),
    )
    for one in _newest():
        feed.add_item(
            title=_title(one),
            link=_address(request, one),
            description=_summary(one),
            unique_id=_address(request, one),
            pubdate=_began(one),
            updateddate=_began(one),
        )
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


@require_safe
def json_feed(request: HttpRequest) -> HttpResponse:
    """The same as a JSON Feed 1.1."""
    items = [
        {
            "id": _address(request, one),
            "url": _address(request, one),
            "title": _title(one),
            "content_text": _summary(one),
            "date_published": _began(one).isoformat(),
            "_tanhui": {
                "matter": one["matter"]["number"],
                "kind": one["matter"]["kind"],
                "region": one["matter"]["region"],
                "opened_on": one["opened_on"],
                "last_day": one["last_day"],
                "workdays": one["workdays"],
                "is_demo": one["matter"]["is_demo"],
            },
        }
        for one in _newest()
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{_('碳惠')} · {_('公示')}",
        "home_page_url": request.build_absolute_uri(reverse("notices")),
        "feed_url": request.build_absolute_uri(),
        "language": get_language(),
        "items": items,
    }
    answer = JsonResponse(feed, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Type"] = "application/feed+json; charset=utf-8"
    return answer


def _newest() -> list[dict[str, Any]]:
    rows = public_matters.notices_by_opening()[:FEED_NOTICES]
    return public_matters.notice_cards(platform(), rows)


def _title(one: dict[str, Any]) -> str:
    return f"{one['matter']['title']} · {spoken(one['step'])}"


def _summary(one: dict[str, Any]) -> str:
    said = _("%(number)s，%(place)s：公示 %(first)s 至 %(last)s（%(days)s 个工作日）") % {
        "number": one["matter"]["number"],
        "place": place(one["matter"]["region"]),
        "first": one["opened_on"],
        "last": one["last_day"],
        "days": one["workdays"],
    }
    return f"{_('演示数据')} · {said}" if one["matter"]["is_demo"] else said


def _address(request: HttpRequest, one: dict[str, Any]) -> str:
    page = reverse("register-matter", args=[one["matter"]["number"]])
    return request.build_absolute_uri(f"{page}#notice-{one['notice']}")


def _began(one: dict[str, Any]) -> datetime:
    """The beginning of its first day in China; a notice has a day, not a time."""
    here = timezone(timedelta(minutes=CHINA_OFFSET_MIN))
    return datetime.fromisoformat(one["opened_on"]).replace(tzinfo=here)
