"""`tanhui evidence`: what is kept of batches, checked, packed for others, and recomputed by them.

Only `recompute` needs no database: it is what a third party runs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .output import console, json_option, show_json, table
from .starting import with_platform

if TYPE_CHECKING:
    from tanhui.flows.recompute import Finding


@click.group("evidence")
def evidence() -> None:
    """The evidence of batches: check it, prove a record, pack it for others, recompute it."""


@evidence.command("verify")
@click.argument("batch", type=click.IntRange(1))
@json_option
def verify(*, batch: int, as_json: bool) -> None:
    """Check BATCH from its bytes: files, chain, tree, log, rows. Exit 1 at a difference."""
    with_platform()
    from tanhui.flows.evidence_check import check_batch

    from ..platform import platform

    _show(f"批次 {batch} 的存证 evidence of batch {batch}", check_batch(platform(), batch), as_json)


@evidence.command("export")
@click.argument("batch", type=click.IntRange(1))
@click.argument("out", type=click.Path(path_type=Path))
@json_option
def export(*, batch: int, out: Path, as_json: bool) -> None:
    """Write the package of BATCH into the new folder OUT: rows, law, manifests, log proof."""
    with_platform()
    from tanhui.flows.evidence_package import export_batch

    from ..log import public_log
    from ..platform import platform

    package = export_batch(platform(), public_log(), batch, out)
    if as_json:
        show_json(package)
        return
    console.print(f"{out}\n结果摘要 result hash {package['result_hash']}", markup=False)
    console.print(f"tanhui evidence recompute {out}", markup=False, soft_wrap=True)


@evidence.command("recompute")
@click.argument("package", type=click.Path(path_type=Path, exists=True, file_okay=False))
@json_option
def recompute(*, package: Path, as_json: bool) -> None:
    """Settle every row of PACKAGE again under the law in it. Exit 1 at a difference."""
    from tanhui.flows.recompute import recompute as compute

    _show(f"重算 recomputed: {package.name}", compute(package), as_json)


@evidence.command("fetch")
@json_option
def fetch(*, as_json: bool) -> None:
    """Bring back from the evidence store every batch whose folder is not here any more."""
    with_platform()
    from tanhui.flows.evidence_check import fetch_missing

    from ..platform import platform

    fetched = fetch_missing(platform())
    if as_json:
        show_json({"batches": fetched})
    else:
        told = "、".join(map(str, fetched)) or "无 none"
        console.print(f"取回的批次 batches brought back: {told}", markup=False)


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
    with_platform()
    from tanhui.core.ids import ResultId
    from tanhui.flows.ride_proof import ride_proof

    from ..log import public_log, verifier_keys
    from ..platform import platform

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


def _show(title: str, findings: list[Finding], as_json: bool) -> None:
    ok = all(each.ok for each in findings)
    if as_json:
        told = [vars(each) | {"ok": each.ok} for each in findings]
        show_json({"ok": ok, "findings": told})
    else:
        table(
            title,
            ["成立 ok", "事项", "what", "所述 said", "所得 found"],
            [["✓" if f.ok else "✗", f.zh, f.en, f.said or "—", f.found or "—"] for f in findings],
        )
    if not ok:
        sys.exit(1)


COMMANDS = [evidence]
