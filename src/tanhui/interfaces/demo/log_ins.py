"""Let people into the demo city: the users behind the log-ins that the cast names."""

from __future__ import annotations

from django.contrib.auth.models import User

from tanhui.domain.citizens.log_ins import give_log_in
from tanhui.domain.citizens.queries import find
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners import services as partner_services

from ..home import secret
from .cast import LogIn, log_ins


def make_log_ins() -> tuple[LogIn, ...]:
    """Create the demo users where missing; the demo city must be loaded. Returns all of them."""
    everyone = log_ins(secret("demo"))
    for log_in in everyone:
        user, made = User.objects.get_or_create(username=log_in.username)
        if made:
            user.set_password(log_in.password)
            user.save()
        if log_in.role == "partner":
            partner_services.join(user.pk, partners.get(log_in.subject))
        else:
            key = secret("identity")
            person = find(log_in.subject, key=key)
            assert person is not None, "the demo citizen is in the demo city's files"
            give_log_in(user.pk, person, key=key)
    return everyone
