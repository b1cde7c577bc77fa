"""Tables of citizens: a pseudonym, the references partners know it by, and a log-in.

The reference itself (`szt:FIAAAEIFD`, a phone number) is not in the database, only its keyed
digest, so the table alone tells nobody who a person is. Which person a digest belongs to is sealed
under a key of its own (links): with that key the link is gone, in every copy of this table too.
A log-in name is one more such reference (log_ins).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Person(models.Model):
    """A random 62-bit pseudonym; every other table knows a person by it alone."""

    id = models.BigIntegerField(primary_key=True)
    created_at = models.DateTimeField()
    is_demo = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True)


class Identity(models.Model):
    """One reference of one scheme belongs to one person, for good, or to nobody any more.

    `sealed` is the person's number under the link's key, ERASED once the person has left: then the
    digest stays alone, so that the same reference is not taken for somebody new. `owner` is a mark
    by which the person's links are found, with a key of theirs only (links).
    """

    pk = models.CompositePrimaryKey("scheme", "digest")
    scheme = models.CharField(max_length=32)
    digest = models.BinaryField(max_length=32)
    sealed = models.BigIntegerField()
    owner = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["owner"], name="citizens_identity_owner")]


class CitizenLogin(models.Model):
    """The log-in of a person who uses the pages; whose it is, the Identity of its digest says."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="citizen_login"
    )
    digest = models.BinaryField(max_length=32, unique=True)
    is_demo = models.BooleanField(default=False)
