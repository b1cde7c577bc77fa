"""The receipt of a batch: what came, what became of every row, and where the proof is."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from tanhui.books import queries as books
from tanhui.books.manifest import config_digest
from tanhui.books.models import Batch
from tanhui.core.clock import utc_text
from tanhui.core.errors import Conflict
from tanhui.domain.partners import queries as partners
from tanhui.engine.terms import RECIPIENTS

from .deliveries import Delivery
from .reasons import split_reasons

OTHERS = RECIPIENTS[1:]


def receipt(seq: int, *, repeated: bool = False) -> dict[str, Any]:
    """The receipt of batch `seq`; `counts` add up to `rows`. Raises NotFound."""
    return _receipt(books.batch(seq), repeated=repeated)


def short_receipt(batch: Batch) -> dict[str, Any]:
    """What a list of batches shows of one."""
    whole = _receipt(batch, repeated=False)
    left_out = ("reasons", "shares", "methodologies", "files", "config", "notes")
    return {name: value for name, value in whole.items() if name not in left_out}


def earlier_receipt(partner_id: int, delivery: Delivery) -> dict[str, Any] | None:
    """The receipt this delivery already has, if it came before.

    Raises Conflict when its idempotency key was used for another file.
    """
    own = Batch.objects.filter(partner_id=partner_id)
    same_file = Q(
        feed=delivery.feed.name,
        feed_config_sha256=config_digest(delivery.config),
        source_sha256=delivery.source.sha256,
    )
    if delivery.idempotency_key is not None:
        by_key = own.filter(idempotency_key=delivery.idempotency_key).first()
        if by_key is not None and not own.filter(same_file, seq=by_key.seq).exists():
            raise Conflict(
                "batch.key.other_file",
                zh=f"幂等键“{delivery.idempotency_key}”已用于另一份文件（批次 {by_key.seq}）；"
                "请为新文件换一个键。",
                en=f"The idempotency key '{delivery.idempotency_key}' was used for another file "
                f"(batch {by_key.seq}); use a new key for a new file.",
                batch=by_key.seq,
            )
    batch = own.filter(same_file).first()
    return None if batch is None else _receipt(batch, repeated=True)


def _shares(batch: Batch) -> dict[str, dict[str, int]] | None:
    """Credited and reversed mg of person, platform and operator; None when all is the persons'."""
    figures = batch.buckets.get("shares")
    if not figures:
        return None
    whole = {"credited": batch.mg_credited, "reversed": batch.mg_reversed}
    others = {who: {name: int(figures.get(f"{who}_{name}", 0)) for name in whole} for who in OTHERS}
    person = {name: mg - sum(each[name] for each in others.values()) for name, mg in whole.items()}
    return {"person": person, **others}


def _receipt(batch: Batch, *, repeated: bool) -> dict[str, Any]:
    partner = partners.by_id(batch.partner_id)
    return {
        "batch": batch.seq,
        "public_id": batch.public_id,
        "partner": partner.code,
        "partner_name_zh": partner.name_zh,
        "partner_name_en": partner.name_en,
        "is_demo": partner.is_demo,
        "feed": batch.feed,
        "config": batch.feed_config,
        "source": {
            "name": batch.source_name,
            "sha256": batch.source_sha256,
            "bytes": batch.source_bytes,
        },
        "received_at": utc_text(batch.received_at),
        "rows": batch.n_rows,
        "counts": batch.counts,
        "reasons": split_reasons(batch.reasons),
        "notes": batch.buckets.get("notes", {}),
        "mg_credited": batch.mg_credited,
        "mg_reversed": batch.mg_reversed,
        "shares": _shares(batch),
        "points": batch.points_credited - batch.points_reversed,
        "people": batch.buckets.get("people", 0),
        "first_day": batch.first_day.isoformat() if batch.first_day else None,
        "last_day": batch.last_day.isoformat() if batch.last_day else None,
        "methodologies": batch.methodologies,
        "files": batch.files,
        "digest": batch.digest,
        "repeated": repeated,
    }
