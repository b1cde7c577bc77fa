"""Render a page with its frame: who is signed in decides the navigation."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tanhui.core.errors import NotFound
from tanhui.domain.partners.models import Partner
from tanhui.flows.registry.callers import is_of_demo
from tanhui.interfaces.api.access import caller_of, citizen_of, partner_of

PageView = Callable[..., HttpResponseBase]


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page `tanhui/<template>` with `context` and the navigation; officials of the demo see
    its band on every page that does not decide by itself.
    """
    caller = caller_of(request)
    frame = {
        "own_partner": partner_of(request),
        "has_account": citizen_of(request) is not None,
        "has_desk": caller is not None,
        "demo": caller is not None and all(map(is_of_demo, caller.appointments)),
    }
    return render(request, f"tanhui/{template}", frame | context, status=status)


def for_citizens(view: PageView) -> PageView:
    """Give the view the person signed in; others are asked to sign in or told there is nothing."""

    @wraps(view)
    def checked(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        person = citizen_of(request)
        if person is None:
            raise NotFound(
                "account.absent",
                zh="这个登录没有碳账户；请换用公众登录。",
                en="This log-in has no carbon account; sign in as a citizen.",
            )
        return view(request, person, **parts)

    return checked


def for_members(view: PageView) -> PageView:
    """Give the view the partner of the member signed in, if the address is theirs."""

    @wraps(view)
    def checked(request: HttpRequest, code: str, **parts: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        partner: Partner | None = partner_of(request)
        if partner is None or partner.code != code:
            raise NotFound(
                "partner.unknown",
                zh="没有这个合作平台，或不属于您。",
                en="There is no such partner, or it is not yours.",
            )
        return view(request, partner, **parts)

    return checked


def for_appointed(view: PageView) -> PageView:
    """Give the view the log-in with its roles; who has none is told there is nothing."""

    @wraps(view)
    def checked(request: HttpRequest, **parts: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        caller = caller_of(request)
        if caller is None:
            raise NotFound(
                "desk.absent",
                zh="这个登录没有任职，没有办事台；请由运营机构任命，或换一个登录。",
                en="This log-in was appointed to no role and has no desk; let the operator appoint "
                "it, or sign in as somebody else.",
            )
        return view(request, caller, **parts)

    return checked
