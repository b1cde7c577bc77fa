"""Tables of citizens: a pseudonym, the references partners know it by, and a log-in.

The reference itself (`szt:FIAAAEIFD`, a phone number) is not in the database, only its keyed
digest, so the table alone tells nobody who a person is.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Person(models.Model):
    """A random 62-bit pseudonym; every other table knows a person by it alone."""

    id = models.BigIntegerField(primary_key=True)
    created_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)


class Identity(models.Model):
    """One reference of one scheme belongs to one person, for good.

    Written together with its person in one statement, so no foreign key is checked per row; and
    nothing looks a reference up by its person, so that costs no index.
    """

    pk = models.CompositePrimaryKey("scheme", "digest")
    scheme = models.CharField(max_length=32)
    digest = models.BinaryField(max_length=32)
    person = models.ForeignKey(
        Person,
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="identities",
    )


class CitizenLogin(models.Model):
    """The log-in of a person who uses the pages."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="citizen_login"
    )
    person = models.OneToOneField(Person, models.PROTECT, related_name="login")
