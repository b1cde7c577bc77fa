"""Sign in and out, the language, and one-tap log-ins of the demo city."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tanhui.core.errors import NotFound
from tanhui.domain.citizens.queries import kept_name
from tanhui.interfaces.api.access import caller_of, citizen_of, partner_of
from tanhui.interfaces.api.limits import SIGN_IN_FAILURES_MAX, SIGN_IN_PAUSE_S

from ..demo.register import certificate
from ..home import secret
from .demo_door import LOG_INS_SHOWN_MAX, demo_users, officials
from .page import show


class SignInForm(AuthenticationForm):
    """Django's own, asked under the name that is kept: of a person the keyed digest alone."""

    def clean_username(self) -> str:
        """As it stands in the database; one password is checked whoever's name it is."""
        return kept_name(self.cleaned_data["username"], key=secret("identity"))


def home(request: HttpRequest) -> HttpResponse:
    """The first page; whoever is signed in goes to what is theirs."""
    if citizen_of(request) is not None:
        return redirect("account")
    partner = partner_of(request)
    if partner is not None:
        return redirect("batches", code=partner.code)
    if caller_of(request) is not None:
        return redirect("desk")
    is_demo = demo_users().exists()
    context = {"demo": is_demo, "certificate": certificate() if is_demo else ""}
    return show(request, "home.html", context)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and below it the demo log-ins when a demo city is loaded."""
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST":
        place = _failure_key(request, request.POST.get("username", ""))
        if cache.get(place, 0) >= SIGN_IN_FAILURES_MAX:
            form = SignInForm(request)
            message = _("尝试次数过多；请五分钟后再试。")
            return _sign_in_page(request, form, refusal=message, status=429)
        if form.is_valid():
            cache.delete(place)
            login(request, form.get_user())
            return redirect(_next(request))
        cache.add(place, 0, SIGN_IN_PAUSE_S)
        cache.incr(place)
        return _sign_in_page(
            request, form, refusal=_("用户名或密码不正确，请重新输入。"), status=422
        )
    return _sign_in_page(request, form)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One tap into a demo log-in; any other name does not exist here."""
    name = request.POST.get("username", "")
    user = demo_users().filter(username=name).first() if name.isprintable() else None
    if user is None:
        raise NotFound(
            "demo.login_unknown",
            zh="没有这个演示登录；演示城市未载入时请使用正式登录。",
            en="There is no such demo log-in; use a real one when no demo city is loaded.",
        )
    login(request, user)
    return redirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("home")


def _sign_in_page(
    request: HttpRequest, form: AuthenticationForm, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    demo = demo_users()
    context: dict[str, Any] = {
        "form": form,
        "refusal": refusal,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "demo_citizens": demo.filter(citizen_login__isnull=False)[:LOG_INS_SHOWN_MAX],
        "demo_members": demo.filter(partner_member__isnull=False).select_related(
            "partner_member__partner"
        )[:LOG_INS_SHOWN_MAX],
        "demo_officials": officials(),
    }
    return show(request, "sign_in.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where the sign-in was on the way to, if that is a page of ours."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if target and safe else "home"


def _failure_key(request: HttpRequest, username: str) -> str:
    who = f"{username}\0{request.META.get('REMOTE_ADDR', '')}"
    return "sign-in-failures-" + hashlib.sha256(who.encode()).hexdigest()[:32]
