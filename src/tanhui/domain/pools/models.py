"""Tables of pools. A slice stands in one open pool, whatever runs at once; an issue is for good.

The partner, the owner and batches are named by number: rooms never import each other.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Pool(models.Model):
    """Reductions of one city, scene and partner over calendar months, for one owner of units.

    `matter` is the number of the matter that it belongs to; `chain` names region, scene, partner
    and owner: what one pool carries begins the next of the same chain.
    """

    matter = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=6)
    scene = models.CharField(max_length=64)
    partner_id = models.BigIntegerField()
    owner = models.BigIntegerField()
    first_month = models.CharField(max_length=7)
    last_month = models.CharField(max_length=7)
    chain = models.CharField(max_length=160, db_index=True)
    journal_id = models.BigIntegerField(unique=True)
    released_by = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return self.matter


class Slice(models.Model):
    """What one batch credited in one city, scene and month; free again when its pool is cancelled.

    `rows` and `mg` are what the batch credited there, before anything is left out.
    """

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="slices")
    batch = models.BigIntegerField()
    region = models.CharField(max_length=6)
    scene = models.CharField(max_length=64)
    month = models.CharField(max_length=7)
    rows = models.BigIntegerField()
    mg = models.BigIntegerField()
    released_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "region", "scene", "month"],
                condition=Q(released_by__isnull=True),
                name="pools_slice_once",
            )
        ]


class RideFile(models.Model):
    """The keyed digests of a pool's rides, as a command wrote them; the last one counts."""

    pool = models.ForeignKey(Pool, models.PROTECT, related_name="ride_files")
    journal_id = models.BigIntegerField(unique=True)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rides = models.BigIntegerField()
    unread = models.BigIntegerField()


class PoolIssue(models.Model):
    """One issue: the line of milligrams, how it was cut, its trace file; all in mg but `units`.

    `turn` counts the issues of a chain. `kept_part` of `kept_whole` is what the discount left,
    `as_of` the last batch whose corrections were seen. Of `rows` the first `rows_carried` came from
    the pool before; of what was carried in, `withdrawn` lost its mandate since and is in no unit.
    """

    pool = models.OneToOneField(Pool, models.PROTECT, primary_key=True, related_name="issue")
    chain = models.CharField(max_length=160)
    turn = models.IntegerField()
    journal_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    as_of = models.BigIntegerField()
    kept_part = models.BigIntegerField()
    kept_whole = models.BigIntegerField()
    unit_mg = models.BigIntegerField()
    units = models.BigIntegerField()
    rows = models.BigIntegerField()
    rows_carried = models.BigIntegerField()
    people = models.BigIntegerField()
    gathered = models.BigIntegerField()
    taken_back = models.BigIntegerField()
    template = models.BigIntegerField()
    no_mandate = models.BigIntegerField()
    claimed = models.BigIntegerField(default=0, db_default=0)
    discount = models.BigIntegerField()
    carried_in = models.BigIntegerField()
    withdrawn = models.BigIntegerField(default=0, db_default=0)
    owed_in = models.BigIntegerField()
    debts = models.BigIntegerField()
    made_good = models.BigIntegerField()
    carried = models.BigIntegerField()
    owed = models.BigIntegerField()
    trace = models.CharField(max_length=200)
    trace_sha256 = models.CharField(max_length=64)
    methodologies = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "turn"], name="pools_issue_turn"),
            models.CheckConstraint(
                name="pools_issue_conserves",
                condition=Q(
                    gathered=F("discount")
                    + F("debts")
                    + F("owed_in")
                    - F("carried_in")
                    + F("withdrawn")
                    + F("units") * F("unit_mg")
                    + F("carried")
                    - F("owed")
                ),
            ),
        ]


class Settled(models.Model):
    """A row that was taken back after it lay on a line: how much of it was used, how much carried.

    Once for each row, so nobody makes good the same twice.
    """

    issue = models.ForeignKey(PoolIssue, models.PROTECT, related_name="settled")
    batch = models.BigIntegerField()
    row = models.BigIntegerField()
    used = models.BigIntegerField()
    carried = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="pools_settled_once")]
