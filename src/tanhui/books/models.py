"""Tables of the books: what may never mix, who holds it, what moved, and what proves it.

Two rules shape them (design: books). One row per movement, so it balances by construction; and
no foreign keys from the bulk tables, because they cost four times the insert: the writer checks
the accounts and `proofs` counts them again. Transfer, journal and batch are append-only by
trigger; a correction is a transfer in the other direction that names what it reverses.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

PERSON = "person"
SYSTEM = "system"
PARTNER = "partner"
OPERATOR = "operator"
HOLDER_ROLE = "holder"
SHARE_ROLE = "share"  # of a partner or the operator: what a methodology allocates to it

CREDIT = "credit"  # a reduction, from its source to its holder
EARN = "earn"  # points, from their issuer to their holder; each belongs to a lot
REVERSE = "reverse"  # either of them, taken back
MOVE = "move"  # one movement of any asset, on somebody's order
SPEND = "spend"  # the same, to a system account
SETTLE = "settle"  # out of a hold that was posted
LAPSE = "lapse"  # points whose day came
UNDO = "undo"  # one of the four above, taken back by its own number

USE = "use"  # a reduction that went into a unit, marked on its holder's second account
UNUSE = "unuse"  # the mark of a reduction that was taken back, once others made it good

MG = "mg"
MG_USED = "mg_used"  # of a holder's mg, what stands in units
POINTS = "points"
CREDIT_UNIT = "unit"  # of a programme, with a serial number
PIECE = "piece"  # of an item in stock
MG_DONATED = "mg-donated"  # of reductions that their holder gave away
FEN = "fen"  # of renminbi that is owed to somebody


class Asset(models.Model):
    """What may never mix: `reduction:420100` in mg, `points:<programme>` in points."""

    id = models.AutoField(primary_key=True)
    code = models.CharField(max_length=80, unique=True)
    unit = models.CharField(max_length=16)
    scale = models.SmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """One owner's place for one asset; system accounts have no stored balance.

    A system account's role says where the asset comes from: `measured:metro`, `issued:metro`.
    """

    owner_id = models.BigIntegerField()
    asset = models.ForeignKey(Asset, models.DO_NOTHING, db_constraint=False, db_index=False)
    owner_kind = models.CharField(max_length=16)
    role = models.CharField(max_length=40)
    floor_zero = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_id", "asset", "owner_kind", "role"], name="books_account_once"
            )
        ]


class Journal(models.Model):
    """One business act; the same key with the same request gives the first answer."""

    idempotency_key = models.CharField(max_length=200, unique=True)
    verb = models.CharField(max_length=60)
    actor = models.CharField(max_length=120)
    at = models.DateTimeField()
    request_hash = models.BinaryField(max_length=32)
    detail = models.JSONField(default=dict)
    rules = models.CharField(max_length=80, default="", db_default="")


class Transfer(models.Model):
    """One movement of `amount` from the debit account to the credit account.

    The table is partitioned by month of `effective_day`. The id is the journal's number times
    2**32 plus the place in the act: unique by construction, without a counter or an index. A
    holder's statement has an index by credit account, which leaves out earned points (their
    lots lead to them) and what system accounts receive, and one by debit account. `origin` is
    what a reversal takes back: of `reverse` the batch, of `undo` the transfer.
    """

    pk = models.CompositePrimaryKey("effective_day", "id")
    id = models.BigIntegerField()
    journal = models.ForeignKey(
        Journal, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="transfers"
    )
    debit_account = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="debits"
    )
    credit_account = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="credits"
    )
    amount = models.BigIntegerField()
    origin = models.BigIntegerField(null=True)
    asset = models.ForeignKey(Asset, models.DO_NOTHING, db_constraint=False, db_index=False)
    effective_day = models.DateField()
    n_events = models.IntegerField()
    code = models.CharField(max_length=16)


class Balance(models.Model):
    """What a holder has: credits - debits, of which `held` is spoken for."""

    account = models.OneToOneField(
        Account, models.DO_NOTHING, primary_key=True, db_constraint=False
    )
    debits = models.BigIntegerField()
    credits = models.BigIntegerField()
    held = models.BigIntegerField()
    floor_zero = models.BooleanField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="books_balance_not_negative",
                condition=Q(debits__gte=0) & Q(credits__gte=0) & Q(held__gte=0),
            ),
            models.CheckConstraint(
                name="books_balance_floor",
                condition=Q(floor_zero=False) | Q(credits__gte=F("debits") + F("held")),
            ),
        ]


class Lot(models.Model):
    """Points earned on one day by one act from one source; spending takes the oldest first."""

    pk = models.CompositePrimaryKey("account_id", "earned_on", "journal_id", "source_id")
    account = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lots"
    )
    source = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lots_issued"
    )
    journal = models.ForeignKey(
        Journal, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="lots"
    )
    earned_on = models.DateField()
    expires_on = models.DateField()
    amount = models.BigIntegerField()
    left = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="books_lot_left_inside",
                condition=Q(left__gte=0) & Q(left__lte=F("amount")),
            )
        ]


class LotUse(models.Model):
    """What one transfer took out of one lot, so that its reversal gives back the same points."""

    pk = models.CompositePrimaryKey("transfer", "lot_journal", "earned_on", "source")
    transfer = models.BigIntegerField()
    lot_journal = models.ForeignKey(
        Journal, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    source = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    earned_on = models.DateField()
    expires_on = models.DateField()
    amount = models.BigIntegerField()


OPEN, POSTED, VOIDED, EXPIRED = "open", "posted", "voided", "expired"


class Hold(models.Model):
    """An amount spoken for on one account: reserved, then posted, voided or expired, once.

    The id is made like a transfer's. Posting may take less than the hold; the rest is free again.
    """

    id = models.BigIntegerField(primary_key=True)
    journal = models.ForeignKey(
        Journal, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    account = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    amount = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8)
    posted = models.BigIntegerField(default=0, db_default=0)
    closed_by = models.ForeignKey(
        Journal, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(  # one, and short: each insert reads its checks anew
                name="books_hold_state",
                condition=Q(amount__gt=0, posted=0, state=OPEN, closed_by__isnull=True)
                | Q(posted__gte=0, posted__lte=F("amount"), closed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state=OPEN, expires_at__isnull=False),
                name="books_hold_expiring",
            )
        ]


class Reversal(models.Model):
    """One act taken back by another; an act is taken back at most once."""

    reversed = models.OneToOneField(
        Journal, models.PROTECT, primary_key=True, related_name="reversal"
    )
    journal = models.ForeignKey(Journal, models.PROTECT, related_name="reverses")


class Batch(models.Model):
    """The manifest of one intake: what came, what became of it, and the evidence that proves it.

    `digest` is the SHA-256 of the canonical manifest, which contains `prev_digest`: the batches
    form a chain, and `seq` counts 1, 2, 3 without gaps.
    """

    seq = models.BigIntegerField(primary_key=True)
    public_id = models.CharField(max_length=40, unique=True)
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="batch")
    partner_id = models.BigIntegerField(db_index=True)
    feed = models.CharField(max_length=60)
    feed_config = models.JSONField()
    feed_config_sha256 = models.CharField(max_length=64)
    source_name = models.CharField(max_length=255)
    source_sha256 = models.CharField(max_length=64)
    source_bytes = models.BigIntegerField()
    idempotency_key = models.CharField(max_length=120, null=True)
    received_at = models.DateTimeField()
    n_rows = models.BigIntegerField()
    counts = models.JSONField()
    reasons = models.JSONField()
    mg_credited = models.BigIntegerField()
    mg_reversed = models.BigIntegerField()
    points_credited = models.BigIntegerField()
    points_reversed = models.BigIntegerField()
    n_events = models.BigIntegerField()
    methodologies = models.JSONField()
    uri = models.CharField(max_length=200)
    files = models.JSONField()
    buckets = models.JSONField()
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    code_version = models.CharField(max_length=60)
    prev_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    root = models.CharField(max_length=64, default="", db_default="")
    leaves = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner_id", "feed", "feed_config_sha256", "source_sha256"],
                name="books_batch_source_once",
            ),
            models.UniqueConstraint(
                fields=["partner_id", "idempotency_key"], name="books_batch_key_once"
            ),
            models.CheckConstraint(
                name="books_batch_sums",
                condition=Q(seq__gte=1)
                & Q(n_rows__gte=0)
                & Q(mg_credited__gte=0)
                & Q(mg_reversed__gte=0)
                & Q(points_credited__gte=0)
                & Q(points_reversed__gte=0),
            ),
        ]


class LogEntry(models.Model):
    """What the public log says of one act: canonical JSON without personal data."""

    journal = models.OneToOneField(Journal, models.PROTECT, related_name="log_entry")
    at = models.DateTimeField()
    body = models.BinaryField(max_length=65_535)


class LogPlace(models.Model):
    """Where an entry stands in a log; given once, in the order in which entries are seen."""

    entry = models.OneToOneField(LogEntry, models.PROTECT, primary_key=True, related_name="place")
    year = models.SmallIntegerField()
    index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["year", "index"], name="books_log_place_once"),
            models.CheckConstraint(name="books_log_place_index", condition=Q(index__gte=0)),
        ]


HELD = "held"
LOCKED = "locked"  # by a court, an authority, or because another registry recognised it
PLEDGED = "pledged"
LISTED = "listed"
RETIRED = "retired"
CANCELLED = "cancelled"


class Issue(models.Model):
    """Units brought into being by one act: a run of serials that its blocks tile for ever.

    What the units are is written here once: `product` as its market calls it, the `region` whose
    registry stands for it, the days on which the reductions arose, and the matter they came from.
    Empty where nobody said; a rule that needs to know then refuses.
    """

    journal = models.OneToOneField(Journal, models.PROTECT, primary_key=True, related_name="issue")
    asset = models.ForeignKey(Asset, models.PROTECT)
    batch = models.CharField(max_length=120, unique=True)
    serials = BigIntegerRangeField()
    region = models.CharField(max_length=6, default="", db_default="")
    product = models.CharField(max_length=40, default="", db_default="")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    source = models.CharField(max_length=40, default="", db_default="")
    is_demo = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="books_issue_no_overlap", expressions=[("serials", RangeOperators.OVERLAPS)]
            )
        ]


class CreditBlock(models.Model):
    """Neighbouring units with one owner and one state; a change closes it and opens others.

    Open blocks never overlap; closed ones stay as the lineage. `parents` are the blocks it came
    from: none for the first of an issue, several after a merge.
    """

    id = models.BigAutoField(primary_key=True)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="blocks")
    serials = BigIntegerRangeField()
    owner = models.ForeignKey(Account, models.PROTECT, related_name="blocks")
    state = models.CharField(max_length=16)
    opened_by = models.ForeignKey(Journal, models.PROTECT, related_name="blocks_opened")
    closed_by = models.ForeignKey(Journal, models.PROTECT, null=True, related_name="blocks_closed")
    parents = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="books_block_no_overlap",
                expressions=[("serials", RangeOperators.OVERLAPS)],
                condition=Q(closed_by__isnull=True),
            ),
            models.CheckConstraint(
                name="books_block_state",
                condition=Q(state__in=[HELD, LOCKED, PLEDGED, LISTED, RETIRED, CANCELLED]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner", "state"],
                condition=Q(closed_by__isnull=True),
                name="books_block_owner",
            )
        ]


class Certificate(models.Model):
    """What may be shown of a retirement: a signed credential, under a token nobody can guess."""

    token = models.CharField(max_length=32, primary_key=True)
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="certificate")
    credential = models.JSONField()
    jwt = models.TextField()


from .incident_models import Incident  # noqa: E402, F401 - Django looks for tables here
from .restore_models import Restored  # noqa: E402, F401
from .system_day_models import SystemDay, SystemDayMark  # noqa: E402, F401
