"""Tables of the sums of system accounts by day; derived from the transfers, never copied."""

from __future__ import annotations

from django.db import models


class SystemDay(models.Model):
    """What went out of and into a system account on a day under one code."""

    pk = models.CompositePrimaryKey("account", "day", "code")
    account = models.ForeignKey(
        "books.Account", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    code = models.CharField(max_length=16)
    debits = models.BigIntegerField()
    credits = models.BigIntegerField()

    class Meta:
        app_label = "books"


class SystemDayMark(models.Model):
    """One row; `upto` (xid8, which Django has no field for) is the first transaction not summed."""

    id = models.SmallIntegerField(primary_key=True)

    class Meta:
        app_label = "books"
        constraints = [
            models.CheckConstraint(name="books_systemdaymark_one", condition=models.Q(id=1))
        ]
