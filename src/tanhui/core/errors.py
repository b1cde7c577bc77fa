"""The one error tree: every error says what happened, why, and what to do, zh and en.

TanhuiError
  InputRefused        what came from outside cannot be taken (400 / 422)
  NotFound            there is no such thing, or not for you (404)
  Gone                it was there, and was destroyed for good because somebody asked (410)
  Conflict            the same key with other content, or a state that forbids it (409)
  Denied              not signed, not allowed (401 / 403)
  TooLarge            over a written limit (413)
  Unavailable         a part we need does not answer; try again (503)
  LibraryBroken       law as data has a mistake: file, line, fix (500 at start-up)
  ProofFailed         an invariant of the books does not hold: an incident (500)
"""

from __future__ import annotations

from typing import Any


class TanhuiError(Exception):
    """An error with a stable `code`, an HTTP `status`, both languages and the values in it."""

    status = 500

    def __init__(self, code: str, *, zh: str, en: str, **values: Any) -> None:
        super().__init__(f"{en} / {zh}")
        self.code = code
        self.zh = zh
        self.en = en
        self.values = values


class InputRefused(TanhuiError):
    """What came from outside cannot be taken; nothing was changed."""

    status = 422


class NotFound(TanhuiError):
    """There is no such thing."""

    status = 404


class Gone(TanhuiError):
    """It was there and cannot come back: the key that opens it was destroyed."""

    status = 410


class Conflict(TanhuiError):
    """The same key came with other content, or the state forbids the act."""

    status = 409


class Denied(TanhuiError):
    """The caller did not prove who it is, or may not do this."""

    status = 401


class TooLarge(TanhuiError):
    """Over a written limit."""

    status = 413


class Unavailable(TanhuiError):
    """A part we need, such as the database, does not answer; what was unfinished did nothing."""

    status = 503


class LibraryBroken(TanhuiError):
    """Law as data has a mistake; the message names file, line and fix."""


class ProofFailed(TanhuiError):
    """An invariant of the books does not hold; a person must look."""
