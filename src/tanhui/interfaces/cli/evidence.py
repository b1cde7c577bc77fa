"""`tanhui evidence`: what is kept of batches, proved to others."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tanhui.core.ids import ResultId
from tanhui.flows.ride_proof import ride_proof

from ..log import public_log, verifier_keys
from ..platform import platform
from .output import console, json_option, show_json


@click.group("evidence")
def evidence() -> None:
    """The evidence of batches: proofs of records."""


@evidence.command("prove-ride")
@click.argument("result")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; by default tanhui-proof-RESULT.json here.",
)
@json_option
def prove_ride(*, result: str, out: Path | None, as_json: bool) -> None:
    """Write the proof of RESULT (such as 12-345), for its person: it opens that one record."""
    result_id = ResultId.parse(result)
    proof = ride_proof(platform(), public_log(), result_id)
    path = out or Path(f"tanhui-proof-{result_id}.json")
    path.write_text(json.dumps(proof, ensure_ascii=False, indent=1), encoding="utf-8")
    keys = [key for each in verifier_keys().values() for key in each]
    if as_json:
        show_json({"proof": str(path), "keys": keys})
        return
    console.print(str(path), markup=False, soft_wrap=True)
    console.print(f"python3 verify.py {path} --key {keys[-1]}", markup=False, soft_wrap=True)


COMMANDS = [evidence]
