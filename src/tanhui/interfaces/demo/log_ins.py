"""Let people into the demo city: the users behind the log-ins that the cast names."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from tanhui.domain.citizens.log_ins import give_log_in
from tanhui.domain.citizens.queries import find
from tanhui.domain.organisations.services import appoint
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners import services as partner_services

from ..home import secret
from .cast import LogIn, log_ins
from .offices import OFFICIALS, ORGANISATIONS
from .stage import ACTOR, BEGINNING, organisation


def make_log_ins() -> tuple[LogIn, ...]:
    """Create the demo users where missing; the demo city must be loaded. Returns all of them."""
    everyone = log_ins(secret("demo"))
    officials = {one.username: one for one in OFFICIALS}
    for log_in in everyone:
        with transaction.atomic():
            user, made = User.objects.get_or_create(username=log_in.username)
            if made:
                user.set_password(log_in.password or None)  # None is a password nobody has
                user.save()
            if log_in.username in officials:
                if made:
                    _appoint(user, log_in.username)
            elif log_in.role == "partner":
                partner_services.join(user.pk, partners.get(log_in.subject))
            else:
                key = secret("identity")
                person = find(log_in.subject, key=key)
                assert person is not None, "the demo citizen is in the demo city's files"
                give_log_in(user.pk, person, key=key)
    return everyone


def _appoint(user: User, username: str) -> None:
    """Give an official the role; what an operator ends later is not given again."""
    (official,) = (one for one in OFFICIALS if one.username == username)
    for body in ORGANISATIONS:
        if body.key in official.organisations:
            appoint(
                user.pk,
                official.role,
                region=official.region,
                organisation=organisation(body),
                actor=ACTOR,
                at=BEGINNING,
            )
