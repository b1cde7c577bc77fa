"""Organisations at the shell: registered, accredited, appointed; every slip is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.auth import authenticate

from tanhui.books.models import Journal
from tanhui.core.errors import TanhuiError
from tanhui.domain.organisations.models import Accreditation, Appointment, Organisation
from tanhui.interfaces.cli.organisation import organisation

pytestmark = pytest.mark.django_db

FIRM = ("add", "--name-zh", "测试公司", "--name-en", "Test firm", "--region", "420100")
A_YEAR = ("--certificate", "CNAS-1", "--issuer", "CNAS", "--from", "2025-01-01")


def told(*arguments: object) -> dict[str, Any]:
    done = CliRunner().invoke(organisation, [*map(str, arguments), "--json"])
    if done.exception is not None:
        raise done.exception
    document: dict[str, Any] = json.loads(done.output)
    return document


def refused(code: str, act: Callable[[], object]) -> None:
    tables = (Journal, Organisation, Accreditation, Appointment)
    before = [table.objects.count() for table in tables]
    with pytest.raises(TanhuiError) as error:
        act()
    assert error.value.code == code
    assert [table.objects.count() for table in tables] == before


def test_a_verifier_is_registered_accredited_and_represented() -> None:
    made = told(*FIRM, "--kind", "verifier", "--code", "91350100M000100Y43", "--key", "first")
    assert told(*FIRM, "--kind", "verifier", "--code", "91350100M000100Y43", "--key", "first") == (
        made
    )
    number = made["organisation"]
    for _ in range(2):  # the same words again change nothing
        told("accredit", number, *A_YEAR, "--to", "2026-01-01", "--field", "S4")
    log_in = told("login", "li.ming")
    assert authenticate(username="li.ming", password=log_in["password"]).pk == log_in["user"]
    given = told("appoint", "li.ming", "verifier", "--organisation", number)
    assert (given["region"], given["until"]) == ("420100", None)
    shown = told("show", number)
    assert [one["field"] for one in shown["accreditations"]] == ["S4"]
    assert [one["login"] for one in shown["appointments"]] == ["li.ming"]
    assert told("dismiss", given["appointment"])["until"]
    assert told("show", number)["appointments"] == []
    assert told("list", "--kind", "verifier")["organisations"] == [made]
    assert told("list", "--kind", "bank")["organisations"] == []


def test_slips_are_told_and_change_nothing() -> None:
    number = told(*FIRM, "--kind", "enterprise")["organisation"]
    verifier = told(*FIRM, "--kind", "verifier")["organisation"]
    told("login", "li.ming")
    for code, arguments in {
        "organisation.code.malformed": (*FIRM, "--kind", "bank", "--code", "91350100M000100Y44"),
        "organisation.unknown": ("show", number + 999),
        "organisation.accreditation.no_verifier": ("accredit", number, *A_YEAR, "--to", "2026-1-1"),
        "organisation.accreditation.days": ("accredit", verifier, *A_YEAR, "--to", "2025-01-01"),
        "organisation.log_in.taken": ("login", "li.ming"),
        "organisation.log_in.unknown": ("appoint", "wang", "owner", "--organisation", number),
        "organisation.malformed": ("appoint", "li.ming", "owner", "--region", "420100"),
        "organisation.appointment.unknown": ("dismiss", 999),
    }.items():
        refused(code, lambda told_of=arguments: told(*told_of))
