"""Reads of citizens."""

from __future__ import annotations

from dataclasses import dataclass

from tanhui.books.one_row import one_row

from .links import ERASED, pad_of
from .models import CitizenLogin, Person
from .references import LOG_IN, digest_of, log_in_digest, scheme_of

_SEALED = "SELECT sealed FROM citizens_identity WHERE scheme = %s AND digest = %s"


def find(ref: str, *, key: bytes) -> int | None:
    """The person who goes by `ref`, or None; raises InputRefused without a scheme."""
    return _whose(link_of(ref, key=key))


def _whose(link: Link | None) -> int | None:
    """The person at the end of a link, or None."""
    if link is None:
        return None
    row = one_row(_SEALED, [link.scheme, link.digest])
    return None if row is None or row[0] == ERASED else int(row[0] ^ link.pad)


@dataclass(frozen=True)
class Link:
    """Where a reference stands among the identities, and the pad that opens its `sealed`."""

    scheme: str
    digest: bytes
    pad: int


def link_of(ref: str, *, key: bytes) -> Link | None:
    """The link of `ref`, None where it was cut or never made; raises as `find`.

    Whose it is, only the table knows; for a statement that looks there itself.
    """
    return _link(scheme_of(ref), digest_of(ref, key=key))


def _link(scheme: str, digest: bytes) -> Link | None:
    pad = pad_of(digest)
    return None if pad == ERASED else Link(scheme, digest, pad)


def exists(person: int) -> bool:
    """Whether this pseudonym is somebody's."""
    return Person.objects.filter(id=person).exists()


def is_demo(person: int) -> bool:
    """Whether the person is made up for the demonstration."""
    return Person.objects.filter(id=person, is_demo=True).exists()


def person_of_user(user_id: int) -> int | None:
    """The person a log-in may see."""
    mine = CitizenLogin.objects.filter(user_id=user_id).values_list("digest", flat=True).first()
    return None if mine is None else _whose(_link(LOG_IN, bytes(mine)))


def kept_name(name: str, *, key: bytes) -> str:
    """What stands in the database for a log-in name: of a person its digest, else the name."""
    digest = log_in_digest(name, key=key)
    is_person = CitizenLogin.objects.filter(digest=digest, user__username=digest.hex()).exists()
    return digest.hex() if is_person else name


def count() -> int:
    """How many people there are."""
    return Person.objects.count()


def is_erased(person: int) -> bool:
    """Whether the person has left."""
    return Person.objects.filter(id=person, erased_at__isnull=False).exists()


def erased() -> list[int]:
    """Everybody who has left."""
    return list(Person.objects.filter(erased_at__isnull=False).values_list("id", flat=True))
