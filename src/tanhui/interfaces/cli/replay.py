"""`tanhui replay`: the recorded deliveries of another installation, taken in again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tanhui.books.evidence import in_doubt
from tanhui.books.keystore import KeyStore
from tanhui.books.posting import head
from tanhui.core.errors import Conflict, InputRefused
from tanhui.flows.deliveries import DELIVERY_FILE, replay
from tanhui.flows.record_batch import record_batch

from ..platform import feed_of, platform
from .output import json_option, show_json, table


@click.command("replay")
@click.argument("evidence", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--keys",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Its folder of people's keys; by default keys/people beside EVIDENCE.",
)
@json_option
def replay_command(*, evidence: Path, keys: Path | None, as_json: bool) -> None:
    """Take in every delivery kept under EVIDENCE (another installation's evidence folder).

    This platform must be empty; afterwards it holds every integer of the other one.
    """
    if head().seq:
        raise Conflict(
            "replay.not_empty",
            zh="重放只能在空的平台上进行；请用新的 TANHUI_HOME。",
            en="Replay needs an empty platform; use a new TANHUI_HOME.",
        )
    store = KeyStore(keys or evidence.resolve().parent / "keys" / "people")
    receipts = replay(platform(), _in_order(evidence), feed_of, record_batch, keys=store)
    if as_json:
        show_json({"batches": receipts})
    else:
        table(
            "重放 replayed",
            ["批次 batch", "合作平台 partner", "行 rows", "mg"],
            [[r["batch"], r["partner"], r["rows"], r["mg_credited"]] for r in receipts],
        )


def _in_order(evidence: Path) -> list[Path]:
    """The delivery folders by batch number, without those whose commit is in doubt.

    Raises InputRefused when there are none, or a number is missing or there twice.
    """
    doubtful = in_doubt(evidence)
    found = [
        (json.loads(path.read_text(encoding="utf-8"))["batch"], path.parent)
        for path in evidence.glob(f"*/{DELIVERY_FILE}")
        if path.parent.name not in doubtful
    ]
    if not found:
        raise InputRefused(
            "replay.nothing",
            zh=f"{evidence} 中没有任何已记录的交付。",
            en=f"There are no recorded deliveries in {evidence}.",
        )
    numbers = sorted(number for number, _ in found)
    if numbers != list(range(1, len(found) + 1)):
        raise InputRefused(
            "replay.not_whole",
            zh=f"{evidence} 中的批次不是从 1 起连续且各一份；请先在原平台运行 tanhui prove。",
            en=f"The batches in {evidence} are not 1, 2, 3 and so on, each once; "
            "run `tanhui prove` on the platform they come from.",
        )
    return [folder for _, folder in sorted(found)]


COMMANDS = [replay_command]
