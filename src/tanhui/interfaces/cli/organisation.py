"""`tanhui organisation`: bodies that hold units or take part, their accreditations and log-ins.

An installation begins here: the first operator and authority are appointed at the shell, by whoever
runs the machine; every act is in the journal.
"""

from __future__ import annotations

from datetime import date, datetime

import click

from tanhui.core.clock import system_clock, utc_seconds
from tanhui.domain.organisations import queries, services
from tanhui.domain.organisations.models import KINDS, ROLES, Accreditation, Appointment
from tanhui.domain.organisations.models import Organisation as Row

from .output import json_option, show_json, table

DAY = click.DateTime(["%Y-%m-%d"])
NUMBER = click.IntRange(1)


@click.group("organisation")
def organisation() -> None:
    """Organisations: firms, villages, authorities, verifiers; who acts for them in which role."""


@organisation.command("add")
@click.option("--name-zh", required=True, help="Chinese name.")
@click.option("--name-en", required=True, help="English name.")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it is.")
@click.option("--region", required=True, help="GB/T 2260 code of its place.")
@click.option("--code", default="", help="Unified social credit code, 18 characters.")
@click.option("--parent", type=NUMBER, help="Number of the organisation above it.")
@click.option("--demo", "is_demo", is_flag=True, help="Made up; marked wherever it is shown.")
@click.option("--key", help="Idempotency key; the same key gives the first organisation.")
@json_option
def add(*, key: str | None, as_json: bool, **given: str | int | bool | None) -> None:
    """Register an organisation."""
    at = system_clock()
    registration = services.Registration(**given)  # type: ignore[arg-type]
    made = services.register(
        registration,
        actor=services.OPERATOR,
        at=at,
        key=f"organisation/{key or at.isoformat()}",
    )
    if as_json:
        show_json(_organisation(made))
    else:
        click.echo(f"{made.pk}: {made.name_zh} / {made.name_en}")


@organisation.command("list")
@click.option("--kind", type=click.Choice(KINDS), help="Of this kind alone.")
@click.option("--region", default="", help="In this region and below.")
@click.option("--q", default="", help="Part of a name, or the beginning of a code.")
@json_option
def list_organisations(*, kind: str | None, region: str, q: str, as_json: bool) -> None:
    """Registered organisations."""
    found = list(queries.search(q=q, kind=kind or "", region=region))
    if as_json:
        show_json({"organisations": [_organisation(each) for each in found]})
        return
    rows = [[each.pk, each.name_zh, each.name_en, each.kind, each.region] for each in found]
    table("机构 organisations", ["编号 number", "名称", "name", "类型 kind", "地区 region"], rows)


@organisation.command("show")
@click.argument("number", type=NUMBER)
@json_option
def show(*, number: int, as_json: bool) -> None:
    """An organisation with its accreditations and who acts for it."""
    found = queries.get(number)
    accredited = [_accreditation(each) for each in found.accreditations.order_by("pk")]
    appointed = [
        _appointment(each, each.user.get_username())
        for each in queries.appointed_to(found, at=system_clock())
    ]
    if as_json:
        lists = {"accreditations": accredited, "appointments": appointed}
        show_json(_organisation(found) | lists)
        return
    click.echo(f"{found.pk}: {found.name_zh} / {found.name_en} ({found.kind}, {found.region})")
    names = ["编号 number", "领域 field", "起 from", "止 to"]
    keys = ("number", "field", "valid_from", "valid_to")
    table("资质 accreditations", names, [[each[key] for key in keys] for each in accredited])
    names = ["编号 number", "登录 log-in", "角色 role", "地区 region"]
    keys = ("appointment", "login", "role", "region")
    table("任职 appointments", names, [[each[key] for key in keys] for each in appointed])


@organisation.command("accredit")
@click.argument("number", type=NUMBER)
@click.option("--certificate", required=True, help="Number of the accreditation.")
@click.option("--issuer", required=True, help="Who accredited it.")
@click.option("--field", default="", help="Field, a shape such as S4; without it, every field.")
@click.option("--from", "first", type=DAY, required=True, help="First day.")
@click.option("--to", "end", type=DAY, required=True, help="Day from which it holds no more.")
@json_option
def accredit(
    *,
    number: int,
    certificate: str,
    issuer: str,
    field: str,
    first: datetime,
    end: datetime,
    as_json: bool,
) -> None:
    """Note what verifier NUMBER may verify, and until when."""
    made = services.accredit(
        queries.get(number),
        number=certificate,
        issuer=issuer,
        field=field,
        valid_from=first.date(),
        valid_to=end.date(),
        at=system_clock(),
    )
    if as_json:
        show_json({"organisation": number} | _accreditation(made))
    else:
        click.echo(f"{number}: {certificate} {first.date()} – {end.date()}")


@organisation.command("login")
@click.argument("name")
@json_option
def login(*, name: str, as_json: bool) -> None:
    """Make the log-in NAME; its password is printed this once."""
    user, password = services.log_in(name, at=system_clock())
    if as_json:
        show_json({"user": user, "login": name, "password": password})
    else:
        click.echo(f"{name}  密码 password: {password}")


@organisation.command("appoint")
@click.argument("login")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--region", help="Region of the role; by default the organisation's.")
@click.option("--organisation", "number", type=NUMBER, help="For whom an owner or verifier acts.")
@json_option
def appoint(
    *, login: str, role: str, region: str | None, number: int | None, as_json: bool
) -> None:
    """Appoint LOGIN to ROLE, for a region and all below, or for one organisation."""
    of = queries.get(number) if number is not None else None
    place = region or (of.region if of is not None else "")
    user = queries.log_in(login)
    made = services.appoint(user, role, region=place, organisation=of, at=system_clock())
    if as_json:
        show_json(_appointment(made, login))
    else:
        click.echo(f"{made.pk}: {login} {role} {made.region}")


@organisation.command("dismiss")
@click.argument("appointment", type=NUMBER)
@json_option
def dismiss(*, appointment: int, as_json: bool) -> None:
    """End APPOINTMENT from now on; what was done under it stays done."""
    found = queries.appointment(appointment)
    services.end(found, at=system_clock())
    ended = queries.appointment(appointment)
    if as_json:
        show_json(_appointment(ended, ended.user.get_username()))
    else:
        click.echo(f"{appointment}: {ended.role} {ended.until}")


def _organisation(each: Row) -> dict[str, object]:
    return {
        "organisation": each.pk,
        "name_zh": each.name_zh,
        "name_en": each.name_en,
        "kind": each.kind,
        "region": each.region,
        "code": each.code or None,
        "parent": each.parent_id,
        "is_demo": each.is_demo,
    }


def _accreditation(each: Accreditation) -> dict[str, str]:
    return {
        "number": each.number,
        "issuer": each.issuer,
        "field": each.field,
        "valid_from": _day(each.valid_from),
        "valid_to": _day(each.valid_to),
    }


def _appointment(each: Appointment, login: str) -> dict[str, object]:
    return {
        "appointment": each.pk,
        "login": login,
        "role": each.role,
        "region": each.region,
        "organisation": each.organisation_id,
        "since": utc_seconds(each.since),
        "until": utc_seconds(each.until) if each.until else None,
    }


def _day(day: date) -> str:
    return day.isoformat()


COMMANDS = [organisation]
