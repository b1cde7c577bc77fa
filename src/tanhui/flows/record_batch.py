"""Record one partner file: read, land, settle, seal the evidence, post - or change nothing.

Batches are settled one after another under the intake lock, because arrival order decides
duplicates, overlaps and caps. The evidence is sealed before the one transaction that makes the
batch true; a crash in between leaves a folder nobody names, swept by the next intake.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
from django.db import connection, transaction
from django.db.models import Max

from tanhui.books import evidence
from tanhui.books.locks import intake_lock
from tanhui.books.manifest import BatchManifest
from tanhui.books.models import Batch
from tanhui.books.posting import PointsRule, head, post_batch
from tanhui.books.sealed_source import SOURCE_FILE as SEALED_FILE
from tanhui.books.sealed_source import SealedWriter
from tanhui.books.sealing import sealer
from tanhui.core.period import day_of
from tanhui.domain.feeds.services import forget
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.landing import FeedChunk, FeedState
from tanhui.engine.batch.laws import law_of
from tanhui.engine.batch.limits import WAITING_DAYS_MAX
from tanhui.engine.batch.parts import PartJob
from tanhui.engine.batch.run import BatchOutcome, Rules
from tanhui.engine.batch.schedulers.process import InProcess
from tanhui.engine.batch.schedulers.seam import Scheduler, settle_batch
from tanhui.engine.batch.spool import Spool
from tanhui.engine.batch.status import Status

from .committed_rows import BatchNames
from .consent_gate import ConsentGate
from .deliveries import Delivery, keep_delivery, keep_source
from .frozen_law import refuse_changed_law
from .history import past_batches, past_law
from .landing import Landing
from .platform import Platform
from .quarantine import OutcomeFiles
from .reasons import settled_reason
from .receipts import earlier_receipt, receipt
from .row_tree import TreeHead, build_tree
from .sealed_law import seal_law
from .source_keeping import SourceKeeper
from .waiting import Waiting

SPOOL_FILE = "landed.arrow"

Progress = Callable[[str, int], None]
"""Hears (stage, rows done in it): stage `read` or `settle`."""


def record_batch(
    platform: Platform,
    delivery: Delivery,
    progress: Progress = lambda stage, rows: None,
    *,
    lock_wait_s: int | None = None,
    scheduler: Scheduler | None = None,
) -> dict[str, Any]:
    """Take the file in and return its receipt; the same file again returns the first receipt.

    `scheduler` settles the parts of the batch; without one, this process does.
    Raises InputRefused / TooLarge when the whole file is refused, Conflict when the idempotency
    key came with another file or a version of law already used was changed, Unavailable when other
    intakes took longer than `lock_wait_s`; in all cases nothing was changed.
    """
    partner = partners.get(delivery.partner)
    known = earlier_receipt(partner.pk, delivery)  # a repeat need not wait for other intakes
    if known is not None:
        return known
    with intake_lock(connection, wait_s=lock_wait_s):
        known = earlier_receipt(partner.pk, delivery)
        if known is not None:
            return known
        evidence.sweep(platform.home, set(Batch.objects.values_list("public_id", flat=True)))
        staged, scratch = evidence.stage(platform.home), evidence.stage(platform.home)
        try:
            kept = keep_source(delivery, scratch)
            intake = _Intake(platform, kept, partner, staged)
            intake.run(scratch, scheduler or InProcess(), progress)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
            shutil.rmtree(scratch, ignore_errors=True)
        return receipt(head().seq)


class _Intake:
    """The working state of one intake."""

    def __init__(
        self, platform: Platform, delivery: Delivery, partner: Partner, staged: Path
    ) -> None:
        self.platform = platform
        self.delivery = delivery
        self.partner = partner
        self.received_at = platform.clock()
        gate = ConsentGate(partner, self.received_at, delivery.without_consent)
        received_ms = int(self.received_at.timestamp() * 1000)
        self.landing = Landing(platform, partner, gate, received_ms=received_ms)
        self.staged = staged
        self.keys = platform.people_keys
        self.waiting = Waiting(partner.pk, delivery.feed.name, self.keys)
        self.rows = 0
        self.state = FeedState([], [])
        self.raws: list[tuple[int, Callable[[int], bytes]]] = []  # (last row, bytes of a row)

    def run(self, scratch: Path, scheduler: Scheduler, progress: Progress) -> None:
        """Read, settle, seal and post."""
        seq = head().seq + 1
        how = sealer(self.platform.seal)
        with (
            OutcomeFiles(self.staged) as outcomes,
            SealedWriter(self.staged / SEALED_FILE, seq, self.keys, how) as writer,
        ):
            self.keeper = SourceKeeper(self.delivery.source, writer)
            with Spool(scratch / SPOOL_FILE) as spool:
                self._read(spool, outcomes, progress)
                refuse_changed_law(self.landing.methods)
            cut = self._settle(self._job(spool, seq), scheduler, outcomes, progress)
            self.keeper.finish()
        self._seal_and_post(seq, outcomes, cut)

    def _read(self, spool: Spool, outcomes: OutcomeFiles, progress: Progress) -> None:
        self._forget_expired()
        for part in self.delivery.feed.read(self.delivery.source, self.waiting.open):
            if isinstance(part, FeedState):
                self.state = part
                continue
            self._land(part, spool, outcomes)
            progress("read", part.rows)

    def _forget_expired(self) -> None:
        """Delete what has waited longer than WAITING_DAYS_MAX, whatever becomes of this file."""
        since = self.received_at - timedelta(days=WAITING_DAYS_MAX)
        last = Batch.objects.filter(received_at__lt=since).aggregate(seq=Max("seq"))["seq"]
        if last is not None:
            forget(self.partner.pk, self.delivery.feed.name, upto_batch=last)

    def _land(self, chunk: FeedChunk, spool: Spool, outcomes: OutcomeFiles) -> None:
        first_row = self.rows + 1
        self.rows += chunk.rows
        self.raws.append((self.rows, chunk.raw))
        columns, set_aside = self.landing.land(chunk.events)
        nobody = -self.keeper.writer.batch
        whose = self.landing.owners(chunk, first_row, columns, nobody=nobody)
        self.keeper.keep(chunk, first_row, whose)
        refused = [*outcomes.add(chunk.outcomes), *outcomes.add(set_aside)]
        self.keeper.show((row, chunk.raw(row)) for row in refused)
        spool.add(columns)

    def raw(self, row: int) -> bytes:
        """The original bytes of a row of any chunk."""
        return next(raw for last, raw in self.raws if row <= last)(row)

    def _job(self, spool: Spool, seq: int) -> PartJob:
        """What settling needs, as a value."""
        landing, library = self.landing, self.platform.library
        before = past_law(self.platform, landing.methods, set(landing.scenes))
        rules = Rules(
            landing.methods,
            [library.form(method) for method in landing.methods],
            self.platform.points,
            scenes=landing.scenes,
            past=[law_of(method, None, landing.scenes) for method in before.methods],
            received_ms=int(self.received_at.timestamp() * 1000),
        )
        past = past_batches(self.platform.evidence, landing.scenes, before, rules.laws)
        return PartJob(
            landed=spool.landed(),
            rules=rules,
            history=past.read,
            scratch=spool.path.parent,
            batch=seq,
        )

    def _settle(
        self, job: PartJob, scheduler: Scheduler, outcomes: OutcomeFiles, progress: Progress
    ) -> tuple[BatchOutcome, dict[str, Any]]:
        """Settle every bucket; returns what it adds up to and how the files are cut."""
        settled = settle_batch(job, scheduler, self.staged, lambda rows: progress("settle", rows))
        self._count(settled.outcome, outcomes)
        return settled.outcome, {
            "scenes": list(self.landing.scenes),
            "parts": settled.parts,
            "reversals": settled.reversals,
            "people": self.landing.people,
            **_shares_of(settled.outcome),
        }

    def _count(self, outcome: BatchOutcome, outcomes: OutcomeFiles) -> None:
        """Add the settled rows to the counts; rejected ones keep their bytes."""
        for (status, detail, method), rows in outcome.counts.items():
            outcomes.counts[status.label] += rows
            named = self.landing.methods[method] if method >= 0 else None
            reason = settled_reason(status, detail, named)
            if reason:
                outcomes.reasons[f"{status.label}/{reason}"] += rows
        refused = outcomes.keep(
            [
                (row, settled_reason(Status.REJECTED, detail, None))
                for row, detail in outcome.rejected
            ]
        )
        self.keeper.show((row, self.raw(row)) for row in refused)

    def _seal_and_post(
        self, seq: int, outcomes: OutcomeFiles, cut: tuple[BatchOutcome, dict[str, Any]]
    ) -> None:
        """Seal the evidence, then make the batch true in one transaction."""
        keep_delivery(
            self.staged, self.delivery, self.partner, batch=seq, received_at=self.received_at
        )
        seal_law(self.staged, self.landing.methods, self.platform.rulesets)
        tree = self._tree(seq, cut[1])
        people = self.landing.whose(pl.Series([row.person for row in self.state.waiting]))
        sealed = self.waiting.seal(seq, self.state, people, sealer(self.platform.seal))
        self.keys.sync()
        public_id = uuid4().hex
        files = evidence.seal(self.staged, public_id)
        if self.platform.store is not None:  # before anything says that the batch exists
            self.platform.store.keep(public_id, self.platform.evidence / public_id, files)
        outcome, buckets = cut
        manifest = BatchManifest(
            seq=seq,
            public_id=public_id,
            uri=public_id,
            files=files,
            buckets=buckets | {"notes": dict(self.state.notes), "sealed": self.keeper.manner},
            counts=_without_zeros(outcomes.counts),
            reasons=_without_zeros(outcomes.reasons),
            first_day=day_of(outcome.days[0]) if outcome.days else None,
            last_day=day_of(outcome.days[1]) if outcome.days else None,
            prev_digest=head().digest,
            root=tree.root,
            leaves=tree.leaves,
            **asdict(outcome.sums),
            **self._provenance(),
        )
        totals = outcome.total(list(self.landing.scenes))
        rules = PointsRule(
            self.platform.programme,
            self.platform.points_valid_years,
            people_min=self.platform.people_min,
        )
        with transaction.atomic():
            post_batch(
                connection,
                batch=manifest,
                totals=totals,
                shares=outcome.shares.frame(list(self.landing.scenes)),
                rules=rules,
                actor=self.delivery.actor,
            )
            self.waiting.settle(seq, self.state, sealed)
        evidence.settled(self.platform.home, public_id)

    def _tree(self, seq: int, cut: dict[str, Any]) -> TreeHead:
        """Commit to every row; the keys that open them are on disk first."""
        names = BatchNames(seq, cut["scenes"], self._named_law())
        return build_tree(self.staged, names, cut, rows=self.rows, keys=self.keys)

    def _named_law(self) -> list[dict[str, str]]:
        return [
            {"code": m.code, "version": m.version, "digest": m.digest} for m in self.landing.methods
        ]

    def _provenance(self) -> dict[str, Any]:
        """What came, from whom, and the law and code that answered."""
        delivery = self.delivery
        return {
            "partner_id": self.partner.pk,
            "feed": delivery.feed.name,
            "feed_config": delivery.config,
            "source_name": delivery.source.name,
            "source_sha256": delivery.source.sha256,
            "source_bytes": delivery.source.size,
            "idempotency_key": delivery.idempotency_key,
            "received_at": self.received_at,
            "n_rows": self.rows,
            "methodologies": self._named_law(),
            "code_version": self.platform.code_version,
        }


def _shares_of(outcome: BatchOutcome) -> dict[str, dict[str, int]]:
    """What the manifest says of shares; nothing when every reduction is the person's."""
    figures = dict(outcome.shares.figures())
    return {"shares": figures} if figures else {}


def _without_zeros(counts: Counter[str]) -> dict[str, int]:
    return {name: rows for name, rows in sorted(counts.items()) if rows}
