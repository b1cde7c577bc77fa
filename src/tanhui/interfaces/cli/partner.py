"""`tanhui partner`: register a partner and the keys it signs with."""

from __future__ import annotations

import base64
import binascii

import click

from tanhui.core.errors import InputRefused
from tanhui.domain.partners import queries, services
from tanhui.domain.partners.models import CONTRACT, RECEIPT

from .output import json_option, show_json, table


@click.group("partner")
def partner() -> None:
    """Partners that deliver data, and their signing keys."""


@partner.command("add")
@click.argument("code")
@click.option("--name-zh", required=True, help="Chinese name.")
@click.option("--name-en", required=True, help="English name.")
@json_option
def add(*, code: str, name_zh: str, name_en: str, as_json: bool) -> None:
    """Register the partner CODE (small letters, digits, hyphens)."""
    made = services.register(code, name_zh=name_zh, name_en=name_en)
    document = {"partner": made.code, "name_zh": made.name_zh, "name_en": made.name_en}
    if as_json:
        show_json(document)
    else:
        click.echo(f"{made.code}: {made.name_zh} / {made.name_en}")


@partner.command("key")
@click.argument("code")
@click.argument("key_id")
@click.argument("public_key")
@json_option
def key(*, code: str, key_id: str, public_key: str, as_json: bool) -> None:
    """Let partner CODE sign as KEY_ID with PUBLIC_KEY (Ed25519, 32 bytes in base64)."""
    try:
        raw = base64.b64decode(public_key, validate=True)
    except binascii.Error:
        raise InputRefused(
            "partner.key.not_base64",
            zh="公钥应为 base64 编码的 32 字节 Ed25519 公钥。",
            en="The public key must be the base64 of 32 bytes (Ed25519).",
        ) from None
    made = services.add_key(queries.get(code), key_id=key_id, public_key=raw)
    document = {"partner": code, "key_id": made.key_id, "algorithm": made.algorithm}
    if as_json:
        show_json(document)
    else:
        click.echo(f"{code}: {made.key_id} ({made.algorithm})")


@partner.command("consent")
@click.argument("code")
@click.option("--contract", help="Name or number of the contract in which the partner attests it.")
@click.option("--receipts", is_flag=True, help="Count only who gave a receipt of consent.")
@json_option
def consent(*, code: str, contract: str | None, receipts: bool, as_json: bool) -> None:
    """Set on what the records of partner CODE are counted: a contract, or each person's receipt."""
    made = services.rest_consent_on(
        queries.get(code),
        RECEIPT if receipts else CONTRACT,
        contract=contract or "",
        actor="operator:cli",
    )
    document = {
        "partner": made.code,
        "consent_basis": made.consent_basis,
        "contract": made.consent_contract or None,
    }
    if as_json:
        show_json(document)
    else:
        click.echo(f"{made.code}: {made.consent_basis} {made.consent_contract}".rstrip())


@partner.command("list")
@json_option
def list_partners(*, as_json: bool) -> None:
    """Every registered partner."""
    rows = [
        [each.code, each.name_zh, each.name_en, each.consent_basis] for each in queries.everyone()
    ]
    if as_json:
        names = ("partner", "name_zh", "name_en", "consent_basis")
        show_json({"partners": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("合作平台 partners", ["代码 code", "名称", "name", "授权依据 consent"], rows)


COMMANDS = [partner]
